import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, openProductionHouse, type ProductionHouse } from '../support/production-house.ts';

let house: ProductionHouse;
let token: string;
beforeAll(async () => {
  house = await openProductionHouse();
  token = house.options.adminToken as string;
});
afterAll(() => house[Symbol.asyncDispose]());

describe("the operator's API", () => {
  it('is opened by the admin token', async () => {
    const response = await house.operator('messages');
    expect([response.status, await response.json()]).toEqual([200, { messages: [] }]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each<[string, () => Record<string, string>]>([
    ['nothing', () => ({})],
    ['another token', () => bearer(token.slice(1))],
    ['a longer token', () => bearer(`${token}=`)],
    ['an empty token', () => bearer('')],
    ['another scheme', () => ({ authorization: `Basic ${token}` })],
    ['the token alone', () => ({ authorization: token })],
    ['AWS credentials', () => ({ authorization: 'AWS4-HMAC-SHA256 Credential=x' })],
  ])('is not opened by %s', async (_, headers) => {
    const response = await house.operator('messages', { headers: headers() });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="poolkeeper"');
    expect(await response.json()).toEqual({
      error: {
        type: 'NotAuthorizedException',
        message: 'Send the admin token as Authorization: Bearer <token>.',
      },
    });
  });

  it('answers no web page, token or not', async () => {
    for (const origin of ['https://evil.example', house.url, 'null']) {
      const response = await house.operator('messages', { headers: { ...bearer(token), origin } });
      expect([origin, response.status]).toEqual([origin, 403]);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'GET' };
    expect((await house.operator('messages', { method: 'OPTIONS', headers: preflight })).status).toBe(403);
  });

  it.each([
    ['GET', 'clock'],
    ['POST', 'clock'],
    ['POST', 'faults'],
    ['DELETE', 'faults'],
    ['DELETE', 'messages'],
    ['GET', 'nowhere'],
  ])('has no %s %s, which is for tests', async (method, path) => {
    const response = await house.operator(path, { method });
    expect([response.status, await response.json()]).toEqual([
      404,
      {
        error: {
          type: 'ResourceNotFoundException',
          message: `The operator's API has no ${method} /_poolkeeper/${path}.`,
        },
      },
    ]);
    expect((await house.operator(path, { method, headers: {} })).status).toBe(401);
  });

  it('makes a line of the audit log for every call, also for a refused one', async () => {
    await house.operator('messages');
    await house.operator('pools/us-east-1_000000000/settings', { method: 'PUT', body: '{}' });
    await house.operator('messages?to=', { headers: {} });
    await expect
      .poll(() => house.audit().slice(-3))
      .toMatchObject([
        { operation: 'GET /_poolkeeper/messages', outcome: 'ok', sourceIp: '127.0.0.1' },
        {
          operation: 'PUT /_poolkeeper/pools/:userPoolId/settings',
          userPoolId: 'us-east-1_000000000',
          outcome: 'ResourceNotFoundException',
        },
        { operation: 'GET /_poolkeeper/messages', outcome: 'NotAuthorizedException' },
      ]);
    expect(house.log()).not.toContain(token);
  });
});

it('has no inbox page', async () => {
  expect((await fetch(house.url)).status).toBe(404);
  expect((await fetch(house.url, { headers: bearer(token) })).status).toBe(404);
});

it('shows its metrics to who brings the admin token', async () => {
  expect((await fetch(`${house.url}/metrics`)).status).toBe(401);
  const response = await fetch(`${house.url}/metrics`, { headers: bearer(token) });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('poolkeeper_up 1');
});

it('looks at no more tokens of an address that sent ten wrong ones within a minute', async () => {
  await using other = await openProductionHouse();
  const status = async (headers: Record<string, string>) =>
    (await other.operator('messages', { headers })).status;
  for (let guess = 0; guess < 10; guess += 1) expect(await status(bearer(`guess-${guess}`))).toBe(401);
  expect(await status(bearer('guess-10'))).toBe(429);
  expect(await status(bearer(other.options.adminToken as string))).toBe(429);
  const refused = await other.operator('messages', { headers: bearer('guess-11') });
  expect(refused.headers.get('retry-after')).toBe('60');
});
