import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminSetUserPasswordCommand,
  ChangePasswordCommand,
  GetUserCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import * as steps from '../support/password-ways.ts';
import {
  ALL_WAYS,
  LOCKED,
  lockOf,
  type PasswordWays,
  passwordWays,
  type Way,
  WRONG,
  WRONG_PASSWORD,
} from '../support/password-ways.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { refresh, signIn } from '../support/sign-in.ts';
import { choiceCalls } from '../support/user-auth.ts';

const NOBODY = 'UserNotFoundException: User does not exist.';

let house: House;
let pool: string;
let ClientId: string;
let ways: PasswordWays;
/** Through a client that hides who exists. */
let hidden: PasswordWays;
let calls: RecoveryCalls;
let name: string;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  const ExplicitAuthFlows = [...ALL_WAYS];
  ({ ClientId } = await house.createClient(pool, { ExplicitAuthFlows }));
  const old = (more = {}) => house.createClient(pool, { ExplicitAuthFlows: ['ADMIN_NO_SRP_AUTH'], ...more });
  const PreventUserExistenceErrors = 'ENABLED';
  const discreet = await house.createClient(pool, { ExplicitAuthFlows, PreventUserExistenceErrors });
  ways = passwordWays(house, pool, { ClientId }, await old());
  hidden = passwordWays(house, pool, discreet, await old({ PreventUserExistenceErrors }));
  calls = recoveryCalls(house, { ClientId });
});
beforeEach(async () => {
  name = newName();
  await house.createUser(pool, name);
});
afterAll(() => house[Symbol.asyncDispose]());

const WAYS = Object.keys(
  passwordWays({} as House, '', { ClientId: '' }).all,
) as (keyof PasswordWays['all'])[];
const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T>[] =>
  Array.from({ length: count }, (_, index) => make(index));
const guess = (who = name, way: Way = ways.inClear) => steps.guess(way, who);
const guessTwice = async (who = name) => [await guess(who), await guess(who)];
const right = (password = PASSWORD, way: Way = ways.inClear) =>
  way(name, password).then(
    ({ AuthenticationResult }) => (AuthenticationResult ? 'tokens' : 'a challenge'),
    String,
  );
const wrongPasswords = (count: number, way = ways.inClear, who = name) =>
  steps.wrongPasswords(house, way, who, count);
const expectCount = (wrong: number, way = ways.inClear) => steps.expectCount(house, way, name, wrong);

describe('wrong passwords', () => {
  it('lock for 2^(n-5) seconds from the fifth on', async () => {
    await wrongPasswords(4);
    for (let wrong = 5; wrong <= 12; wrong += 1) {
      expect(await guessTwice()).toEqual([WRONG, LOCKED]);
      // Time goes by in the test, too.
      const slack = lockOf(wrong) < 8 ? 0 : 4;
      if (slack > 0) {
        await house.advance(`PT${lockOf(wrong) - slack}S`);
        expect(await guess()).toBe(LOCKED);
      }
      await house.advance(`PT${slack || lockOf(wrong)}S`);
    }
    expect(await right()).toBe('tokens');
  });

  it('lock for 15 minutes at most, again and again', async () => {
    await wrongPasswords(20);
    await house.advance('PT14M50S');
    expect(await guess()).toBe(LOCKED);
    await house.advance('PT10S');
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
    await house.advance('PT15M');
    expect(await right()).toBe('tokens');
  });

  it.each(WAYS)('count and lock by %s, the right one as well', async (way) => {
    await wrongPasswords(7);
    await house.advance('PT4S');
    expect(await guess(name, ways.all[way])).toBe(WRONG);
    // Had that not been counted, the lock were over by now.
    await house.advance('PT4S');
    expect(await right(PASSWORD, ways.all[way])).toBe(LOCKED);
    await house.advance('PT4S');
    expect(await right(PASSWORD, ways.all[way])).toBe('tokens');
  });

  it.each(WAYS)('are forgotten after the right one by %s', async (way) => {
    await wrongPasswords(4);
    expect(await right(PASSWORD, ways.all[way])).toBe('tokens');
    await wrongPasswords(4);
    expect(await right()).toBe('tokens');
  });

  it('share one count, whichever way they came, by whichever client and name', async () => {
    const email = `${name}@example.com`;
    const aliased = await house.createPool({ AliasAttributes: ['email'] });
    const clients = [await house.createClient(aliased), await house.createClient(aliased)];
    const [one, other] = clients.map((client) => passwordWays(house, aliased, client)) as [
      PasswordWays,
      PasswordWays,
    ];
    await house.createUser(aliased, name);
    const password = WRONG_PASSWORD;
    expect(await refusal(one.inClear(name, password))).toBe(WRONG);
    expect(await refusal(other.inClear(email, password))).toBe(WRONG);
    expect(await refusal(one.all.USER_SRP_AUTH(email, password))).toBe(WRONG);
    expect(await refusal(other.all.ADMIN_USER_PASSWORD_AUTH(name, password))).toBe(WRONG);
    expect(await refusal(one.inClear(email, password))).toBe(WRONG);
    expect(await refusal(other.inClear(name, PASSWORD))).toBe(LOCKED);
  });

  it('during a lock are neither compared nor counted', async () => {
    await wrongPasswords(9);
    for (let guesses = 0; guesses < 10; guesses += 1) expect(await guess()).toBe(LOCKED);
    expect(await right()).toBe(LOCKED);
    await house.advance('PT16S');
    expect(await guess()).toBe(WRONG);
    await expectCount(10);
  });

  it('are those of one user in one pool', async () => {
    await wrongPasswords(10);
    const other = newName();
    await house.createUser(pool, other);
    expect(await guess(other)).toBe(WRONG);
    const elsewhere = await house.createPool();
    const client = await house.createClient(elsewhere);
    await house.createUser(elsewhere, name);
    await signIn(house, client.ClientId, name);
    expect(await guess()).toBe(LOCKED);
  });

  it('are not what never came to be compared', async () => {
    await refusal(ways.inClear(name, ''));
    const secretless = passwordWays(house, pool, await house.createClient(pool, { GenerateSecret: true }));
    for (let attempt = 0; attempt < 8; attempt += 1) {
      expect(await refusal(secretless.inClear(name, PASSWORD))).toMatch('SECRET_HASH was not received');
    }
    expect(await right()).toBe('tokens');
  });
});

describe('what was wrong is forgotten', () => {
  it('after 15 quiet minutes', async () => {
    await wrongPasswords(8);
    await house.advance('PT15M');
    await wrongPasswords(4);
    expect(await right()).toBe('tokens');
  });

  it('also below the first lock, and not before', async () => {
    await wrongPasswords(4);
    await house.advance('PT14M50S');
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
    await house.advance('PT15M');
    await wrongPasswords(4);
    await house.advance('PT15M');
    await wrongPasswords(4);
    expect(await right()).toBe('tokens');
  });

  it('not in 15 minutes of which one was not quiet', async () => {
    await wrongPasswords(8);
    for (let wrong = 9; wrong <= 10; wrong += 1) {
      await house.advance('PT14M50S');
      expect(await guess()).toBe(WRONG);
    }
    await expectCount(10);
  });

  it('not while it locks, nor at its end', async () => {
    await wrongPasswords(16);
    await house.advance('PT15M');
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
    await house.advance('PT30M');
    await wrongPasswords(4);
    expect(await right()).toBe('tokens');
  });
});

describe('a new password', () => {
  it('signs in at once, when it was recovered in the lock', async () => {
    await wrongPasswords(12);
    await calls.forgot(name);
    await calls.confirm(name, await house.code(`${name}@example.com`));
    expect(await right(NEW_PASSWORD)).toBe('tokens');
  });

  it('signs in at once by SRP, and wrong ones are counted from the beginning', async () => {
    await wrongPasswords(12);
    await calls.forgot(name);
    await calls.confirm(name, await house.code(`${name}@example.com`));
    expect(await right(NEW_PASSWORD, ways.all.USER_SRP_AUTH)).toBe('tokens');
    await wrongPasswords(4);
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
  });

  it('of an administrator’s does so, too', async () => {
    await wrongPasswords(12);
    const set = { UserPoolId: pool, Username: name, Password: NEW_PASSWORD, Permanent: true };
    await house.sdk.send(new AdminSetUserPasswordCommand(set));
    expect(await right()).toBe(WRONG);
    expect(await right(NEW_PASSWORD)).toBe('tokens');
  });

  it('of a signed-in user’s does so, too', async () => {
    const { AccessToken } = await signIn(house, ClientId, name);
    await wrongPasswords(12);
    const change = { AccessToken, PreviousPassword: PASSWORD, ProposedPassword: NEW_PASSWORD };
    await house.sdk.send(new ChangePasswordCommand(change));
    expect(await right(NEW_PASSWORD)).toBe('tokens');
  });

  it('is wanted of who had a temporary one, guesses at which count', async () => {
    const fresh = newName();
    const Permanent = false;
    const created = { UserPoolId: pool, Username: fresh, MessageAction: 'SUPPRESS' as const };
    await house.sdk.send(new AdminCreateUserCommand(created));
    const temporary = { UserPoolId: pool, Username: fresh, Password: PASSWORD, Permanent };
    await house.sdk.send(new AdminSetUserPasswordCommand(temporary));
    await wrongPasswords(9, ways.inClear, fresh);
    expect(await refusal(ways.inClear(fresh, PASSWORD))).toBe(LOCKED);
    await house.advance('PT16S');
    const met = await ways.inClear(fresh, PASSWORD);
    expect(met.ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    await wrongPasswords(9, ways.inClear, fresh);
    const answer = {
      ClientId,
      ChallengeName: 'NEW_PASSWORD_REQUIRED' as const,
      Session: met.Session,
      ChallengeResponses: { USERNAME: fresh, NEW_PASSWORD },
    };
    const { AuthenticationResult } = await house.sdk.send(new RespondToAuthChallengeCommand(answer));
    expect(AuthenticationResult).toBeDefined();
    expect((await ways.inClear(fresh, NEW_PASSWORD)).AuthenticationResult).toBeDefined();
  });
});

describe('a lock touches passwords alone', () => {
  it('and not what is signed in', async () => {
    const { AccessToken, RefreshToken } = await signIn(house, ClientId, name);
    await wrongPasswords(10);
    const renewed = await refresh(house, ClientId, RefreshToken);
    for (const token of [AccessToken, renewed.AccessToken]) {
      expect((await house.sdk.send(new GetUserCommand({ AccessToken: token }))).Username).toBe(name);
    }
    expect(await guess()).toBe(LOCKED);
  });
});

describe('SRP', () => {
  it('is counted at the proof: many challenges begun before do not get round it', async () => {
    const begun = await Promise.all(times(8, () => ways.beginSrp(name)));
    const outcomes: string[] = [];
    for (const { prove } of begun.slice(0, 6)) outcomes.push(await refusal(prove(WRONG_PASSWORD)));
    expect(outcomes).toEqual([...Array(5).fill(WRONG), LOCKED]);
    const last = begun[7] as (typeof begun)[number];
    expect(await refusal(last.prove(PASSWORD))).toBe(LOCKED);
    await house.advance('PT1S');
    expect((await last.prove(PASSWORD)).AuthenticationResult).toBeDefined();
  });

  it('counts each wrong proof for one challenge', async () => {
    const { proveWrongly } = await ways.beginSrp(name);
    const outcomes: string[] = [];
    for (let guesses = 0; guesses < 6; guesses += 1) outcomes.push(await refusal(proveWrongly()));
    expect(outcomes).toEqual([...Array(5).fill(WRONG), LOCKED]);
  });

  it('does not count a right proof that is sent again', async () => {
    const { prove } = await ways.beginSrp(name);
    await prove(PASSWORD);
    for (let again = 0; again < 6; again += 1) {
      expect(await refusal(prove(PASSWORD))).toMatch('session can only be used once');
    }
    expect(await right()).toBe('tokens');
  });
});

describe('a choice whose password comes in a lock', () => {
  it('can be answered once the lock has run out', async () => {
    await wrongPasswords(8);
    const choice = choiceCalls(house, { ClientId });
    const met = await choice.start(name);
    expect(await refusal(choice.choose(name, met, 'PASSWORD', { PASSWORD }))).toBe(LOCKED);
    await house.advance('PT8S');
    const { AuthenticationResult } = await choice.choose(name, met, 'PASSWORD', { PASSWORD });
    expect(AuthenticationResult).toBeDefined();
  });
});

describe('who is hidden', () => {
  /** What somebody hears who guesses, in a lock and after it. */
  async function story(who: string, way: Way) {
    const heard: string[] = [];
    const hear = async (password = WRONG_PASSWORD) => void heard.push(await refusal(way(who, password)));
    for (let wrong = 1; wrong <= 8; wrong += 1) {
      await hear();
      if (wrong >= 5 && wrong < 8) await house.advance(`PT${lockOf(wrong)}S`);
    }
    await hear();
    await hear(PASSWORD);
    await house.advance('PT8S');
    await hear();
    await hear();
    await house.advance('PT15M');
    for (let wrong = 1; wrong <= 4; wrong += 1) await hear();
    return heard;
  }
  const EXPECTED = [...Array(8).fill(WRONG), LOCKED, LOCKED, WRONG, LOCKED, ...Array(4).fill(WRONG)];

  it.each(WAYS)('and does not exist is locked out like anybody, by %s', async (way) => {
    expect(await story(newName('nobody'), hidden.all[way])).toEqual(EXPECTED);
    expect(await story(name, hidden.all[way])).toEqual(EXPECTED);
  });

  it('has one count for all ways, whatever the case of the name where that is one', async () => {
    const folding = await house.createPool({ UsernameConfiguration: { CaseSensitive: false } });
    const client = await house.createClient(folding, {
      ExplicitAuthFlows: [...ALL_WAYS],
      PreventUserExistenceErrors: 'ENABLED',
    });
    const { ADMIN_NO_SRP_AUTH: _, ...others } = passwordWays(house, folding, client).all;
    const list = Object.values(others);
    const names = [newName('nobody')];
    names.push((names[0] as string).toUpperCase());
    let index = 0;
    const next: Way = (_, password) => {
      index += 1;
      return (list[index % list.length] as Way)(names[index % names.length] as string, password);
    };
    await wrongPasswords(9, next);
    await expectCount(9, next);
  });

  it('and is disabled is told so after the lock, by the right password', async () => {
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: name }));
    await wrongPasswords(8, hidden.inClear);
    expect(await refusal(hidden.inClear(name, PASSWORD))).toBe(LOCKED);
    await house.advance('PT8S');
    expect(await refusal(hidden.inClear(name, PASSWORD))).toBe('NotAuthorizedException: User is disabled.');
    // That was no sign-in: it makes up for nothing.
    expect(await guess(name, hidden.inClear)).toBe(WRONG);
    await expectCount(9, hidden.inClear);
  });
});

describe('who is not hidden', () => {
  it.each(WAYS)('and does not exist is told so every time, by %s', async (way) => {
    const nobody = newName('nobody');
    for (let attempt = 0; attempt < 8; attempt += 1) expect(await guess(nobody, ways.all[way])).toBe(NOBODY);
  });
});
