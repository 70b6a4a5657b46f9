import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminResetUserPasswordCommand,
  type AttributeType,
  DeleteUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

interface Recovery {
  id: string;
  time: string;
  since: string;
  operation: string;
  userPoolId: string;
  clientId: string | null;
  username: string;
  sub: string | null;
  user: 'found' | 'simulated' | 'unknown';
  status: string | null;
  enabled: boolean | null;
  outcome: string;
  error: string | null;
  times: number;
  channels: { attribute: string; destination: string | null; eligible: boolean; reason: string }[];
  attempts: number | null;
  attemptsPerHour: number | null;
  messageId: string | null;
}

let house: House;
let pool: string;
let legacyClient: { ClientId: string };
let hidingClient: { ClientId: string };
let legacy: RecoveryCalls;
let hiding: RecoveryCalls;
let name: string;
let address: string;
let phone: string;
beforeAll(async () => {
  house = await openHouse();
  await furnishPool();
});
afterAll(() => house[Symbol.asyncDispose]());

async function furnishPool(input: Parameters<House['createPool']>[0] = {}) {
  pool = await house.createPool(input);
  legacyClient = await house.createClient(pool);
  hidingClient = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
  legacy = recoveryCalls(house, legacyClient);
  hiding = recoveryCalls(house, hidingClient);
}

let phones = 0;
beforeEach(() => {
  name = newName();
  address = `${name}@example.com`;
  phone = `+1206556${String(++phones).padStart(4, '0')}`;
});

const set = (recovery: object) =>
  house.operator(`pools/${pool}/settings`, { method: 'PUT', json: { recovery } });
const records = async (query: Record<string, string> = {}) =>
  (
    (await house.operator(
      `recoveries?${new URLSearchParams({ userPoolId: pool, username: name, ...query })}`,
    )) as {
      recoveries: Recovery[];
    }
  ).recoveries;
const newest = async (username = name) => (await records({ username }))[0] as Recovery;
const attributes = (verified: { email: boolean; phone: boolean }): AttributeType[] => [
  { Name: 'email', Value: address },
  { Name: 'email_verified', Value: String(verified.email) },
  { Name: 'phone_number', Value: phone },
  { Name: 'phone_number_verified', Value: String(verified.phone) },
];
const checkCode = (code: string, username = name) =>
  fetch(`${house.url}/recovery/check-code`, {
    method: 'POST',
    body: JSON.stringify({ clientId: legacyClient.ClientId, username, code }),
  });

describe('a request that ends well', () => {
  it('tells who asked, what was sent where, and the message', async () => {
    await house.createUser(pool, name);
    await legacy.forgot(name);
    const [message] = await house.messages(address);
    const [record, ...more] = await records();
    expect(more).toEqual([]);
    expect(record).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      time: expect.any(String),
      since: record?.time,
      operation: 'ForgotPassword',
      userPoolId: pool,
      clientId: legacyClient.ClientId,
      username: name,
      sub: message?.sub,
      user: 'found',
      status: 'CONFIRMED',
      enabled: true,
      outcome: 'sent',
      error: null,
      times: 1,
      channels: [
        { attribute: 'phone_number', destination: null, eligible: false, reason: 'absent' },
        { attribute: 'email', destination: 'u***@e***', eligible: true, reason: 'verified' },
      ],
      attempts: 1,
      attemptsPerHour: 5,
      messageId: message?.id,
    });
    expect(
      Math.abs(Date.parse(record?.time as string) - Date.parse(message?.createdAt as string)),
    ).toBeLessThan(1000);
  });

  it('is followed by the others of that user, newest first', async () => {
    await set({ checkCode: true });
    await house.createUser(pool, name);
    await legacy.forgot(name);
    const code = await house.code(address);
    await refusal(legacy.confirm(name, wrongCode(code)));
    await checkCode(code);
    await legacy.confirm(name, code);
    await house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: name }));
    const told = (await records()).map(({ operation, outcome, error, attempts, clientId }) =>
      [operation, outcome, error, attempts, clientId === null ? 'admin' : 'app'].join(' '),
    );
    expect(told).toEqual([
      'AdminResetUserPassword sent   admin',
      'ConfirmForgotPassword password-set  4 app',
      'CheckCode code-valid  3 app',
      'ConfirmForgotPassword refused CodeMismatchException 2 app',
      'ForgotPassword sent  1 app',
    ]);
    expect((await records())[0]?.status).toBe('CONFIRMED');
  });
});

describe('why a code went nowhere', () => {
  const reasons = async () =>
    Object.fromEntries((await newest()).channels.map(({ attribute, reason }) => [attribute, reason]));

  it.each([
    ['no address is there', () => [], { email: 'absent', phone_number: 'absent' }],
    [
      'none is verified',
      () => attributes({ email: false, phone: false }),
      { email: 'not-verified', phone_number: 'not-verified' },
    ],
  ])('%s', async (_, given, expected) => {
    await house.createUser(pool, name, given());
    await refusal(legacy.forgot(name));
    expect(await newest()).toMatchObject({
      user: 'found',
      outcome: 'refused',
      error: 'InvalidParameterException',
      messageId: null,
      attempts: 0,
    });
    expect(await reasons()).toEqual(expected);
    await hiding.forgot(name);
    expect(await newest()).toMatchObject({
      user: 'found',
      outcome: 'simulated',
      error: null,
      messageId: null,
    });
    expect(await reasons()).toEqual(expected);
  });

  it('the pool recovers by another way, or the user chose one', async () => {
    const setting = { RecoveryMechanisms: [{ Name: 'verified_email' as const, Priority: 1 }] };
    await furnishPool({ AccountRecoverySetting: setting });
    await house.createUser(pool, name, attributes({ email: false, phone: true }));
    await refusal(legacy.forgot(name));
    expect(await reasons()).toEqual({
      email: 'not-verified',
      phone_number: 'not-in-AccountRecoverySetting',
    });
    await furnishPool();
  });

  it('the user is disabled, or has a temporary password', async () => {
    await house.createUser(pool, name);
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: name }));
    await hiding.forgot(name);
    expect(await newest()).toMatchObject({ outcome: 'simulated', enabled: false });
    expect(await reasons()).toEqual({ email: 'user-disabled', phone_number: 'user-disabled' });

    name = newName();
    await house.sdk.send(
      new AdminCreateUserCommand({ UserPoolId: pool, Username: name, MessageAction: 'SUPPRESS' }),
    );
    await refusal(legacy.forgot(name));
    expect(await newest()).toMatchObject({ outcome: 'refused', status: 'FORCE_CHANGE_PASSWORD' });
    expect(await reasons()).toEqual({ email: 'user-status', phone_number: 'user-status' });
  });

  it('nobody has that name', async () => {
    await refusal(legacy.forgot(name));
    expect(await newest()).toMatchObject({
      user: 'unknown',
      username: name,
      sub: null,
      status: null,
      outcome: 'refused',
      error: 'UserNotFoundException',
    });
    await hiding.forgot(name);
    expect(await newest()).toMatchObject({ user: 'simulated', outcome: 'simulated', messageId: null });
  });

  it.each([
    ['the password is too weak', () => legacy.confirm(name, '123456', 'short'), 'InvalidPasswordException'],
    ['no code was asked for', () => legacy.confirm(name, '123456'), 'ExpiredCodeException'],
  ])('%s', async (_, call, error) => {
    await house.createUser(pool, name);
    await refusal(call());
    expect(await newest()).toMatchObject({ operation: 'ConfirmForgotPassword', outcome: 'refused', error });
  });

  it('an administrator’s request was refused', async () => {
    await house.createUser(pool, name, []);
    const reset = new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: name });
    await refusal(house.sdk.send(reset));
    expect(await newest()).toMatchObject({
      operation: 'AdminResetUserPassword',
      clientId: null,
      outcome: 'refused',
      error: 'InvalidParameterException',
    });
  });
});

describe('a flood', () => {
  beforeAll(() => furnishPool());

  it.each([
    ['of a user', true],
    ['of nobody', false],
  ])('%s makes a record a minute, counted', async (_, exists) => {
    if (exists) await house.createUser(pool, name);
    const answers = await Promise.allSettled(Array.from({ length: 60 }, () => hiding.forgot(name)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    const all = await records();
    const limited = all.filter(({ outcome }) => outcome === 'limited');
    expect(all.filter(({ outcome }) => outcome === (exists ? 'sent' : 'simulated'))).toHaveLength(5);
    expect(limited.length).toBeLessThanOrEqual(2);
    expect(limited.reduce((sum, { times }) => sum + times, 0)).toBe(55);
    expect(limited[0]).toMatchObject({ error: 'LimitExceededException', attemptsPerHour: 5 });
    expect(limited[0]?.attempts).toBeGreaterThan(5);
  });

  it('of requests that nothing limits does, too', async () => {
    await Promise.allSettled(Array.from({ length: 30 }, () => legacy.forgot(name)));
    const all = await records();
    expect(all.length).toBeLessThanOrEqual(2);
    expect(all.reduce((sum, { times }) => sum + times, 0)).toBe(30);
  });

  it('of names that nobody has shares records, too, and the newest name is there', async () => {
    await furnishPool();
    const names = Array.from({ length: 1200 }, () => newName('nobody'));
    for (let at = 0; at < names.length; at += 60)
      await Promise.allSettled(names.slice(at, at + 60).map((one) => legacy.forgot(one)));
    await refusal(legacy.forgot(name));
    const { recoveries: all } = (await house.operator(`recoveries?userPoolId=${pool}&limit=500`)) as {
      recoveries: Recovery[];
    };
    // The minute may have ended meanwhile.
    if (all.length < 500) expect(all.reduce((sum, { times }) => sum + times, 0)).toBe(1201);
    expect(new Set(all.map(({ since }) => since.slice(0, 16))).size * 256).toBeGreaterThanOrEqual(all.length);
    expect((await newest()).error).toBe('UserNotFoundException');
  });
});

describe('what a record does not hold', () => {
  it('a code, a password, an address in clear', async () => {
    await house.createUser(pool, name, attributes({ email: true, phone: true }));
    await legacy.forgot(name);
    const code = await house.code(phone);
    await refusal(legacy.confirm(name, wrongCode(code)));
    await refusal(legacy.confirm(name, '77777777', NEW_PASSWORD));
    await legacy.confirm(name, code);
    const text = JSON.stringify(await records());
    for (const secret of [code, wrongCode(code), '77777777', NEW_PASSWORD, address, phone])
      expect(text).not.toContain(secret);
    expect(text).toContain('u***@e***');
    expect(text).toContain(`+*******${phone.slice(-4)}`);
  });
});

describe('GET recoveries', () => {
  it('finds a user by alias, by sub, and in whatever case where names have none', async () => {
    await furnishPool({ AliasAttributes: ['email'], UsernameConfiguration: { CaseSensitive: false } });
    await house.createUser(pool, name);
    await legacy.forgot(address);
    const record = await newest();
    expect(record.username).toBe(name);
    for (const asked of [address, address.toUpperCase(), name.toUpperCase(), record.sub as string])
      expect((await newest(asked))?.id, asked).toBe(record.id);
    await furnishPool();
  });

  it('finds a user among thousands of others', async () => {
    await set({ attemptsPerHour: 0 });
    await house.createUser(pool, name);
    await legacy.forgot(name);
    const found = await newest();
    const crowd = newName('crowd');
    for (let batch = 0; batch < 21; batch += 1)
      await Promise.all(Array.from({ length: 100 }, () => hiding.forgot(crowd)));
    expect(await newest()).toEqual({ ...found, attemptsPerHour: null });
    expect(await records({ limit: '500', username: crowd })).toHaveLength(500);
    await set({ attemptsPerHour: 5 });
  });

  it('lists all pools, newest first, as many as asked', async () => {
    await house.createUser(pool, name);
    await legacy.forgot(name);
    const first = pool;
    await furnishPool();
    await house.createUser(pool, name);
    await legacy.forgot(name);
    const { recoveries } = (await house.operator('recoveries?limit=2')) as { recoveries: Recovery[] };
    expect(recoveries.map(({ userPoolId }) => userPoolId)).toEqual([pool, first]);
    const named = (await house.operator(`recoveries?username=${name}`)) as { recoveries: Recovery[] };
    expect(named.recoveries.map(({ userPoolId }) => userPoolId)).toEqual([pool, first]);
  });

  it.each([
    ['limit=0', 'limit must be an integer from 1 to 500.'],
    ['limit=501', 'limit must be an integer from 1 to 500.'],
    ['username=', 'username must have 1 to 128 characters.'],
    [`username=${'x'.repeat(129)}`, 'username must have 1 to 128 characters.'],
    ['userPoolId=<x>', 'userPoolId must be the id of a user pool'],
    ['userPoolId=us-east-1_nowhere00&username=a', 'User pool us-east-1_nowhere00 does not exist.'],
    ['user=a', 'Unknown parameter user. Known are userPoolId, username, limit.'],
    ['username=a&username=b', 'username can be given once.'],
  ])('refuses %.40s', async (query, message) => {
    await expect(house.operator(`recoveries?${query}`)).rejects.toThrow(message);
  });
});

describe('a record', () => {
  /** A pool that is deleted has the janitor come at once. */
  const clean = async () => {
    const UserPoolId = await house.createPool();
    await house.sdk.send(new DeleteUserPoolCommand({ UserPoolId }));
  };

  it('is kept for so long, and then gone', async () => {
    await furnishPool();
    await set({ recordsKeptFor: 'P2D' });
    await house.createUser(pool, name);
    await legacy.forgot(name);
    await house.advance('P1DT23H');
    await clean();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await records()).toHaveLength(1);
    await house.advance('PT2H');
    await clean();
    await expect.poll(() => records(), { timeout: 10_000 }).toEqual([]);
  });

  it('is not made where none is kept, and the answers are the same', async () => {
    await furnishPool();
    await set({ recordsKeptFor: 'PT0S' });
    await house.createUser(pool, name);
    await legacy.forgot(name);
    await refusal(legacy.confirm(name, '1'));
    await legacy.confirm(name, await house.code(address));
    expect(await refusal(legacy.forgot('nobody'))).toMatch(/^UserNotFoundException/);
    expect(await records()).toEqual([]);
  });

  it('outlives its user, as messages do, and goes with its pool', async () => {
    await furnishPool();
    await house.createUser(pool, name);
    await legacy.forgot(name);
    await house.sdk.send(new AdminDeleteUserCommand({ UserPoolId: pool, Username: name }));
    expect(await newest()).toMatchObject({ username: name, outcome: 'sent' });
    await house.sdk.send(new DeleteUserPoolCommand({ UserPoolId: pool }));
    const left = async () =>
      ((await house.operator(`recoveries?username=${name}`)) as { recoveries: Recovery[] }).recoveries;
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
  });
});
