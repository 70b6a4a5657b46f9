import {
  AdminDeleteSoftwareTokenCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminSetUserPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse } from '../support/house.ts';
import { type Authenticator, authenticator } from '../support/mfa.ts';
import { type MfaPool, nextStep, openMfaPool, outcomeOf } from '../support/mfa-sign-in.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, secretHash } from '../support/sign-in.ts';

const WRONG = 'CodeMismatchException: Invalid code received for user';
const USED_CODE = 'ExpiredCodeException: Your software token has already been used once.';
const USED_SESSION = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
const INVALID_SESSION = 'NotAuthorizedException: Invalid session for the user.';
const NO_APP = 'SoftwareTokenMFANotFoundException: Software Token MFA does not exist for the user.';

let house: House;
let pool: MfaPool;
let name: string;
let app: Authenticator;

beforeAll(async () => {
  house = await openHouse();
  pool = await openMfaPool(house, 'ON', ['SOFTWARE_TOKEN_MFA']);
});
beforeEach(async () => {
  name = await pool.createUser(newName());
  app = await pool.setUpApp(name);
});
afterAll(() => house[Symbol.asyncDispose]());

const whose = () => ({ UserPoolId: pool.id, Username: name });
/** Until the code that set the app up, and the one after it, are long gone. */
async function later() {
  for (let steps = 0; steps < 3; steps += 1) await nextStep(house);
}

describe('the challenge SOFTWARE_TOKEN_MFA', () => {
  it('says who it is, and no more of an app without a name', async () => {
    const { ChallengeName, ChallengeParameters, Session } = await pool.begin(name);
    expect(ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    expect(ChallengeParameters).toEqual({ USER_ID_FOR_SRP: name });
    expect(Session).toMatch(/^[\w-]{20,2048}$/);
  });

  it('says the FRIENDLY_DEVICE_NAME of an app that has one', async () => {
    const other = await pool.createUser(newName());
    await pool.setUpApp(other, 'Phone of Ann');
    const parameters = { FRIENDLY_DEVICE_NAME: 'Phone of Ann', USER_ID_FOR_SRP: other };
    expect((await pool.begin(other)).ChallengeParameters).toEqual(parameters);
    expect((await pool.beginBySrp(other)).ChallengeParameters).toEqual(parameters);
  });

  it('is answered with tokens of the user', async () => {
    const { AuthenticationResult } = await pool.enter(name, await pool.begin(name), await app.code());
    expect(claimsOf(AuthenticationResult?.AccessToken ?? '')['username']).toBe(name);
    expect(AuthenticationResult?.RefreshToken).toBeDefined();
    expect(outcomeOf(await pool.enter(name, await pool.beginBySrp(name), await app.code()))).toBe('tokens');
  });

  it('ignores parameters of other challenges, as amazon-cognito-identity-js sends them', async () => {
    const surplus = { SMS_MFA_CODE: '000000', EMAIL_OTP_CODE: '000000', DEVICE_KEY: 'us-east-1_none' };
    const answer = await pool.enter(name, await pool.begin(name), await app.code(), surplus);
    expect(outcomeOf(answer)).toBe('tokens');
  });

  it('names the parameter that is missing', async () => {
    const met = await pool.begin(name);
    const missing = 'InvalidParameterException: Missing required parameter';
    expect(await refusal(pool.respond(name, met, { SMS_MFA_CODE: await app.code() }))).toBe(
      `${missing} SOFTWARE_TOKEN_MFA_CODE`,
    );
    expect(await refusal(pool.enter('', met, '000000'))).toBe(`${missing} USERNAME`);
    expect(await refusal(pool.enter(name, { ...met, Session: undefined }, '000000'))).toBe(
      `${missing} Session`,
    );
  });

  it('asks a client with a secret for SECRET_HASH', async () => {
    const keeper = await house.createClient(pool.id, { GenerateSecret: true });
    const secretive = pool.by(keeper);
    const SECRET_HASH = secretHash(keeper, name);
    const met = await secretive.begin(name, { SECRET_HASH });
    const code = await app.code();
    expect(await refusal(secretive.enter(name, met, code))).toMatch('SECRET_HASH was not received');
    const wrong = { SECRET_HASH: secretHash(keeper, 'mallory') };
    expect(await refusal(secretive.enter(name, met, code, wrong))).toMatch('Unable to verify secret hash');
    expect(outcomeOf(await secretive.enter(name, met, code, { SECRET_HASH }))).toBe('tokens');
  });
});

describe('a code', () => {
  it('that is wrong is refused, and the session stays good for the right one', async () => {
    const met = await pool.begin(name);
    const code = await app.code();
    for (const wrong of [await app.wrongCode(), code.slice(1), `${code}0`, ` ${code}`]) {
      expect(await refusal(pool.enter(name, met, wrong))).toBe(WRONG);
    }
    expect(outcomeOf(await pool.enter(name, met, code))).toBe('tokens');
  });

  it.each([-1, 0, 1])('of %i steps from now is right: clocks differ', async (steps) => {
    await later();
    const answer = await pool.enter(name, await pool.begin(name), await app.codeIn(steps));
    expect(outcomeOf(answer)).toBe('tokens');
  });

  it.each([-3, -2, 2, 3])('of %i steps from now is wrong', async (steps) => {
    await later();
    const code = await app.codeIn(steps);
    const near = await Promise.all([-1, 0, 1].map((step) => app.codeIn(step)));
    if (near.includes(code)) return;
    expect(await refusal(pool.enter(name, await pool.begin(name), code))).toBe(WRONG);
  });

  it('is good once, in whichever session', async () => {
    const [first, second, third] = [await pool.begin(name), await pool.begin(name), await pool.begin(name)];
    const code = await app.code();
    expect(outcomeOf(await pool.enter(name, first, code))).toBe('tokens');
    expect(await refusal(pool.enter(name, second, code))).toBe(USED_CODE);
    expect(await refusal(pool.enter(name, await pool.beginBySrp(name), code))).toBe(USED_CODE);
    expect(outcomeOf(await pool.enter(name, second, await app.code()))).toBe('tokens');
    expect(await refusal(pool.enter(name, third, code))).toBe(USED_CODE);
  });

  it('is not good again a step later, when it would still be near enough', async () => {
    await later();
    const code = await app.codeIn(0);
    await pool.enter(name, await pool.begin(name), code);
    await nextStep(house);
    expect(await refusal(pool.enter(name, await pool.begin(name), code))).toBe(USED_CODE);
  });

  it('uses up those before it', async () => {
    await later();
    const [before, now, next] = [await app.codeIn(-1), await app.codeIn(0), await app.codeIn(1)];
    await pool.enter(name, await pool.begin(name), next);
    for (const used of [before, now, next]) {
      expect(await refusal(pool.enter(name, await pool.begin(name), used))).toBe(USED_CODE);
    }
    await nextStep(house);
    const after = await app.codeIn(1);
    expect(outcomeOf(await pool.enter(name, await pool.begin(name), after))).toBe('tokens');
  });

  it('that set the app up is used up by that', async () => {
    const other = await pool.createUser(newName());
    const { Session } = await pool.begin(other);
    const set = await pool.associate({ Session });
    const theirs = authenticator(house, set.SecretCode as string);
    const code = await theirs.code();
    await pool.verify({ Session: set.Session }, code);
    const met = await pool.begin(other);
    expect(await refusal(pool.enter(other, met, code))).toBe(USED_CODE);
    expect(outcomeOf(await pool.enter(other, met, await theirs.code()))).toBe('tokens');
  });

  it('is of one user', async () => {
    const other = await pool.createUser(newName());
    const theirs = await pool.setUpApp(other);
    await later();
    const near = await Promise.all([-1, 0, 1].map((step) => app.codeIn(step)));
    const code = await theirs.codeIn(0);
    if (near.includes(code)) return;
    expect(await refusal(pool.enter(name, await pool.begin(name), code))).toBe(WRONG);
    expect(outcomeOf(await pool.enter(other, await pool.begin(other), code))).toBe('tokens');
  });
});

describe('the session', () => {
  it('is good for one sign-in', async () => {
    const met = await pool.begin(name);
    const code = await app.code();
    await pool.enter(name, met, code);
    const next = await app.code();
    for (const late of [code, next, await app.wrongCode()]) {
      expect(await refusal(pool.enter(name, met, late))).toBe(USED_SESSION);
    }
    // A refused answer used up no code.
    expect(outcomeOf(await pool.enter(name, await pool.begin(name), next))).toBe('tokens');
  });

  it('is of the client that began, in its pool', async () => {
    const met = await pool.begin(name);
    const code = await app.code();
    const neighbour = pool.by(await house.createClient(pool.id));
    const stranger = await openMfaPool(house, 'ON', ['SOFTWARE_TOKEN_MFA']);
    expect(await refusal(neighbour.enter(name, met, code))).toBe(INVALID_SESSION);
    expect(await refusal(stranger.enter(name, met, code))).toBe(INVALID_SESSION);
    expect(outcomeOf(await pool.enter(name, met, code))).toBe('tokens');
  });

  it('is of this step, and sets up no other app', async () => {
    const met = await pool.begin(name);
    for (const ChallengeName of ['SMS_MFA', 'EMAIL_OTP', 'SMS_OTP'] as const) {
      expect(await refusal(pool.enter(name, { ...met, ChallengeName }, await app.code()))).toBe(
        INVALID_SESSION,
      );
    }
    const email = { EMAIL: 'mallory@example.com' };
    expect(await refusal(pool.respond(name, { ...met, ChallengeName: 'MFA_SETUP' }, email))).toBe(
      INVALID_SESSION,
    );
    expect(await refusal(pool.associate({ Session: met.Session }))).toBe(INVALID_SESSION);
    expect(await refusal(pool.verify({ Session: met.Session }, await app.code()))).toBe(INVALID_SESSION);
  });

  it('ends with the AuthSessionValidity of the client', async () => {
    const patient = pool.by(await house.createClient(pool.id, { AuthSessionValidity: 5 }));
    const [short, long] = [await pool.begin(name), await patient.begin(name)];
    await house.advance('PT3M1S');
    expect(await refusal(pool.enter(name, short, await app.code()))).toBe(
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
    expect(outcomeOf(await patient.enter(name, long, await app.code()))).toBe('tokens');
  });
});

describe('a user to whom something happened meanwhile', () => {
  it('has no app any more, when an administrator has removed it', async () => {
    const met = await pool.begin(name);
    await house.sdk.send(new AdminDeleteSoftwareTokenCommand(whose()));
    expect(await refusal(pool.enter(name, met, await app.code()))).toBe(NO_APP);
    expect((await pool.begin(name)).ChallengeName).toBe('MFA_SETUP');
  });

  it('answers with the new app, when they have set up another one', async () => {
    const { AuthenticationResult } = await pool.enter(name, await pool.begin(name), await app.code());
    const met = await pool.begin(name);
    const by = { AccessToken: AuthenticationResult?.AccessToken };
    const { SecretCode = '' } = await pool.associate(by);
    const newer = authenticator(house, SecretCode);
    expect(outcomeOf(await pool.enter(name, await pool.begin(name), await app.code()))).toBe('tokens');
    await pool.verify(by, await newer.code());
    await nextStep(house);
    const [old, near] = [await app.codeIn(0), await Promise.all([-1, 0, 1].map(newer.codeIn))];
    if (!near.includes(old)) expect(await refusal(pool.enter(name, met, old))).toBe(WRONG);
    expect(outcomeOf(await pool.enter(name, met, await newer.codeIn(1)))).toBe('tokens');
  });

  it('does not get in with the old password', async () => {
    const met = await pool.begin(name);
    const set = { ...whose(), Password: NEW_PASSWORD, Permanent: true };
    await house.sdk.send(new AdminSetUserPasswordCommand(set));
    const code = await app.code();
    expect(await refusal(pool.enter(name, met, code))).toBe(WRONG);
    const again = await pool.begin(name, { PASSWORD: NEW_PASSWORD });
    expect(outcomeOf(await pool.enter(name, again, code))).toBe('tokens');
  });

  it('does not get in disabled', async () => {
    const met = await pool.begin(name);
    await house.sdk.send(new AdminDisableUserCommand(whose()));
    expect(await refusal(pool.enter(name, met, await app.code()))).toBe(
      'NotAuthorizedException: User is disabled.',
    );
  });

  it('does not get in deleted, nor as another of the same name', async () => {
    const met = await pool.begin(name);
    await house.sdk.send(new AdminDeleteUserCommand(whose()));
    expect(await refusal(pool.enter(name, met, await app.code()))).toBe(INVALID_SESSION);
    await pool.createUser(name);
    expect(await refusal(pool.enter(name, met, await app.code()))).toBe(INVALID_SESSION);
  });
});
