import {
  AdminDeleteSoftwareTokenCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  GetUserCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse } from '../support/house.ts';
import { authenticator } from '../support/mfa.ts';
import {
  type Met,
  type MfaPool,
  newPhone,
  openMfaPool,
  otherCode,
  outcomeOf,
  recovery,
} from '../support/mfa-sign-in.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, secretHash } from '../support/sign-in.ts';

const WRONG = 'EnableSoftwareTokenMFAException: Code mismatch and fail enable Software Token MFA';
const INVALID_SESSION = 'NotAuthorizedException: Invalid session for the user.';
const USED_SESSION = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
const EXPIRED = 'NotAuthorizedException: Invalid session for the user, session is expired.';
const NOT_VERIFIED = 'InvalidParameterException: User has not verified software token mfa';
const [APP, EMAIL] = ['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] as const;

let house: House;
let pool: MfaPool;
let name: string;
let address: string;

beforeAll(async () => {
  house = await openHouse();
  pool = await openMfaPool(house, 'ON', [APP, EMAIL], recovery('verified_phone_number'));
});
beforeEach(async () => {
  name = await pool.createUser(newName());
  address = `${name}@example.com`;
});
afterAll(() => house[Symbol.asyncDispose]());

const whose = () => ({ UserPoolId: pool.id, Username: name });

/** A sign-in that has come to MFA_SETUP. */
async function begun(of = pool) {
  const met = await of.begin(name);
  expect(met.ChallengeName).toBe('MFA_SETUP');
  return met;
}

/** A session with an app that showed no code yet. */
async function associated({ Session }: Met) {
  const answer = await pool.associate({ Session });
  return { Session: answer.Session, app: authenticator(house, answer.SecretCode ?? '') };
}

/** A session with an app that showed a code. */
async function verified(met: Met) {
  const { Session, app } = await associated(met);
  const answer = await pool.verify({ Session }, await app.code());
  return { ...met, Session: answer.Session, app };
}

const finish = (met: Met, responses: Record<string, string> = {}) => pool.respond(name, met, responses);
const sendTo = (met: Met, EMAIL: string) => finish(met, { EMAIL });

async function addressOf(user = name) {
  const command = new AdminGetUserCommand({ UserPoolId: pool.id, Username: user });
  const { UserAttributes = [] } = await house.sdk.send(command);
  return UserAttributes.filter(({ Name }) => Name?.startsWith('email')).map(({ Value }) => Value);
}

describe('an authenticator app that is set up while signing in', () => {
  it('is handed out in base32 with a new session, shows a code, and signs in at once', async () => {
    const met = await begun();
    const { SecretCode, Session } = await pool.associate({ Session: met.Session });
    expect(SecretCode).toMatch(/^[A-Z2-7]{52}$/);
    expect(Session).toMatch(/^[\w-]{20,2048}$/);
    expect(Session).not.toBe(met.Session);
    const app = authenticator(house, SecretCode ?? '');
    const { Status, Session: last } = await pool.verify({ Session }, await app.code(), 'Phone');
    expect(Status).toBe('SUCCESS');
    const { AuthenticationResult, ChallengeName } = await finish({ ...met, Session: last });
    expect(ChallengeName).toBeUndefined();
    expect(claimsOf(AuthenticationResult?.AccessToken ?? '')['username']).toBe(name);

    const next = await pool.begin(name);
    expect(next).toMatchObject({
      ChallengeName: APP,
      ChallengeParameters: { FRIENDLY_DEVICE_NAME: 'Phone' },
    });
    expect(outcomeOf(await pool.enter(name, next, await app.code()))).toBe('tokens');
  });

  it('is asked for from then on, though the user switched nothing on [Q]', async () => {
    const { AuthenticationResult } = await finish(await verified(await begun()));
    const shown = await house.sdk.send(
      new GetUserCommand({ AccessToken: AuthenticationResult?.AccessToken }),
    );
    expect(shown).not.toHaveProperty('UserMFASettingList');
    expect(shown).not.toHaveProperty('PreferredMfaSetting');
    expect((await pool.begin(name)).ChallengeName).toBe(APP);
  });

  it('is the user’s once it showed a code, whether or not the sign-in is finished', async () => {
    await verified(await begun());
    expect((await pool.begin(name)).ChallengeName).toBe(APP);
  });

  it('is nobody’s before it showed a code', async () => {
    const { Session } = await associated(await begun());
    expect(await refusal(finish({ ChallengeName: 'MFA_SETUP', Session }))).toBe(NOT_VERIFIED);
    expect((await pool.begin(name)).ChallengeName).toBe('MFA_SETUP');
  });

  it('signs in with the session as one of the responses, too [D]', async () => {
    const { Session = '' } = await verified(await begun());
    const answer = await finish({ ChallengeName: 'MFA_SETUP', Session: undefined }, { SESSION: Session });
    expect(outcomeOf(answer)).toBe('tokens');
  });

  it('may be set up after a sign-in by SRP', async () => {
    expect(outcomeOf(await finish(await verified(await pool.beginBySrp(name))))).toBe('tokens');
  });

  it('may be asked for again, and the newest session is one of as many ways', async () => {
    const met = await begun();
    const [first, second] = [await associated(met), await associated(met)];
    const again = await associated({ Session: second.Session });
    const code = await again.app.code();
    expect(await refusal(pool.verify({ Session: first.Session }, code))).toBe(WRONG);
    await pool.verify({ Session: again.Session }, code);
    const late = pool.verify({ Session: first.Session }, await first.app.code());
    expect(await refusal(late)).toMatch(/^NotAuthorizedException: Invalid session/);
  });

  it('asks a client with a secret for SECRET_HASH at the end', async () => {
    const keeper = await house.createClient(pool.id, { GenerateSecret: true });
    const secretive = pool.by(keeper);
    const SECRET_HASH = secretHash(keeper, name);
    const met = await verified(await secretive.begin(name, { SECRET_HASH }));
    expect(await refusal(secretive.respond(name, met, {}))).toMatch('SECRET_HASH was not received');
    expect(outcomeOf(await secretive.respond(name, met, { SECRET_HASH }))).toBe('tokens');
  });
});

describe('a code of the app', () => {
  it('that is wrong is refused, and the session stays good for the right one', async () => {
    const met = await begun();
    const { Session, app } = await associated(met);
    for (let guess = 0; guess < 7; guess += 1) {
      expect(await refusal(pool.verify({ Session }, await app.wrongCode()))).toBe(WRONG);
    }
    const { Session: last } = await pool.verify({ Session }, await app.code());
    expect(outcomeOf(await finish({ ...met, Session: last }))).toBe('tokens');
  });

  it('needs an app: there is none in the session of the challenge itself', async () => {
    const { Session } = await begun();
    expect(await refusal(pool.verify({ Session }, '000000'))).toBe(
      'SoftwareTokenMFANotFoundException: Software Token MFA does not exist for the user.',
    );
  });

  it('is shown once for a session', async () => {
    const { Session, app } = await associated(await begun());
    await pool.verify({ Session }, await app.code());
    expect(await refusal(pool.verify({ Session }, await app.code()))).toMatch(
      /^NotAuthorizedException: Invalid session/,
    );
  });

  it('has one winner among sessions at the same time, and it is their app', async () => {
    const met = await begun();
    const sessions = await Promise.all(Array.from({ length: 10 }, () => associated(met)));
    const codes = await Promise.all(sessions.map(({ app }) => app.codeIn(0)));
    const answers = await Promise.allSettled(
      sessions.map(({ Session }, index) => pool.verify({ Session }, codes[index] as string)),
    );
    const won = answers.findIndex(({ status }) => status === 'fulfilled');
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const next = await pool.begin(name);
    expect(outcomeOf(await pool.enter(name, next, (await sessions[won]?.app.codeIn(1)) ?? ''))).toBe(
      'tokens',
    );
  });
});

describe('an email address that is set up while signing in', () => {
  it.each(['EMAIL', 'email'])(
    'comes as %s, is sent a code, and is the user’s once they enter it',
    async (key) => {
      const met = await begun();
      const sent = await finish(met, { [key]: address });
      expect(sent).toMatchObject({
        ChallengeName: EMAIL,
        ChallengeParameters: {
          CODE_DELIVERY_DELIVERY_MEDIUM: 'EMAIL',
          CODE_DELIVERY_DESTINATION: 'u***@e***',
          USER_ID_FOR_SRP: name,
        },
      });
      expect(await addressOf()).toEqual([]);
      const code = await house.code(address);
      expect(await refusal(pool.enter(name, sent, otherCode(code)))).toMatch('CodeMismatch');
      expect(await addressOf()).toEqual([]);
      const { AuthenticationResult } = await pool.enter(name, sent, code);
      expect(claimsOf(AuthenticationResult?.IdToken ?? '')).toMatchObject({
        email: address,
        email_verified: true,
      });
      expect(await addressOf()).toEqual([address, 'true']);
      expect((await pool.begin(name)).ChallengeName).toBe(EMAIL);
    },
  );

  it('must look like one', async () => {
    const met = await begun();
    for (const none of ['ann', 'ann@', 'a b@example.com', '@example.com', 'ann@example.com\r\nBcc: x@y.z']) {
      expect(await refusal(sendTo(met, none))).toBe(
        'InvalidParameterException: Invalid email address format.',
      );
    }
    expect((await sendTo(met, address)).ChallengeName).toBe(EMAIL);
  });

  it('is not for a pool without email MFA', async () => {
    const apps = await openMfaPool(house, 'ON', [APP]);
    await apps.createUser(name);
    expect(await refusal(apps.respond(name, await apps.begin(name), { EMAIL: address }))).toBe(
      INVALID_SESSION,
    );
  });

  it('that is the alias of another user is not taken from them', async () => {
    const aliases = await openMfaPool(house, 'ON', [APP, EMAIL], { AliasAttributes: ['email'] });
    const owner = await aliases.createUser(newName(), { email: address, email_verified: 'true' });
    await aliases.createUser(name);
    const sent = await aliases.respond(name, await aliases.begin(name), { EMAIL: address });
    expect(await refusal(aliases.enter(name, sent, await house.code(address)))).toMatch(
      /^AliasExistsException: /,
    );
    const byAlias = await aliases.begin(address);
    expect(byAlias.ChallengeParameters?.['USER_ID_FOR_SRP']).toBe(owner);
  });

  it('leaves the session of the challenge used', async () => {
    const met = await begun();
    await sendTo(met, address);
    expect(await refusal(sendTo(met, address))).toBe(USED_SESSION);
    const { Session, app } = await associated(met);
    expect(await refusal(pool.verify({ Session }, await app.code()))).toBe(USED_SESSION);
  });
});

describe('the session', () => {
  it('is good for one sign-in', async () => {
    const met = await verified(await begun());
    await finish(met);
    expect(await refusal(finish(met))).toBe(USED_SESSION);
  });

  it('has one winner among answers at the same time', async () => {
    const met = await verified(await begun());
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => finish(met)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('alone, without a factor that was set up, signs nobody in', async () => {
    const met = await begun();
    expect(await refusal(finish(met))).toBe(NOT_VERIFIED);
    expect(await refusal(finish(met, { SESSION: met.Session ?? '' }))).toBe(NOT_VERIFIED);
    expect(await refusal(pool.enter(name, { ...met, ChallengeName: APP }, '000000'))).toBe(INVALID_SESSION);
  });

  it('is of the client that began', async () => {
    const neighbour = pool.by(await house.createClient(pool.id));
    const met = await verified(await begun());
    expect(await refusal(neighbour.respond(name, met, {}))).toBe(INVALID_SESSION);
  });

  it('ends with the AuthSessionValidity, and lives no longer by another app', async () => {
    const met = await begun();
    await house.advance('PT2M');
    const { Session, app } = await associated(met);
    await house.advance('PT2M');
    expect(await refusal(pool.associate(met as { Session: string }))).toBe(EXPIRED);
    const again = await associated({ Session });
    await house.advance('PT2M');
    expect(await refusal(pool.verify({ Session }, await app.code()))).toBe(EXPIRED);
    expect(await refusal(pool.verify({ Session: again.Session }, await again.app.code()))).toBe(EXPIRED);
  });

  it('or an access token is needed, and not both', async () => {
    const { AuthenticationResult } = await finish(await verified(await begun()));
    const both = { Session: 'x'.repeat(20), AccessToken: AuthenticationResult?.AccessToken };
    const text = 'InvalidParameterException: Either AccessToken or Session must be given, and not both.';
    expect(await refusal(pool.associate(both))).toBe(text);
    expect(await refusal(pool.associate({ Session: undefined }))).toBe(text);
    expect(await refusal(pool.verify(both, '000000'))).toBe(text);
  });
});

// Whoever has the password alone may begin to set up a factor of their own. Once the user has one, that is over.
describe('a factor that the user sets up meanwhile closes the set-up of', () => {
  const theirs = async () => void (await finish(await verified(await begun())));

  it('an app', async () => {
    const { Session, app } = await associated(await begun());
    await theirs();
    expect(await refusal(pool.verify({ Session }, await app.code()))).toBe(INVALID_SESSION);
    expect(await refusal(pool.verify({ Session }, await app.code()))).toBe(INVALID_SESSION);
  });

  it('an email address', async () => {
    const met = await begun();
    await theirs();
    expect(await refusal(sendTo(met, 'mallory@example.com'))).toBe(INVALID_SESSION);
  });

  it('an email address that has its code already', async () => {
    const sent = await sendTo(await begun(), `mallory-${address}`);
    const code = await house.code(`mallory-${address}`);
    await theirs();
    expect(await refusal(pool.enter(name, sent, code))).toBe(INVALID_SESSION);
    expect(await addressOf()).toEqual([]);
  });

  it('another email address that has its code already', async () => {
    const sent = await sendTo(await begun(), `mallory-${address}`);
    const code = await house.code(`mallory-${address}`);
    const mine = await sendTo(await begun(), address);
    await pool.enter(name, mine, await house.code(address));
    expect(await refusal(pool.enter(name, sent, code))).toBe(INVALID_SESSION);
    expect(await addressOf()).toEqual([address, 'true']);
  });

  it('what an administrator gave the user', async () => {
    const { Session, app } = await associated(await begun());
    await pool.update(name, { email: address });
    expect(await refusal(pool.verify({ Session }, await app.code()))).toBe(INVALID_SESSION);
  });
});

describe('a set-up', () => {
  it('ends with the password that it began with', async () => {
    const met = await begun();
    const half = await associated(await begun());
    const ready = await verified(await begun());
    const set = { ...whose(), Password: NEW_PASSWORD, Permanent: true };
    await house.sdk.send(new AdminSetUserPasswordCommand(set));
    expect(await refusal(sendTo(met, address))).toBe(INVALID_SESSION);
    expect(await refusal(pool.verify({ Session: half.Session }, await half.app.code()))).toBe(
      INVALID_SESSION,
    );
    expect(await refusal(finish(ready))).toBe(INVALID_SESSION);
  });

  it('stops where the sign-in would: at a user who is disabled, or must reset the password', async () => {
    const { Session, app } = await associated(await begun());
    await house.sdk.send(new AdminDisableUserCommand(whose()));
    expect(await refusal(pool.verify({ Session }, await app.code()))).toBe(
      'NotAuthorizedException: User is disabled.',
    );
    await house.sdk.send(new AdminEnableUserCommand(whose()));
    expect((await pool.begin(name)).ChallengeName).toBe('MFA_SETUP');
    await pool.update(name, { phone_number: newPhone(), phone_number_verified: 'true' });
    await house.sdk.send(new AdminResetUserPasswordCommand(whose()));
    expect(await refusal(pool.verify({ Session }, await app.code()))).toMatch(
      /^(PasswordResetRequired|NotAuthorized)Exception: /,
    );
  });

  it('ends with the app that an administrator removes', async () => {
    const ready = await verified(await begun());
    await house.sdk.send(new AdminDeleteSoftwareTokenCommand(whose()));
    expect(await refusal(finish(ready))).toBe(INVALID_SESSION);
    await verified(await begun());
    expect(await refusal(finish(ready))).toBe(INVALID_SESSION);
  });

  it('is not for who has a factor', async () => {
    const met = await verified(await begun());
    await finish(met);
    for (const Session of [met.Session, (await pool.begin(name)).Session]) {
      const answer = pool
        .associate({ Session })
        .then(({ Session: next }) => pool.verify({ Session: next }, '000000'));
      expect(await refusal(answer)).toMatch(/^NotAuthorizedException: Invalid session/);
    }
  });
});
