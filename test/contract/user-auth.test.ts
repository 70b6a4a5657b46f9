import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminInitiateAuthCommand,
  AdminResetUserPasswordCommand,
  AdminRespondToAuthChallengeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { PREFERRED, registerAuthenticator, setPoolFactors, setPreference } from '../support/mfa.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, secretHash } from '../support/sign-in.ts';
import { srpClient } from '../support/srp-client.ts';
import {
  asStep,
  choiceCalls,
  createChoiceClient,
  createPasswordless,
  firstFactors,
  openChoicePool,
  shown,
} from '../support/user-auth.ts';

const WRONG = 'NotAuthorizedException: Incorrect username or password.';
const INVALID_SESSION = 'NotAuthorizedException: Invalid session for the user.';
const PASSWORDS = ['PASSWORD_SRP', 'PASSWORD'];
const VERIFIED_EMAIL = { email: 'x@example.com', email_verified: 'true' };
const VERIFIED_PHONE = { phone_number: '+12065550123', phone_number_verified: 'true' };

let house: House;
let pool: Awaited<ReturnType<typeof openChoicePool>>;
/** A user of the pool, with a password and a verified email. */
let ann: string;
beforeAll(async () => {
  house = await openHouse();
  pool = await openChoicePool(house);
  ann = (await house.createUser(pool.id, 'ann')).username;
});
afterAll(() => house[Symbol.asyncDispose]());

async function invite(name: string, attributes: Record<string, string> = VERIFIED_EMAIL) {
  await house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: pool.id,
      Username: name,
      TemporaryPassword: PASSWORD,
      MessageAction: 'SUPPRESS',
      UserAttributes: attributeList(attributes),
    }),
  );
  return name;
}

describe('the answers that were recorded from AWS [C]', () => {
  it('to a user without a password, who prefers EMAIL_OTP', async () => {
    await createPasswordless(house, pool.id, 'recorded', {
      email: 'jane@gmail.example',
      email_verified: 'true',
    });
    expect(shown(await pool.prefer('recorded', 'EMAIL_OTP'))).toEqual({
      ChallengeName: 'EMAIL_OTP',
      Session: 'session',
      ChallengeParameters: {
        CODE_DELIVERY_DELIVERY_MEDIUM: 'EMAIL',
        CODE_DELIVERY_DESTINATION: 'j***@g***',
      },
      AvailableChallenges: ['EMAIL_OTP'],
    });
  });

  it('to a user with a temporary password, who prefers EMAIL_OTP', async () => {
    expect(shown(await pool.prefer(await invite('recorded-invited'), 'EMAIL_OTP'))).toEqual({
      ChallengeName: 'SELECT_CHALLENGE',
      Session: 'session',
      ChallengeParameters: {},
      AvailableChallenges: PASSWORDS,
    });
  });
});

describe('USER_AUTH', () => {
  it('is for app clients with ALLOW_USER_AUTH, who need no other flow for it [D]', async () => {
    const others = await house.createClient(pool.id);
    expect(await refusal(choiceCalls(house, others).start(ann))).toBe(
      'InvalidParameterException: USER_AUTH flow not enabled for this client',
    );
    const alone = await createChoiceClient(house, pool.id, { ExplicitAuthFlows: ['ALLOW_USER_AUTH'] });
    const met = await choiceCalls(house, alone).prefer(ann, 'PASSWORD', { PASSWORD });
    expect(met.AuthenticationResult).toBeDefined();
  });

  it('answers a name alone with SELECT_CHALLENGE', async () => {
    expect(shown(await pool.start(ann))).toEqual({
      ChallengeName: 'SELECT_CHALLENGE',
      Session: 'session',
      ChallengeParameters: {},
      AvailableChallenges: [...PASSWORDS, 'EMAIL_OTP'],
    });
  });

  it('goes the same way through the operations of administrators', async () => {
    const whose = { UserPoolId: pool.id, ...pool.client };
    const { ChallengeName, Session } = await house.sdk.send(
      new AdminInitiateAuthCommand({
        ...whose,
        AuthFlow: 'USER_AUTH',
        AuthParameters: { USERNAME: ann },
      }),
    );
    const ChallengeResponses = { USERNAME: ann, ANSWER: 'PASSWORD', PASSWORD };
    const { AuthenticationResult } = await house.sdk.send(
      new AdminRespondToAuthChallengeCommand({ ...whose, ChallengeName, Session, ChallengeResponses }),
    );
    expect(AuthenticationResult?.RefreshToken).toBeDefined();
  });

  it('says so when there is no such user, where the client does not hide users [D]', async () => {
    expect(await refusal(pool.start('nobody'))).toBe('UserNotFoundException: User does not exist.');
  });

  it('refuses parameters of a step-up: a client must not believe that they were heeded', async () => {
    for (const name of ['TARGET_ACR_VALUES', 'MAX_AGE', 'ACCESS_TOKEN']) {
      expect(await refusal(pool.start(ann, { [name]: '1' }))).toBe(
        `InvalidParameterException: AuthParameters ${name} is not supported by Poolkeeper yet.`,
      );
    }
  });

  it('asks a client with a secret for SECRET_HASH at each step, over the name typed or the username', async () => {
    const client = await createChoiceClient(house, pool.id, { GenerateSecret: true });
    const calls = choiceCalls(house, client);
    const plain = choiceCalls(house, { ClientId: client.ClientId });
    expect(await refusal(plain.start(ann))).toMatch('SECRET_HASH was not received');
    const { sub } = claimsOf(
      (await pool.prefer(ann, 'PASSWORD', { PASSWORD })).AuthenticationResult?.AccessToken ?? '',
    );
    const typed = sub as string;
    const met = await calls.start(typed);
    const answer = { ANSWER: 'PASSWORD', PASSWORD };
    expect(await refusal(plain.answer(typed, met, answer))).toMatch('SECRET_HASH was not received');
    const strangers = { ...answer, SECRET_HASH: secretHash(client, 'mallory') };
    expect(await refusal(plain.answer(typed, met, strangers))).toMatch('Unable to verify secret hash');
    expect((await calls.answer(ann, met, answer)).AuthenticationResult).toBeDefined();
    expect((await calls.answer(typed, await calls.start(typed), answer)).AuthenticationResult).toBeDefined();
  });
});

describe('what there is to choose', () => {
  it.each<[string, Record<string, string>, string[]]>([
    [
      'codes to addresses that are verified',
      { ...VERIFIED_EMAIL, ...VERIFIED_PHONE },
      ['EMAIL_OTP', 'SMS_OTP'],
    ],
    ['a code by SMS to a verified phone', VERIFIED_PHONE, ['SMS_OTP']],
    ['no code to an address that is not verified [Q]', { email: 'x@example.com' }, []],
  ])('is, beside the password, %s', async (_, attributes, codes) => {
    const name = newName('chooser');
    await house.createUser(pool.id, name, attributeList(attributes));
    expect((await pool.start(name)).AvailableChallenges).toEqual([...PASSWORDS, ...codes]);
  });

  it('is no password for who has none [C]', async () => {
    await createPasswordless(house, pool.id, 'codes-alone', { ...VERIFIED_EMAIL, ...VERIFIED_PHONE });
    expect((await pool.start('codes-alone')).AvailableChallenges).toEqual(['EMAIL_OTP', 'SMS_OTP']);
  });

  it('is what the pool allows: passwords alone, unless it is told more', async () => {
    for (const [allowed, offered] of [
      [{}, PASSWORDS],
      [firstFactors('PASSWORD', 'SMS_OTP'), [...PASSWORDS, 'SMS_OTP']],
    ] as const) {
      const other = await openChoicePool(house, allowed);
      await house.createUser(other.id, 'bob', attributeList({ ...VERIFIED_EMAIL, ...VERIFIED_PHONE }));
      expect((await other.start('bob')).AvailableChallenges).toEqual(offered);
    }
  });

  it('is said again when a preference cannot be met, or is no challenge at all [D]', async () => {
    for (const preference of ['SMS_OTP', 'WEB_AUTHN', 'NONSENSE', '']) {
      expect(await pool.prefer(ann, preference)).toMatchObject({
        ChallengeName: 'SELECT_CHALLENGE',
        AvailableChallenges: [...PASSWORDS, 'EMAIL_OTP'],
      });
    }
  });

  it('cannot be answered by something else', async () => {
    const met = await pool.start(ann);
    for (const ANSWER of ['SMS_OTP', 'WEB_AUTHN', 'SELECT_CHALLENGE', 'nonsense']) {
      expect(await refusal(pool.choose(ann, met, ANSWER))).toBe(
        'InvalidParameterException: ANSWER names no challenge that is available for the user.',
      );
    }
    expect(await refusal(pool.answer(ann, met, {}))).toBe(
      'InvalidParameterException: Missing required parameter ANSWER',
    );
    expect(await refusal(pool.choose('', met, 'PASSWORD'))).toBe(
      'InvalidParameterException: Missing required parameter USERNAME',
    );
  });
});

describe('PASSWORD', () => {
  it('comes with the wish for it, and signs in at once [Q]', async () => {
    const met = await pool.prefer(ann, 'PASSWORD', { PASSWORD });
    expect(claimsOf(met.AuthenticationResult?.AccessToken ?? '')['username']).toBe(ann);
    expect(await refusal(pool.prefer(ann, 'PASSWORD', { PASSWORD: 'Wrong-1-word' }))).toBe(WRONG);
  });

  it('comes with the answer to SELECT_CHALLENGE; after a wrong one the session is good for another [D]', async () => {
    const met = await pool.start(ann);
    expect(await refusal(pool.choose(ann, met, 'PASSWORD', { PASSWORD: 'Wrong-1-word' }))).toBe(WRONG);
    expect((await pool.choose(ann, met, 'PASSWORD', { PASSWORD })).AuthenticationResult).toBeDefined();
    expect(await refusal(pool.choose(ann, met, 'PASSWORD', { PASSWORD }))).toBe(
      'NotAuthorizedException: Invalid session for the user, session can only be used once.',
    );
  });

  it('is asked for when it is chosen without', async () => {
    for (const asked of [
      await pool.prefer(ann, 'PASSWORD'),
      await pool.choose(ann, await pool.start(ann), 'PASSWORD'),
    ]) {
      expect(shown(asked)).toMatchObject({ ChallengeName: 'PASSWORD', ChallengeParameters: {} });
      expect(await refusal(pool.answer(ann, asked, {}))).toBe(
        'InvalidParameterException: Missing required parameter PASSWORD',
      );
      expect(await refusal(pool.answer(ann, asked, { PASSWORD: 'Wrong-1-word' }))).toBe(WRONG);
      expect((await pool.answer(ann, asked, { PASSWORD })).AuthenticationResult).toBeDefined();
    }
  });

  it('that was chosen is not answered by another factor', async () => {
    const asked = await pool.prefer(ann, 'PASSWORD');
    expect(await refusal(pool.choose(ann, asStepOf(asked), 'EMAIL_OTP'))).toBe(INVALID_SESSION);
  });

  it('is no answer of a user who has none', async () => {
    await createPasswordless(house, pool.id, 'has-none');
    const met = await pool.start('has-none');
    expect(await refusal(pool.choose('has-none', met, 'PASSWORD', { PASSWORD }))).toMatch(
      'ANSWER names no challenge',
    );
  });
});
const asStepOf = (met: Parameters<typeof asStep>[1]) => ({
  ...asStep('SELECT_CHALLENGE', met),
  $metadata: {},
});

describe('PASSWORD_SRP', () => {
  it('is agreed on with the wish for it, with the answer to SELECT_CHALLENGE, or by its own name', async () => {
    const srp = srpClient(pool.id);
    const { SRP_A } = srp;
    for (const met of [
      await pool.prefer(ann, 'PASSWORD_SRP', { SRP_A }),
      await pool.choose(ann, await pool.start(ann), 'PASSWORD_SRP', { SRP_A }),
      await pool.answer(ann, asStep('PASSWORD_SRP', await pool.start(ann)), { SRP_A }),
    ]) {
      expect(Object.keys(met.ChallengeParameters ?? {}).sort()).toEqual([
        'SALT',
        'SECRET_BLOCK',
        'SRP_B',
        'USERNAME',
        'USER_ID_FOR_SRP',
      ]);
      expect(shown(met)).toMatchObject({ ChallengeName: 'PASSWORD_VERIFIER', Session: 'session' });
      const proof = srp.prove(met.ChallengeParameters, PASSWORD);
      expect((await pool.answer(ann, met, proof)).AuthenticationResult).toBeDefined();
    }
  });

  it('refuses a wrong password, after which the session that chose it is good for another try', async () => {
    const chosen = await pool.start(ann);
    const srp = srpClient(pool.id);
    const attempt = async (password: string) => {
      const met = await pool.choose(ann, chosen, 'PASSWORD_SRP', { SRP_A: srp.SRP_A });
      return pool.answer(ann, met, srp.prove(met.ChallengeParameters, password));
    };
    expect(await refusal(attempt('Wrong-1-word'))).toBe(WRONG);
    expect((await attempt(PASSWORD)).AuthenticationResult).toBeDefined();
    expect(await refusal(attempt(PASSWORD))).toMatch('session can only be used once');
  });

  it('and PASSWORD, chosen in one session, complete it once, however late', async () => {
    const patient = await createChoiceClient(house, pool.id, { AuthSessionValidity: 15 });
    const calls = choiceCalls(house, patient);
    const chosen = await calls.start(ann);
    await house.advance('PT14M59S');
    const srp = srpClient(pool.id);
    const met = await calls.choose(ann, chosen, 'PASSWORD_SRP', { SRP_A: srp.SRP_A });
    expect((await calls.choose(ann, chosen, 'PASSWORD', { PASSWORD })).AuthenticationResult).toBeDefined();
    await house.advance('PT14M');
    const proof = srp.prove(met.ChallengeParameters, PASSWORD);
    expect(await refusal(calls.answer(ann, met, proof))).toMatch('session can only be used once');
  });

  it('needs SRP_A', async () => {
    const missing = 'InvalidParameterException: Missing required parameter SRP_A';
    expect(await refusal(pool.prefer(ann, 'PASSWORD_SRP'))).toBe(missing);
    expect(await refusal(pool.choose(ann, await pool.start(ann), 'PASSWORD_SRP'))).toBe(missing);
  });
});

describe('a state', () => {
  it('UNCONFIRMED is told to who wants a code [Q], and to who has the password', async () => {
    const signUp = { ...pool.client, Username: 'unconfirmed', Password: PASSWORD };
    await house.sdk.send(
      new SignUpCommand({ ...signUp, UserAttributes: attributeList({ email: 'u@e.org' }) }),
    );
    const told = 'UserNotConfirmedException: User is not confirmed.';
    expect(await refusal(pool.prefer('unconfirmed', 'EMAIL_OTP'))).toBe(told);
    expect((await pool.start('unconfirmed')).AvailableChallenges).toEqual(PASSWORDS);
    expect(await refusal(pool.prefer('unconfirmed', 'PASSWORD', { PASSWORD: 'Wrong-1-word' }))).toBe(WRONG);
    expect(await refusal(pool.prefer('unconfirmed', 'PASSWORD', { PASSWORD }))).toBe(told);
  });

  it('FORCE_CHANGE_PASSWORD leads over the temporary password to a password of their own [C]', async () => {
    const name = await invite('invited');
    const met = await pool.prefer(name, 'PASSWORD', { PASSWORD });
    expect(met.ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    expect((await pool.answer(name, met, { NEW_PASSWORD })).AuthenticationResult).toBeDefined();
    expect((await pool.prefer(name, 'EMAIL_OTP')).ChallengeName).toBe('EMAIL_OTP');
  });

  it('RESET_REQUIRED is told at once, and so is that somebody is disabled', async () => {
    for (const [name, Command, told] of [
      [
        'reset',
        AdminResetUserPasswordCommand,
        'PasswordResetRequiredException: Password reset required for the user',
      ],
      ['disabled', AdminDisableUserCommand, 'NotAuthorizedException: User is disabled.'],
    ] as const) {
      await house.createUser(pool.id, name);
      const met = await pool.start(name);
      const sent = await pool.prefer(name, 'EMAIL_OTP');
      const code = await house.code(`${name}@example.com`);
      await house.sdk.send(new Command({ UserPoolId: pool.id, Username: name }));
      const calls = [
        () => pool.start(name),
        () => pool.prefer(name, 'EMAIL_OTP'),
        () => pool.choose(name, met, 'EMAIL_OTP'),
        () => pool.choose(name, met, 'PASSWORD', { PASSWORD }),
        () => pool.enter(name, sent, code),
      ];
      for (const call of calls) expect(await refusal(call())).toBe(told);
    }
  });
});

describe('a user with a second factor', () => {
  it('has no codes to choose, and is asked for the factor after the password [D]', async () => {
    const other = await openChoicePool(house);
    await house.createUser(other.id, 'mfa');
    await setPoolFactors(house, other.id, 'OPTIONAL', ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
    const signedIn = await other.prefer('mfa', 'PASSWORD', { PASSWORD });
    const token = signedIn.AuthenticationResult?.AccessToken as string;
    const app = await registerAuthenticator(house, token);
    expect((await other.start('mfa')).AvailableChallenges).toContain('EMAIL_OTP');
    await setPreference(house, token, { SoftwareTokenMfaSettings: PREFERRED });

    const met = await other.prefer('mfa', 'EMAIL_OTP');
    expect(met).toMatchObject({ ChallengeName: 'SELECT_CHALLENGE', AvailableChallenges: PASSWORDS });
    const srp = srpClient(other.id);
    const agreed = await other.choose('mfa', met, 'PASSWORD_SRP', { SRP_A: srp.SRP_A });
    for (const second of [
      await other.choose('mfa', met, 'PASSWORD', { PASSWORD }),
      await other.prefer('mfa', 'PASSWORD', { PASSWORD }),
    ]) {
      expect(second.ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
      expect((await other.enter('mfa', second, await app.code())).AuthenticationResult).toBeDefined();
    }
    const proof = srp.prove(agreed.ChallengeParameters, PASSWORD);
    expect(await refusal(other.answer('mfa', agreed, proof))).toMatch('session can only be used once');
  });

  it('and without a password has nothing to choose', async () => {
    const other = await openChoicePool(house);
    await createPasswordless(house, other.id, 'stuck', { ...VERIFIED_EMAIL, ...VERIFIED_PHONE });
    await setPoolFactors(house, other.id, 'OPTIONAL', ['SMS_MFA']);
    const sent = await other.prefer('stuck', 'EMAIL_OTP');
    const signedIn = await other.enter('stuck', sent, await house.code('x@example.com'));
    await setPreference(house, signedIn.AuthenticationResult?.AccessToken as string, {
      SMSMfaSettings: PREFERRED,
    });
    expect(await refusal(other.start('stuck'))).toBe(
      'NotAuthorizedException: There are no available challenges for the user.',
    );
  });
});
