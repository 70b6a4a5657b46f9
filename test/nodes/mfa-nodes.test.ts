import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { House } from '../support/house.ts';
import { type Authenticator, authenticator } from '../support/mfa.ts';
import {
  type MfaPool,
  mostCompared,
  newPhone,
  openMfaPool,
  otherCode,
  outcomeOf,
  tally,
} from '../support/mfa-sign-in.ts';
import { type Nodes, openNodes } from '../support/nodes.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const APP = 'SOFTWARE_TOKEN_MFA';

let cluster: Nodes;
/** The first node; its clock takes those of the others along. */
let house: House;
let pool: MfaPool;
let name: string;
let phone: string;
let app: Authenticator;

beforeAll(async () => {
  cluster = await openNodes(3);
  house = { ...cluster.node(0), advance: advanceAll };
  pool = await openMfaPool(house, 'OPTIONAL', ['SMS_MFA', APP]);
});
beforeEach(async () => {
  phone = newPhone();
  name = await pool.createUser(newName(), { phone_number: phone });
  app = await pool.setUpApp(name);
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** The pool as another node serves it: one after the other, round and round. */
const at = (index: number) => pool.at(cluster.node(index));
const advanceAll = (duration: string) => Promise.all(cluster.nodes.map((node) => node.advance(duration)));
const code = () => house.code(phone);
const allAtOnce = (count: number, call: (index: number) => Promise<unknown>) =>
  tally(Array.from({ length: count }, (_, index) => call(index)));

describe('any node answers any step', () => {
  it('of a code by SMS', async () => {
    await pool.switchOn(name, ['SMS_MFA']);
    const met = await at(0).begin(name);
    expect(outcomeOf(await at(1).enter(name, met, await code()))).toBe('tokens');
    const next = await at(2).beginBySrp(name);
    expect(outcomeOf(await at(0).enter(name, next, await code()))).toBe('tokens');
  });

  it('of a choice, and of an app', async () => {
    await pool.switchOn(name, ['SMS_MFA', APP]);
    const select = await at(0).begin(name);
    const met = await at(1).choose(name, select, APP);
    expect(await refusal(at(2).choose(name, select, APP))).toMatch('session can only be used once');
    expect(outcomeOf(await at(2).enter(name, met, await app.codeIn(1)))).toBe('tokens');
  });

  it('of a set-up', async () => {
    const required = await openMfaPool(house, 'ON', [APP]);
    await required.createUser(name);
    const on = (index: number) => required.at(cluster.node(index));
    const met = await on(1).begin(name);
    const set = await on(2).associate({ Session: met.Session });
    const theirs = authenticator(house, set.SecretCode ?? '');
    const { Session } = await on(0).verify({ Session: set.Session }, await theirs.codeIn(0));
    const counts = await allAtOnce(9, (index) => on(index).respond(name, { ...met, Session }, {}));
    expect(counts).toEqual({ ok: 1, NotAuthorizedException: 8 });
  });
});

describe('over all nodes', () => {
  it.each([
    ['an app', APP, () => app.wrongCode()],
    ['a code by SMS', 'SMS_MFA', async () => otherCode(await code())],
  ] as const)(
    'of 200 guesses at %s no more than allowed are compared, and all of these are counted',
    async (_, factor, wrongCode) => {
      await pool.switchOn(name, [factor]);
      const met = await at(0).begin(name);
      const wrong = await wrongCode();
      const started = performance.now();
      const counts = await allAtOnce(200, (index) => at(index).enter(name, met, wrong));
      const { CodeMismatchException: compared = 0, ...others } = counts;
      expect(compared).toBeGreaterThanOrEqual(5);
      expect(compared).toBeLessThanOrEqual(mostCompared(performance.now() - started));
      expect(others).toEqual({ NotAuthorizedException: 200 - compared });

      // The lock is the one of so many wrong answers, on each node: it is measured once it is long enough.
      let count = compared;
      for (; count < 9; count += 1) {
        await advanceAll(`PT${2 ** (count - 5)}S`);
        expect(await refusal(at(count).enter(name, met, wrong))).toMatch(/^CodeMismatch/);
      }
      const lock = 2 ** (count - 5);
      await advanceAll(`PT${lock - 6}S`);
      const early = await allAtOnce(9, (index) => at(index).enter(name, met, wrong));
      expect(early).toEqual({ NotAuthorizedException: 9 });
      await advanceAll('PT6S');
      const late = await allAtOnce(9, (index) => at(index).enter(name, met, wrong));
      expect(late).toEqual({ CodeMismatchException: 1, NotAuthorizedException: 8 });
    },
  );

  it('one session that is answered right everywhere at once signs in once', async () => {
    await pool.switchOn(name, ['SMS_MFA']);
    const met = await at(0).begin(name);
    const right = await code();
    const counts = await allAtOnce(60, (index) => at(index).enter(name, met, right));
    expect(counts).toEqual({ ok: 1, NotAuthorizedException: 59 });
    const next = await at(1).begin(name);
    expect(outcomeOf(await at(2).enter(name, next, await code()))).toBe('tokens');
  });

  it('one session of an app that is answered right everywhere at once signs in once', async () => {
    await pool.switchOn(name, [APP]);
    const met = await at(0).begin(name);
    const right = await app.codeIn(1);
    const counts = await allAtOnce(60, (index) => at(index).enter(name, met, right));
    expect(counts).toEqual({ ok: 1, NotAuthorizedException: 59 });
  });

  it('one code of an app in sessions of all nodes signs in once', async () => {
    await pool.switchOn(name, [APP]);
    const sessions = await Promise.all(Array.from({ length: 50 }, (_, index) => at(index).begin(name)));
    const right = await app.codeIn(1);
    const started = performance.now();
    const counts = await tally(sessions.map((met, index) => at(index + 1).enter(name, met, right)));
    const { ok, ExpiredCodeException: used = 0, NotAuthorizedException: locked = 0 } = counts;
    expect(ok).toBe(1);
    expect(used).toBeLessThanOrEqual(mostCompared(performance.now() - started));
    expect(used + locked).toBe(49);
  });

  it('of sign-ins at once fifteen are sent a code', async () => {
    await pool.switchOn(name, ['SMS_MFA']);
    const counts = await allAtOnce(24, (index) => at(index).begin(name));
    expect(counts).toEqual({ ok: 15, LimitExceededException: 9 });
    expect(await house.messages(phone)).toHaveLength(15);
  });

  it('of apps that are set up at once one becomes the user’s', async () => {
    const required = await openMfaPool(house, 'ON', [APP]);
    await required.createUser(name);
    const on = (index: number) => required.at(cluster.node(index));
    const sessions = await Promise.all(Array.from({ length: 12 }, (_, index) => on(index).begin(name)));
    const counts = await tally(
      sessions.map(async ({ Session }, index) => {
        const set = await on(index).associate({ Session });
        const theirs = authenticator(house, set.SecretCode ?? '');
        return on(index + 1).verify({ Session: set.Session }, await theirs.codeIn(0));
      }),
    );
    expect(counts).toEqual({ ok: 1, NotAuthorizedException: 11 });
  });
});
