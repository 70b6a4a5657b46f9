import {
  AdminSetUserPasswordCommand,
  ChangePasswordCommand,
  ConfirmForgotPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Database, openDatabase } from '../support/database.ts';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { createMfaPool } from '../support/mfa.ts';
import { mfaPoolOf, otherCode } from '../support/mfa-sign-in.ts';
import {
  type HistoryPool,
  historyOf,
  nth,
  openHistoryPool,
  USED_BEFORE,
} from '../support/password-history.ts';
import { recoveryCalls, wrongCode } from '../support/recovery-calls.ts';
import { createReachable } from '../support/recovery-mfa.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';

let database: Database;
let house: House;
beforeAll(async () => {
  database = await openDatabase();
  house = await openHouse(database.options);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

describe('a password that was used before', () => {
  let pool: HistoryPool;
  let name: string;
  beforeAll(async () => {
    pool = await openHistoryPool(house, 3);
  });
  beforeEach(async () => {
    name = await pool.createUser([nth(1), nth(2)]);
  });
  const codeOf = async () => {
    await pool.calls.forgot(name);
    return house.code(`${name}@example.com`);
  };

  it('leaves the reset code as it is, and counts as an attempt like any other', async () => {
    const { calls } = pool;
    const code = await codeOf();
    // The request was the first of five attempts.
    for (const used of [1, 2, 1])
      expect(await refusal(calls.confirm(name, code, nth(used)))).toBe(USED_BEFORE);
    await calls.confirm(name, code, nth(3));
    expect(await refusal(calls.confirm(name, code, nth(4)))).toBe(LIMITED);
    await calls.signIn(name, nth(3));
  });

  it('is no way round the limit of attempts', async () => {
    const { calls } = pool;
    const code = await codeOf();
    for (let attempt = 0; attempt < 4; attempt++) {
      expect(await refusal(calls.confirm(name, code, nth(1)))).toBe(USED_BEFORE);
    }
    expect(await refusal(calls.confirm(name, code, nth(1)))).toBe(LIMITED);
    expect(await refusal(calls.confirm(name, code, nth(9)))).toBe(LIMITED);
  });

  it('is told to nobody without the code, whichever way they ask', async () => {
    const { calls, id } = pool;
    const hiding = recoveryCalls(
      house,
      await house.createClient(id, { PreventUserExistenceErrors: 'ENABLED' }),
    );
    expect(await refusal(calls.confirm(name, '123456', nth(2)))).toBe(EXPIRED);
    const code = await codeOf();
    for (const { confirm } of [calls, hiding]) {
      expect(await refusal(confirm(name, wrongCode(code), nth(2)))).toMatch(/^CodeMismatchException/);
    }
    await hiding.forgot('nobody');
    expect(await refusal(hiding.confirm('nobody', '123456', nth(2)))).toMatch(/^CodeMismatchException/);
  });

  it('is compared for nobody without the code: a guess costs what it costs in any pool', async () => {
    const { id, calls, createUser } = await openHistoryPool(house, 6);
    const user = await createUser(Array.from({ length: 6 }, (_, n) => nth(n)));
    await house.operator(`pools/${id}/settings`, {
      method: 'PUT',
      json: { recovery: { attemptsPerHour: 0 } },
    });
    await calls.forgot(user);
    const code = await house.code(`${user}@example.com`);
    const durationOf = async (given: string) => {
      const start = performance.now();
      await refusal(calls.confirm(user, given, nth(0)));
      return performance.now() - start;
    };
    const guesses: number[] = [];
    for (let n = 0; n < 5; n++) guesses.push(await durationOf(wrongCode(code)));
    // One argon2id against seven.
    expect(2 * Math.min(...guesses)).toBeLessThan(await durationOf(code));
  });

  it('is told to who shows the old password, and to nobody else', async () => {
    const { AccessToken } = await signIn(house, pool.client.ClientId, name, nth(2));
    const change = (PreviousPassword: string, ProposedPassword: string) =>
      house.sdk.send(new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword }));
    expect(await refusal(change('passw0rd!wrong', nth(1)))).toMatch('Incorrect username or password.');
    expect(await refusal(change(nth(2), nth(1)))).toBe(USED_BEFORE);
    expect(await refusal(change(nth(2), nth(2)))).toBe(USED_BEFORE);
    await change(nth(2), nth(3));
  });

  it('does not spend the session of a NEW_PASSWORD_REQUIRED', async () => {
    const { set, name } = await pool.prospect('NEW_PASSWORD_REQUIRED', nth(1));
    expect(await refusal(set(nth(1)))).toBe(USED_BEFORE);
    await set(nth(2));
    await pool.calls.signIn(name, nth(2));
    expect(await refusal(set(nth(3)))).toMatch(/session can only be used once/);
  });

  it('stays unused when it comes at the same moment by two ways', async () => {
    const { createUser, calls, adminSet } = pool;
    for (let round = 0; round < 3; round++) {
      const user = await createUser([nth(0), nth(1)]);
      await calls.forgot(user);
      const code = await house.code(`${user}@example.com`);
      const { AccessToken } = await signIn(house, pool.client.ClientId, user, nth(1));
      const change = { AccessToken, PreviousPassword: nth(1), ProposedPassword: nth(8) };
      const outcomes = await Promise.allSettled([
        adminSet(user, nth(8)),
        adminSet(user, nth(8)),
        calls.confirm(user, code, nth(8)),
        house.sdk.send(new ChangePasswordCommand(change)),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue;
        expect(outcome.reason.name).toMatch(/^(?:PasswordHistoryPolicyViolation|ExpiredCode|NotAuthorized)/);
      }
      await calls.signIn(user, nth(8));
    }
  });

  it('of many different ones at once by one code, one is set', async () => {
    const { createUser, calls, id } = await openHistoryPool(house, 3);
    await house.operator(`pools/${id}/settings`, {
      method: 'PUT',
      json: { recovery: { attemptsPerHour: 0 } },
    });
    const user = await createUser([nth(1), nth(2)]);
    await calls.forgot(user);
    const code = await house.code(`${user}@example.com`);
    const tries = Array.from({ length: 12 }, (_, n) => nth(n));
    const outcomes = await Promise.all(
      tries.map((password) =>
        calls.confirm(user, code, password).then(
          () => 'ok',
          (error: Error) => error.name,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    for (const used of [1, 2]) {
      expect(outcomes[used]).toMatch(/^(?:PasswordHistoryPolicyViolation|ExpiredCode)Exception$/);
    }
    await calls.signIn(user, tries[outcomes.indexOf('ok')]);
  });
});

describe('where a reset takes a second factor', () => {
  const [APP, APP_CODE] = ['SOFTWARE_TOKEN_MFA', 'SOFTWARE_TOKEN_MFA_CODE'] as const;

  /** A user with an app, and a reset code on its way. */
  async function openReset(size: number) {
    const id = await createMfaPool(house, 'OPTIONAL', [APP, 'SMS_MFA'], historyOf(size));
    await house.operator(`pools/${id}/settings`, {
      method: 'PUT',
      json: { recovery: { secondFactor: true, attemptsPerHour: 0 } },
    });
    const client = await house.createClient(id);
    const pool = mfaPoolOf(house, id, client);
    const { name, email } = await createReachable(pool, { phone: false });
    const app = await pool.setUpApp(name);
    await pool.switchOn(name, [APP], APP);
    async function newCode() {
      await recoveryCalls(house, client).forgot(name);
      return house.code(email);
    }
    const user = { ClientId: client.ClientId, Username: name };
    const confirm = (ConfirmationCode: string, Password: string, token: string) => {
      const ClientMetadata = { [APP_CODE]: token };
      return house.sdk.send(
        new ConfirmForgotPasswordCommand({ ...user, ConfirmationCode, Password, ClientMetadata }),
      );
    };
    return { id, name, app, newCode, confirm };
  }

  it('an old password is told to who has both, and uses up neither', async () => {
    const { app, newCode, confirm } = await openReset(2);
    const code = await newCode();
    const token = await app.code();
    expect(await refusal(confirm(code, PASSWORD, otherCode(token)))).toMatch(/^CodeMismatchException/);
    expect(await refusal(confirm(code, PASSWORD, token))).toBe(USED_BEFORE);
    await confirm(code, nth(1), token);
    expect(await refusal(confirm(code, nth(2), token))).toBe(EXPIRED);
  });

  it('a code that is replaced while old passwords are compared uses up no second factor', async () => {
    const { id, name, app, newCode, confirm } = await openReset(6);
    for (let n = 1; n < 6; n++) {
      const password = { Password: nth(n), Permanent: true };
      await house.sdk.send(new AdminSetUserPasswordCommand({ UserPoolId: id, Username: name, ...password }));
    }
    const replaced = await newCode();
    const token = await app.code();
    const late = refusal(confirm(replaced, nth(9), token));
    await vi.waitFor(
      async () => {
        const counts = `select count from attempts where pool_id = '${id}' and action = 'reset-password'`;
        expect(Number((await database.rows(counts))[0]?.['count'])).toBe(2);
      },
      { interval: 5, timeout: 5000 },
    );
    const code = await newCode();
    expect(await late).toBe(EXPIRED);
    await confirm(code, nth(9), token);
  });
});
