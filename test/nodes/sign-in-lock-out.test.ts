import { AdminGetUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  countPassword,
  wrongPasswords as wrongPasswordsOf,
} from '../../packages/server/src/domain/codes/lock-out.ts';
import { openPostgres } from '../../packages/server/src/storage/postgres.ts';
import { findUser } from '../../packages/server/src/storage/repositories/users.ts';
import type { Unit } from '../../packages/server/src/storage/unit.ts';
import { type House, NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { tally } from '../support/mfa-sign-in.ts';
import { type Nodes, openNodes } from '../support/nodes.ts';
import {
  ALL_WAYS,
  expectCount,
  expectExact,
  guess,
  LOCKED,
  type PasswordWays,
  passwordWays,
  unboundedWay,
  type Way,
  WRONG,
  wrongPasswords,
} from '../support/password-ways.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';

type Owner = { poolId: string; sub: string };

let cluster: Nodes;
/** The first node; its clock takes those of the others along. */
let house: House;
let pool: string;
let client: { ClientId: string };
let discreet: { ClientId: string };
let name: string;

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
/** The clock of the first node, and with it those of the others. */
const movingAll = ({ nodes }: Nodes): House => ({
  ...(nodes[0] as House),
  advance: (duration) => Promise.all(nodes.map((node) => node.advance(duration))),
});

beforeAll(async () => {
  cluster = await openNodes(3);
  house = movingAll(cluster);
  pool = await house.createPool();
  client = await house.createClient(pool, { ExplicitAuthFlows: [...ALL_WAYS] });
  discreet = await house.createClient(pool, {
    ExplicitAuthFlows: [...ALL_WAYS],
    PreventUserExistenceErrors: 'ENABLED',
  });
});
beforeEach(async () => {
  name = newName();
  await house.createUser(pool, name);
});
afterAll(() => cluster[Symbol.asyncDispose]());

const at = (index: number): PasswordWays => passwordWays(cluster.node(index), pool, client);
const subOf = async (Username: string) => {
  const command = new AdminGetUserCommand({ UserPoolId: pool, Username });
  return (await house.sdk.send(command)).UserAttributes?.[0]?.Value as string;
};
/** By another node each time. */
function round(ways: readonly Way[]): Way {
  let index = 0;
  return (who, password) => {
    index += 1;
    return (ways[index % ways.length] as Way)(who, password);
  };
}
const anyNode = () => round(times(3, (index) => at(index).inClear));

describe('over all nodes', () => {
  it('wrong passwords share one count, and one lock', async () => {
    await wrongPasswords(house, anyNode(), name, 9);
    for (let index = 0; index < 6; index += 1) expect(await guess(at(index).inClear, name)).toBe(LOCKED);
    await expectCount(house, anyNode(), name, 9);
  });

  it('of 200 wrong passwords no more are compared than the lock allows, and all these are counted', async () => {
    const ways = times(3, (index) => unboundedWay(cluster.node(index), client));
    const calls = times(200, (index) => () => (ways[index % 3] as Way)(name, `Wrong-${index}-word`));
    await expectCount(house, anyNode(), name, await expectExact(calls));
  });

  it('of 200 wrong passwords of somebody who does not exist neither', async () => {
    const nobody = newName('nobody');
    const ways = times(3, (index) => unboundedWay(cluster.node(index), discreet));
    const calls = times(200, (index) => () => (ways[index % 3] as Way)(nobody, `Wrong-${index}-word`));
    await expectCount(house, round(ways), nobody, await expectExact(calls));
  });

  it('of 90 proofs of SRP neither', async () => {
    const begun = await Promise.all(times(6, (index) => at(index).beginSrp(name)));
    const calls = times(90, (index) => async () => begun[index % 6]?.proveWrongly(cluster.node(index + 1)));
    await expectCount(house, anyNode(), name, await expectExact(calls));
  });

  it('60 right passwords all sign in', async () => {
    await wrongPasswords(house, anyNode(), name, 4);
    const calls = times(60, (index) => at(index).inClear(name, PASSWORD));
    expect(await tally(calls)).toEqual({ ok: 60 });
  });

  it('a password that was recovered at one node signs in at once at the others', async () => {
    await wrongPasswords(house, anyNode(), name, 12);
    const calls = recoveryCalls(cluster.node(0), client);
    await calls.forgot(name);
    await calls.confirm(name, await house.code(`${name}@example.com`));
    for (const index of [1, 2]) {
      expect((await at(index).inClear(name, NEW_PASSWORD)).AuthenticationResult).toBeDefined();
    }
  });
});

describe.each(['repeatable read', 'serializable'])('an engine whose units are %s', (level) => {
  const at = (url: string) =>
    `${url}?options=${encodeURIComponent(`-c default_transaction_isolation=${level.replace(' ', '\\ ')}`)}`;

  /**
   * Two units of one user. The second one began, and sees the state of then, while the first one held the user; resolves
   * to what it came to, and in how many runs.
   */
  async function oneAfterTheOther<T>(
    first: (unit: Unit, owner: Owner) => Promise<unknown>,
    second: (unit: Unit, owner: Owner) => Promise<T>,
  ) {
    const owner = { poolId: pool, sub: await subOf(name) };
    const urls = [at(cluster.database.options.databaseUrl as string)];
    const storage = await openPostgres({ urls, connections: 2 });
    try {
      const [isLocked, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const before = storage.write(async (unit) => {
        await findUser.first(unit, owner);
        isLocked.resolve();
        await mayEnd.promise;
        await first(unit, owner);
      });
      await isLocked.promise;
      let runs = 0;
      const after = storage.write(async (unit) => {
        runs += 1;
        await findUser.first(unit, owner);
        return second(unit, owner);
      });
      await new Promise((resolve) => setTimeout(resolve, 300));
      mayEnd.resolve();
      await before;
      return { outcome: await after, runs };
    } finally {
      await storage.close();
    }
  }
  const count = async (unit: Unit, owner: Owner, now: number, isRight: boolean) =>
    countPassword(unit, owner, await wrongPasswordsOf(unit, owner), now, isRight);

  it('looks again, when a lock began while a right password waited', async () => {
    const now = Date.now();
    const guesses = async (unit: Unit, owner: Owner) => {
      for (let wrong = 0; wrong < 8; wrong += 1) await count(unit, owner, now + 10_000 * wrong, false);
    };
    const right = (unit: Unit, owner: Owner) => count(unit, owner, now + 71_000, true);
    expect(await oneAfterTheOther(guesses, right)).toEqual({ outcome: 'locked', runs: 2 });
  });

  it('lets in who is right while another one is, who forgot the wrong ones', async () => {
    await wrongPasswords(house, anyNode(), name, 4);
    const now = Date.now();
    const right = (unit: Unit, owner: Owner) => count(unit, owner, now, true);
    const rightAndOn = async (unit: Unit, owner: Owner) => {
      const outcome = await right(unit, owner);
      await findUser.first(unit, owner);
      return outcome;
    };
    expect(await oneAfterTheOther(right, rightAndOn)).toEqual({ outcome: 'right', runs: 2 });
  });

  it('is as exact, and lets no right password slip by the lock', async () => {
    await using strict = await openNodes(3, (url) => ({ databaseUrl: at(url) }));
    const node = movingAll(strict);
    const id = await node.createPool();
    const app = await node.createClient(id, { ExplicitAuthFlows: [...ALL_WAYS] });
    const ways = times(3, (index) => passwordWays(strict.node(index), id, app));
    await node.createUser(id, 'ann');
    // All are there when the first is compared, and see the state of then.
    // All are there when the first is compared, and see the state of then.
    const begun = await Promise.all(times(12, (index) => (ways[index % 3] as PasswordWays).beginSrp('ann')));
    let late: Promise<string> | undefined;
    const calls = times(40, (index) => () => {
      const called = begun[index % 12]?.proveWrongly(strict.node(index)) as Promise<unknown>;
      if (index === 39) late = begun[0]?.prove(PASSWORD, strict.node(1)).then(() => 'ok', String);
      return called;
    });
    const compared = await expectExact(calls);
    expect(await late).toBe(LOCKED);
    await expectCount(node, round(ways.map(({ inClear }) => inClear)), 'ann', compared);
    expect(await guess(ways[0]?.inClear as Way, 'ann')).not.toBe(WRONG);
  });
});
