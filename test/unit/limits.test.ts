import { type OperationName, operations } from '@poolkeeper/model';
import { describe, expect, it } from 'vitest';
import { configOf } from '../../packages/server/src/config/config.ts';
import {
  AWS_REQUEST_RATES,
  MESSAGE_CAPS,
  messageCapsOf,
  type RequestRates,
  requestRatesOf,
} from '../../packages/server/src/config/limits.ts';
import { categoryOf } from '../../packages/server/src/domain/limits/operation-categories.ts';
import { createRequestLimiter } from '../../packages/server/src/domain/limits/request-rates.ts';
import { createSourceCap } from '../../packages/server/src/domain/limits/source-cap.ts';
import { sourceOf } from '../../packages/server/src/platform/source-address.ts';

/** A limiter whose time the test owns. */
function limiter(rates: RequestRates) {
  let now = 5_000_000;
  const refused: string[] = [];
  const limit = createRequestLimiter(
    rates,
    (name) => refused.push(name),
    () => now,
  );
  const passes = (operation: OperationName, input: object = {}) => {
    try {
      limit(operation, input);
      return true;
    } catch (error) {
      expect(error).toMatchObject({
        type: 'TooManyRequestsException',
        message: 'Rate exceeded',
        retryAfter: 1,
      });
      return false;
    }
  };
  return {
    passes,
    refused,
    /** How many of so many calls at one moment pass. */
    count: (times: number, operation: OperationName, input?: object) =>
      Array.from({ length: times }, () => passes(operation, input)).filter(Boolean).length,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

describe('a request rate', () => {
  it('lets a second of requests through at once, and then as many as the second brings', () => {
    const { count, wait } = limiter({ UserRead: 120 });
    expect(count(500, 'GetUser')).toBe(120);
    wait(250);
    expect(count(500, 'GetUser')).toBe(30);
    wait(3_600_000);
    expect(count(500, 'GetUser')).toBe(120);
  });

  it('is kept over a long time to the request', () => {
    const { passes, wait } = limiter({ UserList: 7 });
    let passed = 0;
    for (let millisecond = 0; millisecond < 60_000; millisecond += 1) {
      if (passes('ListUsers')) passed += 1;
      wait(1);
    }
    expect(passed).toBeGreaterThanOrEqual(60 * 7);
    expect(passed).toBeLessThanOrEqual(61 * 7);
  });

  it('is one for all operations of a category, and of no other', () => {
    const { count, refused } = limiter({ UserCreation: 5, UserPoolRead: 2 });
    expect(count(3, 'SignUp') + count(3, 'AdminCreateUser')).toBe(5);
    expect(count(9, 'ConfirmSignUp')).toBe(0);
    expect(count(9, 'ListUserPools')).toBe(2);
    expect(count(9, 'ForgotPassword')).toBe(9);
    expect(new Set(refused)).toEqual(new Set(['UserCreation', 'UserPoolRead']));
  });

  it('of answers to challenges is three times that of UserAuthentication, and then counts there', () => {
    const { count } = limiter({ UserAuthentication: 10 });
    expect(count(20, 'RespondToAuthChallenge') + count(20, 'AdminRespondToAuthChallenge')).toBe(40);
    expect(count(1, 'InitiateAuth')).toBe(0);
  });

  it('of new passwords in place of temporary ones is that of UserAccountRecovery', () => {
    const { count } = limiter({ UserAuthentication: 10, UserAccountRecovery: 3 });
    const input = { ChallengeName: 'NEW_PASSWORD_REQUIRED' };
    expect(count(9, 'RespondToAuthChallenge', input)).toBe(3);
    expect(count(1, 'ForgotPassword')).toBe(0);
    expect(count(9, 'InitiateAuth')).toBe(9);
  });
});

describe("a user's own rate", () => {
  const both = { PerUserRead: 10, PerUserWrite: 10 };

  it('counts reads and writes apart, and each user for themselves', () => {
    const { count, wait, refused } = limiter(both);
    const ann = { ClientId: 'app', Username: 'ann' };
    expect(count(15, 'ForgotPassword', ann)).toBe(10);
    expect(count(15, 'ResendConfirmationCode', ann)).toBe(10);
    expect(count(15, 'ForgotPassword', { ...ann, Username: 'bob' })).toBe(10);
    expect(count(15, 'ForgotPassword', { ...ann, ClientId: 'other' })).toBe(10);
    wait(100);
    expect(count(15, 'ForgotPassword', ann)).toBe(1);
    expect(refused).toContain('PerUserWrite');
    expect(refused).toContain('PerUserRead');
  });

  it.each<[string, OperationName, object]>([
    ['the name in AuthParameters', 'InitiateAuth', { AuthParameters: { USERNAME: 'ann' } }],
    ['the name in ChallengeResponses', 'RespondToAuthChallenge', { ChallengeResponses: { USERNAME: 'ann' } }],
    ['the access token', 'GetUser', { AccessToken: 'header.payload.signature' }],
    ['the pool and the name', 'AdminGetUser', { UserPoolId: 'p', Username: 'ann' }],
  ])('goes by %s', (_, operation, input) => {
    const { count } = limiter(both);
    expect(count(15, operation, input)).toBe(10);
  });

  it('is not multiplied by writing the name in another way', () => {
    const { count } = limiter(both);
    const names = ['ann', 'Ann', 'ANN', 'aNN'];
    const passed = names.map((Username) => count(5, 'ForgotPassword', { ClientId: 'app', Username }));
    expect(passed).toEqual([5, 5, 0, 0]);
  });

  it('comes first: a flood at one name leaves the category to the others', () => {
    const { count } = limiter({ ...both, UserAccountRecovery: 30 });
    expect(count(500, 'ForgotPassword', { ClientId: 'app', Username: 'ann' })).toBe(10);
    const others = Array.from({ length: 50 }, (_, index) => ({ ClientId: 'app', Username: `user${index}` }));
    expect(others.filter((input) => count(1, 'ForgotPassword', input) === 1)).toHaveLength(20);
  });

  it('is remembered from one second to the next', () => {
    const { count, wait } = limiter({ PerUserWrite: 10 });
    const ann = { ClientId: 'app', Username: 'ann' };
    count(1, 'ForgotPassword', { ClientId: 'app', Username: 'bob' });
    wait(900);
    expect(count(20, 'ForgotPassword', ann)).toBe(10);
    wait(150);
    expect(count(20, 'ForgotPassword', ann)).toBe(1);
    wait(5000);
    expect(count(20, 'ForgotPassword', ann)).toBe(10);
  });
});

describe('the categories', () => {
  it('have every operation, each in one', () => {
    expect(Object.keys(categoryOf).toSorted()).toEqual(Object.keys(operations).toSorted());
  });

  it('are all names of --request-rates, and every name is obeyed', () => {
    const used = new Set<string>([...Object.values(categoryOf), 'PerUserRead', 'PerUserWrite']);
    expect([...used].toSorted()).toEqual(Object.keys(AWS_REQUEST_RATES).toSorted());
  });
});

describe('--request-rates and --message-caps', () => {
  it('are off in dev mode and on in production, unless they are given', async () => {
    expect(requestRatesOf(undefined, 'dev')).toEqual({});
    expect(messageCapsOf([], 'dev')).toEqual({});
    expect(requestRatesOf([], 'production')).toEqual(AWS_REQUEST_RATES);
    expect(messageCapsOf(undefined, 'production')).toEqual(MESSAGE_CAPS);
    expect(requestRatesOf('off', 'production')).toEqual({});
    expect(await configOf({ requestRates: 'aws', messageCaps: 'default' })).toMatchObject({
      requestRates: AWS_REQUEST_RATES,
      messageCaps: MESSAGE_CAPS,
    });
  });

  it('change what they name and leave the rest', () => {
    const raised = { ...AWS_REQUEST_RATES, UserRead: 500 };
    for (const given of ['UserRead=500', ['UserRead=500'], 'aws UserRead=500', ['aws', 'UserRead=500']]) {
      for (const mode of ['dev', 'production'] as const) expect(requestRatesOf(given, mode)).toEqual(raised);
    }
    expect(requestRatesOf('off,UserRead=5,UserList=6', 'production')).toEqual({ UserRead: 5, UserList: 6 });
    expect(messageCapsOf('EmailDay=50 SmsDay=1000', 'dev')).toEqual({
      ...MESSAGE_CAPS,
      EmailDay: 50,
      SmsDay: 1000,
    });
    const { DestinationDay: _, ...others } = MESSAGE_CAPS;
    expect(messageCapsOf('DestinationDay=off', 'dev')).toEqual(others);
  });

  it.each([
    ['UserReads=5', /UserReads=5: begin with aws or off.*The names are UserAuthentication, /],
    ['toString=5', /toString=5: begin with/],
    ['UserFederation=5', /UserFederation=5: begin with/],
    ['UserRead=0', /UserRead=0: give a whole number from 1 to 999999, or off/],
    ['UserRead=-1', /whole number/],
    ['UserRead=1.5', /whole number/],
    ['UserRead=1e3', /whole number/],
    ['UserRead=1000000', /whole number/],
    ['UserRead=', /whole number/],
    ['UserRead', /whole number/],
    ['UserRead=5=6', /whole number/],
    ['UserRead=5 UserRead=6', /names UserRead twice/],
    ['UserRead=5 aws', /--request-rates aws: begin with aws or off/],
    ['aws off', /--request-rates off: begin with/],
    ['on', /--request-rates on: begin with/],
  ])('refuse %s', async (requestRates, text) => {
    await expect(configOf({ requestRates })).rejects.toThrow(text);
  });
});

describe('the cap of a source address', () => {
  const request = (sourceIp: string) => ({ sourceIp, signed: false });

  it('counts the requests of an hour, each once', () => {
    const allowed = createSourceCap(2);
    const [first, second, third] = [request('10.0.0.1'), request('10.0.0.1'), request('10.0.0.1')];
    expect([allowed(first, 0), allowed(first, 0), allowed(second, 0)]).toEqual([true, true, true]);
    expect([allowed(third, 0), allowed(request('10.0.0.2'), 0)]).toEqual([false, true]);
    expect(allowed(request('10.0.0.1'), 3_599_999)).toBe(false);
    expect(allowed(request('10.0.0.1'), 3_600_000)).toBe(true);
  });

  it('does not outlive a clock that was set back', () => {
    const allowed = createSourceCap(1);
    expect([1e12, 1e12, 0].map((now) => allowed(request('10.0.0.1'), now))).toEqual([true, false, true]);
  });
});

it.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::1', '2001:db8:1:2'],
  ['2001:db8::5:6:7:8:9', '2001:db8:0:5'],
  ['::1', '0:0:0:0'],
])('%s is one source with all of %s', (ip, source) => {
  expect(sourceOf(ip)).toBe(source);
});
