import { ChangePasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  HASHES_AT_ONCE,
  HASHES_WAITING,
  hashesWaiting,
  verifyPassword,
} from '../../packages/server/src/platform/password-hash.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD, raw } from '../support/house.ts';
import { tally } from '../support/mfa-sign-in.ts';
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
  WRONG_PASSWORD,
  wrongPasswords,
} from '../support/password-ways.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

let house: House;
let pool: string;
let ClientId: string;
let ways: PasswordWays;
let discreet: { ClientId: string };
/** Through a client that hides who exists. */
let hidden: PasswordWays;
let name: string;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  const clientThat = (more = {}) => house.createClient(pool, { ExplicitAuthFlows: [...ALL_WAYS], ...more });
  ({ ClientId } = await clientThat());
  ways = passwordWays(house, pool, { ClientId });
  discreet = await clientThat({ PreventUserExistenceErrors: 'ENABLED' });
  hidden = passwordWays(house, pool, discreet);
});
beforeEach(async () => {
  name = newName();
  await house.createUser(pool, name);
});
afterAll(() => house[Symbol.asyncDispose]());

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const right = () => ways.inClear(name, PASSWORD);
const rightBySrp = () => ways.all.USER_SRP_AUTH(name, PASSWORD);

describe('of many wrong passwords at once no more are compared than the lock allows, and all these are counted', () => {
  it('200 of a user', async () => {
    const way = unboundedWay(house, { ClientId });
    const calls = times(200, (index) => () => way(name, `Wrong-${index}-word`));
    await expectCount(house, ways.inClear, name, await expectExact(calls));
  });

  it('200 of somebody who does not exist', async () => {
    const nobody = newName('nobody');
    const way = unboundedWay(house, discreet);
    const calls = times(200, (index) => () => way(nobody, `Wrong-${index}-word`));
    await expectCount(house, hidden.inClear, nobody, await expectExact(calls));
  });

  it('60 proofs of SRP', async () => {
    const begun = await Promise.all(times(6, () => ways.beginSrp(name)));
    const calls = times(60, (index) => async () => begun[index % 6]?.proveWrongly());
    await expectCount(house, ways.inClear, name, await expectExact(calls));
  });

  it('80 by all ways', async () => {
    const { ADMIN_NO_SRP_AUTH: _, ...others } = ways.all;
    const list = Object.values(others);
    const calls = times(80, (index) => () => (list[index % list.length] as Way)(name, WRONG_PASSWORD));
    await expectCount(house, ways.inClear, name, await expectExact(calls));
  });

  it('with the right one among them, which gets in or was late', async () => {
    const heard = await Promise.all(
      times(60, (index) =>
        ways.inClear(name, index === 40 ? PASSWORD : WRONG_PASSWORD).then(() => 'ok', String),
      ),
    );
    const compared = heard.filter((text) => text === WRONG).length;
    const gotIn = heard.filter((text) => text === 'ok').length;
    // Whoever got in has taken back what was counted before.
    expect(compared).toBeLessThanOrEqual(gotIn > 0 ? 12 : 8);
    expect(heard.filter((text) => text === LOCKED)).toHaveLength(60 - compared - gotIn);
  });
});

describe('of many right passwords at once', () => {
  it('none is compared in a lock', async () => {
    await wrongPasswords(house, ways.inClear, name, 9);
    const counts = await tally([...times(30, right), ...times(6, rightBySrp)]);
    expect(counts).toEqual({ NotAuthorizedException: 36 });
  });

  it('all sign in: nobody is counted who is right', async () => {
    await wrongPasswords(house, ways.inClear, name, 4);
    expect(await tally([...times(30, right), ...times(6, rightBySrp)])).toEqual({ ok: 36 });
    await wrongPasswords(house, ways.inClear, name, 4);
    expect((await right()).AuthenticationResult).toBeDefined();
  });
});

describe('when too many passwords wait to be hashed', () => {
  const BUSY = 'TooManyRequestsException: Rate exceeded';
  const quick = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  /** Passwords of so many people wait, and go through when they are let. */
  async function crowd(waiting = HASHES_WAITING) {
    const gate = Promise.withResolvers<void>();
    const add = (index: number) =>
      verifyPassword(quick, 'x', { lane: `crowd-${index}`, afterWaiting: () => gate.promise });
    // The first ones do not wait; those after them take their places, and keep them.
    const all = times(2 * HASHES_AT_ONCE, add);
    await Promise.all(all.slice(0, HASHES_AT_ONCE));
    all.push(...times(waiting, (index) => add(2 * HASHES_AT_ONCE + index)));
    return async () => {
      gate.resolve();
      await Promise.all(all);
    };
  }

  it('more are refused, with the time to wait, and taken again afterwards', async () => {
    const locked = newName();
    await house.createUser(pool, locked);
    await wrongPasswords(house, ways.inClear, locked, 12);
    const letThrough = await crowd();
    const { status, json, headers } = await raw(house.url, 'InitiateAuth', {
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: name, PASSWORD },
    });
    expect(status).toBe(400);
    expect(json).toEqual({ __type: 'TooManyRequestsException', message: 'Rate exceeded' });
    expect(headers.get('retry-after')).toBe('1');
    expect(await guess(ways.inClear, name)).toBe(BUSY);
    expect(await refusal(hidden.inClear(newName('nobody'), PASSWORD))).toBe(BUSY);
    // Who is locked out, and who comes by SRP, needs no argon2id.
    expect(await guess(ways.inClear, locked)).toBe(LOCKED);
    expect((await rightBySrp()).AuthenticationResult).toBeDefined();
    await letThrough();
    expect((await right()).AuthenticationResult).toBeDefined();
  });

  it('who was refused has lost no attempt', async () => {
    const { AccessToken } = await signIn(house, ClientId, name);
    const calls = recoveryCalls(house, { ClientId });
    await calls.forgot(name);
    const code = await house.code(`${name}@example.com`);
    const change = (PreviousPassword: string) =>
      house.sdk.send(
        new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword: NEW_PASSWORD }),
      );
    const letThrough = await crowd();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect(await refusal(change(PASSWORD))).toBe(BUSY);
      expect(await refusal(calls.confirm(name, code))).toBe(BUSY);
      expect(await guess(ways.inClear, name)).toBe(BUSY);
    }
    await letThrough();
    for (let attempt = 0; attempt < 4; attempt += 1) expect(await guess(ways.inClear, name)).toBe(WRONG);
    await calls.confirm(name, code, PASSWORD);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(await refusal(change(WRONG_PASSWORD))).toBe(WRONG);
    }
    await change(PASSWORD);
  });

  it('a flood at one name makes room for others, and is over when the lock is there', async () => {
    const other = newName();
    await house.createUser(pool, other);
    const letThrough = await crowd(0);
    const way = unboundedWay(house, { ClientId });
    let refused = 0;
    const flood = times(2 * HASHES_WAITING, async () => {
      const text = await guess(way, name);
      if (text === BUSY) refused += 1;
      return text;
    });
    const until = async (count: number) => {
      while (refused < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(HASHES_WAITING);
    expect(hashesWaiting()).toBe(HASHES_WAITING);
    const theirs = way(other, PASSWORD);
    await until(HASHES_WAITING + 1);
    await letThrough();
    expect((await theirs).AuthenticationResult).toBeDefined();
    const heard = await Promise.all(flood);
    expect(heard.filter((text) => text === WRONG).length).toBeLessThanOrEqual(8);
    expect(heard.filter((text) => text === BUSY)).toHaveLength(HASHES_WAITING + 1);
    expect(new Set(heard)).toEqual(new Set([WRONG, LOCKED, BUSY]));
  });
});

it('operators see how many were refused in locks, and how many wait, and not who', async () => {
  const metrics = async () => {
    const text = await (await fetch(`${house.url}/metrics`)).text();
    expect(text).not.toContain(name);
    expect(text).toContain('poolkeeper_password_hashes_waiting 0');
    return Number(/poolkeeper_locked_out_total\{by="password"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  const before = await metrics();
  await wrongPasswords(house, ways.inClear, name, 8);
  expect(await metrics()).toBe(before);
  expect(await guess(ways.inClear, name)).toBe(LOCKED);
  expect(await refusal(rightBySrp())).toBe(LOCKED);
  expect(await metrics()).toBe(before + 2);
});
