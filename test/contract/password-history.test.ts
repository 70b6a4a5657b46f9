import {
  AdminDeleteUserCommand,
  CreateUserPoolCommand,
  DeleteUserPoolCommand,
  DescribeUserPoolCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Database, openDatabase } from '../support/database.ts';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { historyOf, nth, openHistoryPool, USED_BEFORE } from '../support/password-history.ts';
import type { Setter } from '../support/password-setters.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

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

const historyRows = () => database.rows('select sub, hashes from password_histories');

describe('PasswordHistorySize', () => {
  it('is shown as it was set, and not at all when it is 0 [D]', async () => {
    const policyOf = async (UserPoolId: string) =>
      (await house.sdk.send(new DescribeUserPoolCommand({ UserPoolId }))).UserPool?.Policies?.PasswordPolicy;
    const id = await house.createPool(historyOf(24));
    expect(await policyOf(id)).toMatchObject({ PasswordHistorySize: 24 });
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: id, ...historyOf(0) }));
    expect(await policyOf(id)).not.toHaveProperty('PasswordHistorySize');
  });

  it('is 24 at most [D]', async () => {
    const command = new CreateUserPoolCommand({ PoolName: 'x', ...historyOf(25) });
    expect(await refusal(house.sdk.send(command))).toMatch(
      /^InvalidParameterException: 1 validation error detected: .*less than or equal to 24$/,
    );
  });

  it('is not to be had in the LITE tier [D; the label is a guess]', async () => {
    const lite = { PoolName: 'x', UserPoolTier: 'LITE' } as const;
    const refused =
      'FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Password History';
    expect(await refusal(house.sdk.send(new CreateUserPoolCommand({ ...lite, ...historyOf(1) })))).toBe(
      refused,
    );
    await house.sdk.send(new CreateUserPoolCommand({ ...lite, ...historyOf(0) }));
    const id = await house.createPool(historyOf(2));
    const update = { UserPoolId: id, UserPoolTier: 'LITE' } as const;
    expect(await refusal(house.sdk.send(new UpdateUserPoolCommand({ ...update, ...historyOf(2) })))).toBe(
      refused,
    );
  });
});

describe.each<Setter>([
  'AdminSetUserPassword',
  'ChangePassword',
  'ConfirmForgotPassword',
  'NEW_PASSWORD_REQUIRED',
])('%s', (setter) => {
  it.each([
    [1, [1]],
    [2, [1]],
  ])('in a pool that remembers %i refuses the password that the user has [D]', async (size, used) => {
    const { prospect, calls } = await openHistoryPool(house, size);
    const { name, set } = await prospect(setter, nth(1));
    for (const n of used) expect(await refusal(set(nth(n)))).toBe(USED_BEFORE);
    await set(nth(2));
    await calls.signIn(name, nth(2));
  });

  it('in a pool that remembers none takes the password that the user has', async () => {
    const { prospect, calls } = await openHistoryPool(house, 0);
    const { name, set } = await prospect(setter, nth(1));
    await set(nth(1));
    await calls.signIn(name, nth(1));
  });

  it('remembers what it replaced', async () => {
    const { prospect, adminSet } = await openHistoryPool(house, 2);
    const { name, set } = await prospect(setter, nth(1));
    await set(nth(2));
    expect(await refusal(adminSet(name, nth(1)))).toBe(USED_BEFORE);
    await adminSet(name, nth(3));
    await adminSet(name, nth(1));
  });
});

describe('what is remembered', () => {
  it.each([2, 4])('are %i passwords, the one of now among them [D]', async (size) => {
    const { createUser, adminSet } = await openHistoryPool(house, size);
    const all = Array.from({ length: size + 1 }, (_, index) => nth(index));
    const name = await createUser(all);
    for (const used of [all.at(-1), all.at(-2), all[1]]) {
      expect(await refusal(adminSet(name, used as string))).toBe(USED_BEFORE);
    }
    await adminSet(name, nth(0));
  });

  it('holds for temporary passwords too, given and replaced', async () => {
    const { createUser, adminSet } = await openHistoryPool(house, 3);
    const name = await createUser([nth(1), nth(2)]);
    expect(await refusal(adminSet(name, nth(1), false))).toBe(USED_BEFORE);
    await adminSet(name, nth(3), false);
    expect(await refusal(adminSet(name, nth(3)))).toBe(USED_BEFORE);
  });

  it('is each user their own', async () => {
    const { createUser, adminSet } = await openHistoryPool(house, 3);
    await createUser([nth(1), nth(2)]);
    const other = await createUser([nth(7)]);
    await adminSet(other, nth(1));
  });

  it('is the password of now alone where the pool begins to remember', async () => {
    const { id, createUser, adminSet } = await openHistoryPool(house, 0);
    const name = await createUser([nth(1), nth(2)]);
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: id, ...historyOf(5) }));
    expect(await refusal(adminSet(name, nth(2)))).toBe(USED_BEFORE);
    await adminSet(name, nth(1));
    expect(await refusal(adminSet(name, nth(2)))).toBe(USED_BEFORE);
  });

  it('is forgotten as soon as the pool remembers fewer, and gone with the next password', async () => {
    const { id, createUser, adminSet } = await openHistoryPool(house, 4);
    const name = await createUser([1, 2, 3, 4].map(nth));
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: id, ...historyOf(2) }));
    expect(await refusal(adminSet(name, nth(3)))).toBe(USED_BEFORE);
    await adminSet(name, nth(2));
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: id, ...historyOf(24) }));
    expect(await refusal(adminSet(name, nth(4)))).toBe(USED_BEFORE);
    await adminSet(name, nth(3));
  });

  it('lies in the database as hashes, no more than needed, and goes with the user', async () => {
    const { id, createUser, adminSet } = await openHistoryPool(house, 3);
    const before = (await historyRows()).length;
    const name = await createUser([1, 2, 3, 4, 5].map(nth));
    const rows = await historyRows();
    expect(rows).toHaveLength(before + 1);
    for (const { hashes } of rows) {
      expect(JSON.parse(hashes as string).length).toBeLessThanOrEqual(23);
      expect(hashes).not.toContain('passw0rd');
    }
    expect(rows.some(({ hashes }) => JSON.parse(hashes as string).length === 2)).toBe(true);
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: id, ...historyOf(0) }));
    await adminSet(name, nth(6));
    expect(await historyRows()).toHaveLength(before);

    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: id, ...historyOf(3) }));
    await adminSet(name, nth(7));
    expect(await historyRows()).toHaveLength(before + 1);
    await house.sdk.send(new AdminDeleteUserCommand({ UserPoolId: id, Username: name }));
    expect(await historyRows()).toHaveLength(before);
  });

  it('goes with the pool', async () => {
    const { id, createUser } = await openHistoryPool(house, 2);
    await createUser([nth(1), nth(2)]);
    const rows = () => database.rows(`select sub from password_histories where pool_id = '${id}'`);
    expect(await rows()).toHaveLength(1);
    await house.sdk.send(new DeleteUserPoolCommand({ UserPoolId: id }));
    await vi.waitFor(async () => expect(await rows()).toEqual([]), { timeout: 10_000 });
  });
});

it('in a pool without a history the password of now may be set again: nothing is compared [D]', async () => {
  const pool = await house.createPool();
  const client = await house.createClient(pool);
  const name = newName('history');
  await house.createUser(pool, name);
  const { forgot, confirm, signIn: passwordSignIn } = recoveryCalls(house, client);
  await forgot(name);
  await confirm(name, await house.code(`${name}@example.com`), PASSWORD);
  await passwordSignIn(name, PASSWORD);
});
