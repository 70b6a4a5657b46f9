import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type App,
  answerChallenge,
  type Challenge,
  finishAuthenticator,
  finishRecovery,
  getUser,
  isServiceError,
  refreshTokens,
  type SignInStep,
  setUpAuthenticator,
  signIn,
  signInWithChoice,
  signInWithPassword,
  signInWithTriggers,
  startRecovery,
  type Tokens,
} from '../../packages/client/src/index.ts';
import { askForWord, openCustomPool } from '../support/custom-auth.ts';
import { openFunctionHouse } from '../support/functions.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { authenticator, createMfaPool, type SecondFactor } from '../support/mfa.ts';
import { openMfaPool } from '../support/mfa-sign-in.ts';
import { firstFactors } from '../support/user-auth.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** An app of a pool, by SRP and by everything else that the pool allows. */
async function appOf(userPoolId: string, client: Parameters<House['createClient']>[1] = {}): Promise<App> {
  const { ClientId, ClientSecret } = await house.createClient(userPoolId, client);
  return { endpoint: house.url, userPoolId, clientId: ClientId, clientSecret: ClientSecret };
}

/** The tokens of a sign-in that is over, proven by the name that they are good for. */
async function tokensOf(app: App, step: SignInStep, username: string): Promise<Tokens> {
  if (step.name !== 'SIGNED_IN') throw new Error(`The sign-in stands at ${step.name}.`);
  const user = await getUser(app, { AccessToken: step.tokens.accessToken });
  expect(user.Username).toBe(username);
  return step.tokens;
}

/** The members of the union that can have this name. */
type Named<Name, Member = Challenge> = Member extends { name: infer Names }
  ? Name extends Names
    ? Member
    : never
  : never;

function asked<Name extends Challenge['name']>(step: SignInStep, name: Name): Named<Name> {
  if (step.name !== name) throw new Error(`The sign-in stands at ${step.name}, not at ${name}.`);
  return step as Named<Name>;
}

describe('a sign-in by SRP', () => {
  test.each([
    ['without a secret', {}],
    ['with a secret', { GenerateSecret: true }],
  ])('of an app client %s ends with tokens, which refresh', async (_, client) => {
    const poolId = await house.createPool();
    const app = await appOf(poolId, client);
    const { username, password } = await house.createUser(poolId, 'alice');
    const tokens = await tokensOf(app, await signIn(app, { username, password }), username);
    expect(tokens.expiresAt).toBeGreaterThan(Date.now() + 3_000_000);

    const refreshed = await refreshTokens(app, tokens);
    expect(refreshed.refreshToken).toBe(tokens.refreshToken);
    await tokensOf(app, { name: 'SIGNED_IN', tokens: refreshed }, username);
  });

  test('takes an email address for a name', async () => {
    const poolId = await house.createPool({ AliasAttributes: ['email'] });
    const app = await appOf(poolId, { GenerateSecret: true });
    const { username, password } = await house.createUser(poolId, 'alice');
    await tokensOf(app, await signIn(app, { username: 'alice@example.com', password }), username);
  });

  test('is refused with a wrong password', async () => {
    const poolId = await house.createPool();
    const app = await appOf(poolId);
    const { username } = await house.createUser(poolId, 'alice');
    const refused = await signIn(app, { username, password: NEW_PASSWORD }).catch((error) => error);
    expect(isServiceError(refused, 'NotAuthorizedException')).toBe(true);
  });

  test('needs the pool', async () => {
    const app = { endpoint: house.url, clientId: 'c' };
    await expect(signIn(app, { username: 'alice', password: PASSWORD })).rejects.toThrow('userPoolId');
  });
});

test('refresh tokens that rotate are replaced, and without one the user signs in again', async () => {
  const poolId = await house.createPool();
  const app = await appOf(poolId, {
    ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
  });
  const { username, password } = await house.createUser(poolId, 'alice');
  const first = await tokensOf(app, await signInWithPassword(app, { username, password }), username);
  const second = await refreshTokens(app, first);
  expect(second.refreshToken).not.toBe(first.refreshToken);
  await expect(refreshTokens(app, first)).rejects.toMatchObject({ name: 'RefreshTokenReuseException' });
  const { refreshToken: _, ...without } = first;
  await expect(refreshTokens(app, without)).rejects.toThrow('sign in again');
});

describe('a challenge', () => {
  test('for a new password keeps what must be given with it', async () => {
    const poolId = await house.createPool({ Schema: [{ Name: 'given_name', Required: true }] });
    const app = await appOf(poolId);
    const { AdminCreateUserCommand } = await import('@aws-sdk/client-cognito-identity-provider');
    const invited = {
      UserPoolId: poolId,
      Username: 'bob',
      TemporaryPassword: PASSWORD,
      MessageAction: 'SUPPRESS',
    } as const;
    await house.sdk.send(new AdminCreateUserCommand(invited));

    const step = asked(await signIn(app, { username: 'bob', password: PASSWORD }), 'NEW_PASSWORD_REQUIRED');
    expect(step.requiredAttributes).toEqual(['given_name']);
    const next = await answerChallenge(app, step, {
      newPassword: NEW_PASSWORD,
      attributes: { given_name: 'Bob' },
    });
    await tokensOf(app, next, 'bob');
  });

  test.each<[SecondFactor, Record<string, string>]>([
    ['EMAIL_OTP', { email: 'dan@example.com', email_verified: 'true' }],
    ['SMS_MFA', { phone_number: '+15550100', phone_number_verified: 'true' }],
  ])(
    '%s says where its code went, forgives a wrong one, and survives a reload of the page',
    async (factor, attributes) => {
      const poolId = await createMfaPool(house, 'ON', [factor]);
      const app = await appOf(poolId, { GenerateSecret: true });
      await house.createUser(
        poolId,
        'dan',
        Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      );

      const met = asked(await signIn(app, { username: 'dan', password: PASSWORD }), factor as 'EMAIL_OTP');
      expect(met.destination).toMatch(/\*/);
      const [address = ''] = Object.values(attributes);
      const code = await house.code(address);
      const wrong = `${(Number(code[0]) + 1) % 10}${code.slice(1)}`;
      await expect(answerChallenge(app, met, { code: wrong })).rejects.toMatchObject({
        name: 'CodeMismatchException',
      });
      const stored = JSON.parse(JSON.stringify(met)) as typeof met;
      await tokensOf(app, await answerChallenge(app, stored, { code }), 'dan');
    },
  );

  test('MFA_SETUP gives an authenticator its secret, and SOFTWARE_TOKEN_MFA asks it from then on', async () => {
    const { id, createUser } = await openMfaPool(house, 'ON', ['SOFTWARE_TOKEN_MFA']);
    const app = await appOf(id);
    const username = await createUser('eve');
    const credentials = { username, password: PASSWORD };
    const challenge = asked(await signIn(app, credentials), 'MFA_SETUP');
    expect(challenge.choices).toEqual(['SOFTWARE_TOKEN_MFA']);
    const setup = await setUpAuthenticator(app, challenge);
    const device = authenticator(house, setup.secretCode);
    await tokensOf(
      app,
      await finishAuthenticator(app, setup, { code: await device.code(), deviceName: 'phone' }),
      username,
    );

    const again = asked(await signIn(app, credentials), 'SOFTWARE_TOKEN_MFA');
    await tokensOf(app, await answerChallenge(app, again, { code: await device.code() }), username);
  });

  test('between second factors tells what they are', async () => {
    const { id, createUser, update, switchOn } = await openMfaPool(house, 'OPTIONAL', [
      'EMAIL_OTP',
      'SMS_MFA',
    ]);
    const app = await appOf(id);
    const username = await createUser('hal', { email: 'hal@example.com', email_verified: 'true' });
    await update(username, { phone_number: '+15550199', phone_number_verified: 'true' });
    await switchOn(username, ['EMAIL_OTP', 'SMS_MFA']);
    const step = asked(await signIn(app, { username, password: PASSWORD }), 'SELECT_MFA_TYPE');
    expect(step.choices).toEqual(expect.arrayContaining(['EMAIL_OTP', 'SMS_MFA']));
    const chosen = asked(await answerChallenge(app, step, { choice: 'EMAIL_OTP' }), 'EMAIL_OTP');
    await tokensOf(
      app,
      await answerChallenge(app, chosen, { code: await house.code('hal@example.com') }),
      username,
    );
  });

  test('to choose tells the choices', async () => {
    const poolId = await house.createPool(firstFactors('PASSWORD', 'EMAIL_OTP'));
    const app = await appOf(poolId, { ExplicitAuthFlows: ['ALLOW_USER_AUTH'] });
    await house.createUser(poolId, 'fay');
    const step = asked(await signInWithChoice(app, { username: 'fay' }), 'SELECT_CHALLENGE');
    expect(step.choices).toEqual(expect.arrayContaining(['PASSWORD', 'EMAIL_OTP']));
    await tokensOf(app, await answerChallenge(app, step, { choice: 'PASSWORD', password: PASSWORD }), 'fay');

    const sent = asked(await signInWithChoice(app, { username: 'fay', preferred: 'EMAIL_OTP' }), 'EMAIL_OTP');
    await tokensOf(
      app,
      await answerChallenge(app, sent, { code: await house.code('fay@example.com') }),
      'fay',
    );
  });
});

test("a challenge of the pool's own functions is answered, and asked again after a wrong answer", async () => {
  await using functions = await openFunctionHouse();
  askForWord(functions.functions);
  const { id, client } = await openCustomPool(functions);
  const app = { endpoint: functions.url, userPoolId: id, clientId: client.ClientId };
  await functions.createUser(id, 'ann');
  const step = asked(await signInWithTriggers(app, 'ann'), 'CUSTOM_CHALLENGE');
  expect(step.parameters).toMatchObject({ hint: 'Ali Baba' });
  const again = asked(await answerChallenge(app, step, { answer: 'barley' }), 'CUSTOM_CHALLENGE');
  await tokensOf(app, await answerChallenge(app, again, { answer: 'sesame' }), 'ann');
});

describe('a recovery', () => {
  test.each([
    ['without a secret', {}],
    ['with a secret', { GenerateSecret: true }],
  ])('of an app client %s keeps what its first step said until the second', async (_, client) => {
    const poolId = await house.createPool();
    const app = await appOf(poolId, client);
    const { username } = await house.createUser(poolId, 'gus');
    const recovery = await startRecovery(app, username);
    expect(recovery).toEqual({ username, destination: 'g***@e***', medium: 'EMAIL', attribute: 'email' });

    const stored = JSON.parse(JSON.stringify(recovery)) as typeof recovery;
    const code = await house.code('gus@example.com');
    const wrong = `${(Number(code[0]) + 1) % 10}${code.slice(1)}`;
    const finish = (code: string, password: string) => finishRecovery(app, stored, { code, password });
    await expect(finish(wrong, NEW_PASSWORD)).rejects.toMatchObject({ name: 'CodeMismatchException' });
    await expect(finish(code, 'short')).rejects.toMatchObject({ name: 'InvalidPasswordException' });
    await finish(code, NEW_PASSWORD);
    await tokensOf(app, await signIn(app, { username, password: NEW_PASSWORD }), username);
  });
});

test('what the steps keep does not print', async () => {
  const poolId = await house.createPool();
  const app = await appOf(poolId);
  const { username, password } = await house.createUser(poolId, 'henrietta');
  const step = await signIn(app, { username, password });
  const tokens = await tokensOf(app, step, username);
  const challenge = await signInWithPassword(app, { username, password });
  const recovery = await startRecovery(app, username);
  const shown = inspect([step, challenge, recovery, tokens], {
    depth: null,
    showHidden: true,
    getters: true,
  });
  for (const secret of [username, ...Object.values(tokens).filter((value) => typeof value === 'string')]) {
    expect(shown).not.toContain(secret);
  }
});
