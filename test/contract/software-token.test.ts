import {
  AdminDeleteSoftwareTokenCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AssociateSoftwareTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import {
  type Authenticator,
  authenticator,
  createMfaPool,
  ON,
  PREFERRED,
  registerAuthenticator,
  setPoolFactors,
  setPreference,
} from '../support/mfa.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

const WRONG = 'EnableSoftwareTokenMFAException: Code mismatch and fail enable Software Token MFA';
const USED = 'EnableSoftwareTokenMFAException: Your software token has already been used once.';
const NOT_IN_POOL =
  'SoftwareTokenMFANotFoundException: Software Token MFA has not been enabled by the userPool';
const NO_APP = 'SoftwareTokenMFANotFoundException: Software Token MFA does not exist for the user.';
const ONE_OF = 'InvalidParameterException: Either AccessToken or Session must be given, and not both.';

let house: House;
let pool: string;
let app: { ClientId: string };
let name: string;
let token: string;
let count = 0;

beforeAll(async () => {
  house = await openHouse();
  pool = await createMfaPool(house, 'OPTIONAL', ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
  app = await house.createClient(pool);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  count += 1;
  name = `user-${count}`;
  const verified = { email: `${name}@example.com`, email_verified: 'true', phone_number: '+15550100' };
  await house.createUser(pool, name, attributeList(verified));
  token = (await signIn(house, app.ClientId, name)).AccessToken;
});

const associate = (AccessToken = token) => house.sdk.send(new AssociateSoftwareTokenCommand({ AccessToken }));
const newApp = async () => authenticator(house, (await associate()).SecretCode as string);
const verify = (UserCode: string, FriendlyDeviceName?: string) =>
  house.sdk.send(new VerifySoftwareTokenCommand({ AccessToken: token, UserCode, FriendlyDeviceName }));
const turnOn = () => setPreference(house, token, { SoftwareTokenMfaSettings: ON });
const remove = (Username = name) =>
  house.sdk.send(new AdminDeleteSoftwareTokenCommand({ UserPoolId: pool, Username }));

const startSignIn = (ClientId = app.ClientId) =>
  house.sdk.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: name, PASSWORD },
    }),
  );
/** A whole sign-in, in which the authenticator app is asked for. */
async function signInWith(code: string) {
  const { ChallengeName, Session } = await startSignIn();
  expect(ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  const { AuthenticationResult } = await house.sdk.send(
    new RespondToAuthChallengeCommand({
      ClientId: app.ClientId,
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      Session,
      ChallengeResponses: { USERNAME: name, SOFTWARE_TOKEN_MFA_CODE: code },
    }),
  );
  return AuthenticationResult;
}
const shown = async () => {
  const answer = await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username: name }));
  const { PreferredMfaSetting, UserMFASettingList } = answer;
  return { PreferredMfaSetting, UserMFASettingList };
};

describe('AssociateSoftwareToken', () => {
  it('hands out a new seed each time, and no Session [Q]', async () => {
    const { $metadata: _, ...first } = await associate();
    expect(first).toEqual({ SecretCode: expect.stringMatching(/^[A-Z2-7]{52}$/) });
    expect((await associate()).SecretCode).not.toBe(first.SecretCode);
  });

  it('changes nothing by itself', async () => {
    await associate();
    expect(await refusal(turnOn())).toMatch('does not have delivery config set');
    expect(await signIn(house, app.ClientId, name)).toBeDefined();
  });

  it('wants an access token or a Session', async () => {
    const send = (input: { AccessToken?: string; Session?: string }) =>
      house.sdk.send(new AssociateSoftwareTokenCommand(input));
    const Session = 'not a session of this server';
    expect(await refusal(send({}))).toBe(ONE_OF);
    expect(await refusal(send({ AccessToken: token, Session }))).toBe(ONE_OF);
    expect(await refusal(send({ Session }))).toBe('NotAuthorizedException: Invalid session for the user.');
    expect(await refusal(associate('x'))).toBe('NotAuthorizedException: Invalid Access Token');
  });
});

describe('VerifySoftwareToken', () => {
  it('registers the app, and leaves it to the user to switch it on [Q]', async () => {
    const phone = await newApp();
    const { $metadata: _, ...answer } = await verify(await phone.code());
    expect(answer).toEqual({ Status: 'SUCCESS' });
    expect(await shown()).toEqual({});
    expect((await startSignIn()).ChallengeName).toBeUndefined();
    await turnOn();
    expect(await shown()).toEqual({ UserMFASettingList: ['SOFTWARE_TOKEN_MFA'] });
    expect(await signInWith(await phone.code())).toBeDefined();
  });

  it.each([-1, 1])('bears a phone whose clock is off by half a minute: %i', async (steps) => {
    const phone = await newApp();
    expect((await verify(await phone.codeIn(steps))).Status).toBe('SUCCESS');
  });

  it('refuses a wrong code, and takes the right one after it [Q]', async () => {
    const phone = await newApp();
    expect(await refusal(verify(await phone.wrongCode()))).toBe(WRONG);
    expect(await refusal(turnOn())).toMatch('does not have delivery config set');
    expect((await verify(await phone.code())).Status).toBe('SUCCESS');
  });

  it('refuses a code of an older seed', async () => {
    const older = await newApp();
    await newApp();
    expect(await refusal(verify(await older.code()))).toBe(WRONG);
  });

  it('refuses a user who has begun nothing', async () => {
    expect(await refusal(verify('123456'))).toBe(NO_APP);
  });

  it.each(['12345', '1234567', 'abcdef', ''])('does not look at %j', async (code) => {
    await newApp();
    expect(await refusal(verify(code))).toMatch(/^InvalidParameterException: .* detected: /);
  });

  it('uses the code up: it signs nobody in, and the next one does [Q]', async () => {
    const phone = await newApp();
    const code = await phone.code();
    await verify(code);
    await turnOn();
    expect(await refusal(signInWith(code))).toBe(
      'ExpiredCodeException: Your software token has already been used once.',
    );
    expect(await signInWith(await phone.code())).toBeDefined();
  });

  it('can be repeated by who missed the answer, with the next code', async () => {
    const phone = await newApp();
    const code = await phone.code();
    await verify(code);
    expect(await refusal(verify(code))).toBe(USED);
    expect((await verify(await phone.code())).Status).toBe('SUCCESS');
    expect(await refusal(verify(await phone.wrongCode()))).toBe(WRONG);
  });

  it('takes a code once, whoever sends it at the same moment', async () => {
    const phone = await newApp();
    const code = await phone.code();
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => verify(code)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('keeps the name that the user gave the app', async () => {
    await registerAuthenticator(house, token, 'Ann’s phone');
    await turnOn();
    expect((await startSignIn()).ChallengeParameters).toEqual({
      FRIENDLY_DEVICE_NAME: 'Ann’s phone',
      USER_ID_FOR_SRP: name,
    });
    await registerAuthenticator(house, token);
    expect((await startSignIn()).ChallengeParameters).toEqual({ USER_ID_FOR_SRP: name });
  });

  it('refuses a name that no one would read', async () => {
    const phone = await newApp();
    expect(await refusal(verify(await phone.code(), 'x'.repeat(2049)))).toBe(
      'InvalidParameterException: FriendlyDeviceName must be no longer than 2048 characters.',
    );
  });

  it('wants an access token or a Session', async () => {
    const send = (input: { AccessToken?: string; Session?: string }) =>
      house.sdk.send(new VerifySoftwareTokenCommand({ ...input, UserCode: '123456' }));
    const Session = 'not a session of this server';
    expect(await refusal(send({}))).toBe(ONE_OF);
    expect(await refusal(send({ AccessToken: token, Session }))).toBe(ONE_OF);
    expect(await refusal(send({ Session }))).toBe('NotAuthorizedException: Invalid session for the user.');
  });

  it('refuses a user who has to reset their password', async () => {
    const phone = await newApp();
    // A token that outlives the reset is what an intruder would have.
    await house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: name }));
    expect(await refusal(verify(await phone.code()))).toBe(
      'PasswordResetRequiredException: Password reset required for the user',
    );
  });
});

describe('a second app', () => {
  let old: Authenticator;
  beforeEach(async () => {
    old = await registerAuthenticator(house, token);
    await turnOn();
  });

  it('takes the place of the first when its code was seen, and not before [D]', async () => {
    const next = await newApp();
    expect(await signInWith(await old.code())).toBeDefined();
    expect(await refusal(verify(await old.code()))).toBe(WRONG);
    expect(await signInWith(await old.code())).toBeDefined();
    await verify(await next.code());
    const wrong = 'CodeMismatchException: Invalid code received for user';
    expect(await refusal(signInWith(await old.code()))).toBe(wrong);
    expect(await signInWith(await next.code())).toBeDefined();
    expect(await shown()).toEqual({ UserMFASettingList: ['SOFTWARE_TOKEN_MFA'] });
  });
});

describe('a pool without authenticator apps', () => {
  it.each(['OPTIONAL', 'OFF'] as const)('refuses them: MFA %s', async (configured) => {
    const id = await createMfaPool(house, 'OPTIONAL', ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
    const { ClientId } = await house.createClient(id);
    await house.createUser(id, name);
    token = (await signIn(house, ClientId, name)).AccessToken;
    const phone = await newApp();
    await setPoolFactors(house, id, configured, configured === 'OFF' ? [] : ['SMS_MFA']);
    expect(await refusal(associate())).toBe(NOT_IN_POOL);
    expect(await refusal(verify(await phone.code()))).toBe(NOT_IN_POOL);
  });

  it('keeps those that were set up for when they are back', async () => {
    const id = await createMfaPool(house, 'OPTIONAL', ['SOFTWARE_TOKEN_MFA']);
    const { ClientId } = await house.createClient(id);
    await house.createUser(id, name);
    token = (await signIn(house, ClientId, name)).AccessToken;
    await registerAuthenticator(house, token);
    await turnOn();
    await setPoolFactors(house, id, 'OFF', []);
    expect((await startSignIn(ClientId)).ChallengeName).toBeUndefined();
    const { UserMFASettingList } = await house.sdk.send(new GetUserCommand({ AccessToken: token }));
    expect(UserMFASettingList).toEqual(['SOFTWARE_TOKEN_MFA']);
    await setPoolFactors(house, id, 'OPTIONAL', ['SOFTWARE_TOKEN_MFA']);
    expect((await startSignIn(ClientId)).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  });
});

describe('AdminDeleteSoftwareToken', () => {
  it('removes the app and the wish to be asked for it [D]', async () => {
    await registerAuthenticator(house, token);
    await setPreference(house, token, { SoftwareTokenMfaSettings: PREFERRED });
    const { $metadata: _, ...answer } = await remove();
    expect(answer).toEqual({});
    expect(await shown()).toEqual({});
    expect((await startSignIn()).ChallengeName).toBeUndefined();
    expect(await refusal(turnOn())).toMatch('does not have delivery config set');
  });

  it('leaves the other factors alone [D]', async () => {
    await registerAuthenticator(house, token);
    await setPreference(house, token, { SoftwareTokenMfaSettings: ON, SMSMfaSettings: PREFERRED });
    await remove();
    expect(await shown()).toEqual({ PreferredMfaSetting: 'SMS_MFA', UserMFASettingList: ['SMS_MFA'] });
  });

  it('ends a set-up that has begun', async () => {
    const phone = await newApp();
    await remove();
    expect(await refusal(verify(await phone.code()))).toBe(NO_APP);
  });

  it('of a user without an app changes nothing', async () => {
    await remove();
    await setPreference(house, token, { SMSMfaSettings: PREFERRED });
    await remove();
    expect(await shown()).toEqual({ PreferredMfaSetting: 'SMS_MFA', UserMFASettingList: ['SMS_MFA'] });
  });

  it('of an unknown user, or in an unknown pool, says so', async () => {
    expect(await refusal(remove('nobody'))).toBe('UserNotFoundException: User does not exist.');
    const elsewhere = { UserPoolId: 'us-east-1_nowhere', Username: name };
    expect(await refusal(house.sdk.send(new AdminDeleteSoftwareTokenCommand(elsewhere)))).toBe(
      'ResourceNotFoundException: User pool us-east-1_nowhere does not exist.',
    );
  });
});
