import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { freePort } from '../support/mail-server.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

let house: House;
let pool: string;
let calls: RecoveryCalls;
let name: string;
let address: string;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  calls = recoveryCalls(house, await house.createClient(pool));
});
beforeEach(async () => {
  name = newName();
  address = `${name}@example.com`;
  await house.createUser(pool, name);
});
afterAll(() => house[Symbol.asyncDispose]());

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into member by member.
  json: any;
}

/** An endpoint's answer, whatever its status. */
async function ask(path: string, method = 'GET', body?: unknown): Promise<Answer> {
  const response = await fetch(`${house.url}/_poolkeeper/${path}`, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

/** Asks for what must be refused; `status: type: message`. */
async function refused(path: string, method = 'GET', body?: unknown): Promise<string> {
  const { status, json } = await ask(path, method, body);
  return `${status} ${json.error.type}: ${json.error.message}`;
}

describe('GET messages', () => {
  it('shows a message with its code, and with every member that is promised', async () => {
    await calls.forgot(name);
    const { json } = await ask(`messages?to=${address}`);
    expect(json).toEqual({
      messages: [
        {
          id: expect.any(String),
          userPoolId: pool,
          sub: expect.stringMatching(/^[\da-f-]{36}$/),
          username: name,
          channel: 'EMAIL',
          to: address,
          subject: 'Your verification code',
          body: expect.stringContaining(json.messages[0].code),
          code: expect.stringMatching(/^\d{6}$/),
          triggerSource: 'CustomMessage_ForgotPassword',
          status: 'sent',
          attempts: 0,
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          sentAt: json.messages[0].createdAt,
          lastError: null,
          expiresAt: expect.stringMatching(/Z$/),
          record: [],
          feedback: null,
        },
      ],
    });
  });

  it('lists the newest first, as many as are asked for', async () => {
    await calls.forgot(name);
    await calls.forgot(name);
    const [newer, older] = await house.messages(address);
    expect(newer && older && newer.createdAt >= older.createdAt).toBe(true);
    expect((await ask(`messages?to=${address}&limit=1`)).json.messages).toEqual([newer]);
  });

  it('lists those of one user pool', async () => {
    await calls.forgot(name);
    const other = await house.createPool();
    expect((await ask(`messages?userPoolId=${other}`)).json).toEqual({ messages: [] });
    const { messages } = (await ask(`messages?userPoolId=${pool}`)).json;
    expect(messages[0].to).toBe(address);
  });

  it('finds a phone number also where the plus was not encoded', async () => {
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: newName(),
        UserAttributes: [{ Name: 'phone_number', Value: '+15550124' }],
        DesiredDeliveryMediums: ['SMS'],
      }),
    );
    const { messages } = (await ask('messages?to=+15550124')).json;
    expect(messages).toMatchObject([{ channel: 'SMS', to: '+15550124', subject: '' }]);
  });

  it('never shows a message to a user who does not exist', async () => {
    const hiding = recoveryCalls(
      house,
      await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' }),
    );
    const before = (await ask('messages?limit=500')).json.messages.length;
    await hiding.forgot('nobody-at-all');
    expect((await ask('messages?limit=500')).json.messages).toHaveLength(before);
  });

  it('waits for the first match, and answers as soon as it is there', async () => {
    const began = performance.now();
    const waiting = ask(`messages?to=${address}&waitMs=20000`);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await calls.forgot(name);
    expect((await waiting).json.messages).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('does not wait where there is a match already, and answers none when the time is over', async () => {
    const began = performance.now();
    expect((await ask(`messages?to=${address}&waitMs=200`)).json).toEqual({ messages: [] });
    expect(performance.now() - began).toBeGreaterThan(190);
    await calls.forgot(name);
    const later = performance.now();
    expect((await ask(`messages?to=${address}&waitMs=20000`)).json.messages).toHaveLength(1);
    expect(performance.now() - later).toBeLessThan(5000);
  });

  it('waits for a change where If-None-Match names what is known', async () => {
    const url = `${house.url}/_poolkeeper/messages?to=${address}`;
    const tag = async () => (await fetch(url)).headers.get('etag') as string;
    const empty = await tag();
    const same = await fetch(`${url}&waitMs=50`, { headers: { 'if-none-match': empty } });
    expect(same.status).toBe(304);
    await calls.forgot(name);
    const known = await tag();
    expect(known).not.toBe(empty);
    const waiting = fetch(`${url}&waitMs=20000`, { headers: { 'if-none-match': known } });
    await calls.forgot(name);
    expect(await (await waiting).json()).toMatchObject({ messages: [{ to: address }, { to: address }] });
  });

  it('waits for a change of what is known of a delivery, too', async () => {
    const port = await freePort();
    await using sending = await openHouse({ email: `smtp://127.0.0.1:${port}` });
    const itsPool = await sending.createPool();
    const itsCalls = recoveryCalls(sending, await sending.createClient(itsPool));
    await sending.createUser(itsPool, name);
    await itsCalls.forgot(name);
    const url = `${sending.url}/_poolkeeper/messages?to=${address}&waitMs=20000`;
    let tag = '';
    // Queued, taken, and tried in vain: each is another answer.
    await expect
      .poll(async () => {
        const response = await fetch(url, { headers: { 'if-none-match': tag } });
        tag = response.headers.get('etag') as string;
        return ((await response.json()) as { messages: unknown[] }).messages[0];
      })
      .toMatchObject({ status: 'queued', attempts: 1, lastError: expect.any(String) });
  });

  it('lets a thousand wait, and forgets those who went away', async () => {
    const leaving = new AbortController();
    const path = `${house.url}/_poolkeeper/messages?to=nobody@example.com`;
    const wait = async (ms: number) =>
      (await fetch(`${path}&waitMs=${ms}`, { signal: leaving.signal })).status;
    const all = Array.from({ length: 1001 }, () => wait(60_000));
    const ended = Promise.allSettled(all);
    expect(await Promise.race(all)).toBe(429);
    expect((await fetch(path)).status).toBe(200);
    leaving.abort();
    await ended;
    const next = async () => (await fetch(`${path}&waitMs=1`)).status;
    await expect.poll(next, { timeout: 10_000 }).toBe(200);
  });

  it.each([
    ['messages?limit=0', 'limit must be an integer from 1 to 500.'],
    ['messages?limit=501', 'limit must be an integer from 1 to 500.'],
    ['messages?limit=ten', 'limit must be an integer from 1 to 500.'],
    ['messages?waitMs=-1', 'waitMs must be an integer from 0 to 60000.'],
    ['messages?waitMs=60001', 'waitMs must be an integer from 0 to 60000.'],
    ['messages?to=a&to=b', 'to can be given once.'],
    ['messages?address=a', 'Unknown parameter address. Known are to, userPoolId, limit, waitMs.'],
    ['messages?userPoolId=<x>', 'userPoolId must be the id of a user pool, such as us-east-1_AbCdEf123.'],
    [
      `messages?to=${'x'.repeat(2049)}`,
      'to must be an email address or a phone number of at most 2048 characters.',
    ],
    ['messages?to=a%00b', 'to must be an email address or a phone number of at most 2048 characters.'],
  ])('refuses %.40s', async (path, message) => {
    expect(await refused(path)).toBe(`400 InvalidParameterException: ${message}`);
  });
});

describe('DELETE messages', () => {
  it('empties the inbox', async () => {
    await calls.forgot(name);
    expect(await ask('messages', 'DELETE')).toEqual({ status: 204, json: undefined });
    expect((await ask('messages')).json).toEqual({ messages: [] });
  });
});

describe('clock', () => {
  const now = async () => Date.parse((await ask('clock')).json.now);

  it('moves by what is asked for, and back to the time of the system', async () => {
    expect((await ask('clock')).json).toEqual({ now: expect.any(String), offset: 'PT0S' });
    const { json } = await ask('clock', 'POST', { advance: 'P1DT1H30M' });
    expect(json).toEqual({ now: expect.any(String), offset: 'PT25H30M' });
    expect(Math.abs(Date.parse(json.now) - Date.now() - 25.5 * 3_600_000)).toBeLessThan(5000);
    expect((await ask('clock', 'POST', { advance: 'PT30M' })).json.offset).toBe('PT26H');
    expect((await ask('clock', 'POST', { reset: true })).json.offset).toBe('PT0S');
    expect(Math.abs((await now()) - Date.now())).toBeLessThan(5000);
  });

  it('makes a code expire', async () => {
    await calls.forgot(name);
    const code = await house.code(address);
    await house.advance('PT61M');
    expect(await refusal(calls.confirm(name, code))).toMatch(/^ExpiredCodeException/);
    await ask('clock', 'POST', { reset: true });
  });

  const EITHER = 'Send either {"advance": "PT1H"} or {"reset": true}.';
  const DURATION =
    'advance must be an ISO 8601 duration in days, hours, minutes and seconds, such as PT1H or P1D.';
  it.each([
    [{ advance: '1h' }, DURATION],
    [{ advance: 'P' }, DURATION],
    [{ advance: '-PT1H' }, DURATION],
    [{ advance: 'P3651D' }, 'The clock can be moved by P3650D in all. Send {"reset": true} to start again.'],
    [{ advance: 3600 }, EITHER],
    [{ reset: 'yes' }, EITHER],
    [{ advance: 'PT1H', reset: true }, EITHER],
    [{}, EITHER],
    [{ forward: 'PT1H' }, 'Unknown member forward. Known are advance, reset.'],
    ['{"advance"', 'The body must be JSON.'],
    ['', 'The body must be JSON.'],
    ['[]', 'The body must be a JSON object of advance, reset.'],
    ['null', 'The body must be a JSON object of advance, reset.'],
  ])('refuses %j', async (body, message) => {
    expect(await refused('clock', 'POST', body)).toBe(`400 InvalidParameterException: ${message}`);
    expect((await ask('clock')).json.offset).toBe('PT0S');
  });
});

describe('faults', () => {
  it('are answered as often as was asked for, by that operation alone', async () => {
    const fault = { operation: 'ForgotPassword', error: 'TooManyRequestsException', times: 2 };
    expect(await ask('faults', 'POST', fault)).toEqual({ status: 204, json: undefined });
    for (const _ of [1, 2]) {
      expect(await refusal(calls.forgot(name))).toBe('TooManyRequestsException: A fault injected by a test.');
    }
    await calls.signIn(name);
    await calls.forgot(name);
  });

  it('come once unless it is said how often', async () => {
    await ask('faults', 'POST', { operation: 'InitiateAuth', error: 'InternalErrorException' });
    expect(await refusal(calls.signIn(name))).toMatch(/^InternalErrorException/);
    await calls.signIn(name);
  });

  it('are taken back', async () => {
    await ask('faults', 'POST', { operation: 'InitiateAuth', error: 'NotAuthorizedException', times: 1000 });
    expect(await ask('faults', 'DELETE')).toEqual({ status: 204, json: undefined });
    await calls.signIn(name);
  });

  const OPERATION = 'operation must be the name of an operation, such as ForgotPassword.';
  const ERROR = "error must be the name of one of the API's errors, such as TooManyRequestsException.";
  const TIMES = 'times must be an integer from 1 to 1000.';
  const good = { operation: 'InitiateAuth', error: 'NotAuthorizedException' };
  it.each([
    [{ ...good, operation: 'forgotPassword' }, OPERATION],
    [{ ...good, operation: '__proto__' }, OPERATION],
    [{ error: good.error }, OPERATION],
    [{ ...good, error: 'OutOfCoffeeException' }, ERROR],
    [{ operation: good.operation }, ERROR],
    [{ ...good, times: 0 }, TIMES],
    [{ ...good, times: 1001 }, TIMES],
    [{ ...good, times: 1.5 }, TIMES],
    [{ ...good, times: '2' }, TIMES],
    [{ ...good, status: 500 }, 'Unknown member status. Known are operation, error, times.'],
  ])('refuses %j', async (body, message) => {
    expect(await refused('faults', 'POST', body)).toBe(`400 InvalidParameterException: ${message}`);
    await calls.signIn(name);
  });
});

describe('pools/{userPoolId}/settings', () => {
  const path = () => `pools/${pool}/settings`;

  it("are Amazon Cognito's behaviour until they are changed, and change by what is named", async () => {
    pool = await house.createPool();
    const { recovery, mfa, ...others } = (await ask(path())).json;
    expect(recovery).toMatchObject({ attemptsPerHour: 5, codeLifetime: 'PT1H', secondFactor: false });
    expect(mfa).toEqual({ recoveryCodes: false });
    const changed = { recovery: { ...recovery, codeLifetime: 'PT15M' }, mfa, ...others };
    expect(await ask(path(), 'PUT', { recovery: { codeLifetime: 'PT15M' } })).toEqual({
      status: 200,
      json: changed,
    });
    expect((await ask(path())).json).toEqual(changed);
    const { json } = await ask(path(), 'PUT', { mfa: { recoveryCodes: true } });
    expect(json).toEqual({ ...changed, mfa: { recoveryCodes: true } });
  });

  it('are obeyed by the next request', async () => {
    pool = await house.createPool();
    calls = recoveryCalls(house, await house.createClient(pool));
    await house.createUser(pool, name);
    for (let attempt = 0; attempt < 5; attempt += 1) await calls.forgot(name);
    expect(await refusal(calls.forgot(name))).toMatch(/^LimitExceededException/);

    await ask(path(), 'PUT', { recovery: { attemptsPerHour: 0, codeLifetime: 'PT2M' } });
    for (let attempt = 0; attempt < 10; attempt += 1) await calls.forgot(name);
    const early = await house.code(address);
    await house.advance('PT1M');
    await calls.confirm(name, early);

    await calls.forgot(name);
    const late = await house.code(address);
    await house.advance('PT2M1S');
    expect(await refusal(calls.confirm(name, late))).toMatch(/^ExpiredCodeException/);
    await ask('clock', 'POST', { reset: true });
  });

  it('of an unknown pool are not found', async () => {
    const message = '404 ResourceNotFoundException: User pool us-east-1_000000000 does not exist.';
    expect(await refused('pools/us-east-1_000000000/settings')).toBe(message);
    expect(await refused('pools/us-east-1_000000000/settings', 'PUT', {})).toBe(message);
  });

  it.each([
    [[], 'The settings must be a JSON object.'],
    ['{', 'The body must be JSON.'],
    [{ sms: {} }, 'Unknown setting sms.'],
    [{ recovery: { attemptsPerHour: -1 } }, 'recovery.attemptsPerHour must be an integer from 0'],
    [{ recovery: { codeLifetime: 'PT1S' } }, 'recovery.codeLifetime must be an ISO 8601 duration'],
    [{ recovery: { color: 'red' } }, 'recovery.color is not supported by Poolkeeper yet.'],
    [{ recovery: { secondFactor: 'yes' } }, 'recovery.secondFactor must be true or false.'],
    [{ recovery: { codeLifetime: 'PT15M' }, mfa: { recoveryCodes: 1 } }, 'mfa.recoveryCodes must be true or'],
    [{ mfa: { toString: true } }, 'mfa.toString is not supported by Poolkeeper yet.'],
    [{ mfa: [] }, 'mfa must be an object.'],
  ])('refuse %j and stay as they are', async (body, message) => {
    const before = (await ask(path())).json;
    expect(await refused(path(), 'PUT', body)).toContain(`400 InvalidParameterException: ${message}`);
    expect((await ask(path())).json).toEqual(before);
  });
});

it.each([
  ['GET', ''],
  ['GET', 'message'],
  ['PATCH', 'messages'],
  ['GET', 'faults'],
  ['GET', 'pools/x'],
])('has no %s /_poolkeeper/%s', async (method, path) => {
  expect(await refused(path, method)).toBe(
    `404 ResourceNotFoundException: The operator's API has no ${method} /_poolkeeper/${path}.`,
  );
});

it('says that a body is too large', async () => {
  expect(await refused('clock', 'POST', ' '.repeat(1_048_577))).toMatch(/^413 /);
});

it('stops at once, also while somebody waits', async () => {
  const other = await openHouse();
  const waiting = fetch(`${other.url}/_poolkeeper/messages?waitMs=60000`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const began = performance.now();
  await other[Symbol.asyncDispose]();
  expect(performance.now() - began).toBeLessThan(5000);
  expect(await (await waiting).json()).toEqual({ messages: [] });
});
