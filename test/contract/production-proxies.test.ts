import { afterEach, describe, expect, it } from 'vitest';
import type { StartOptions } from '../../packages/server/src/index.ts';
import { openProductionHouse, type ProductionHouse } from '../support/production-house.ts';

let house: ProductionHouse;
const open = async (over: StartOptions) => {
  house = await openProductionHouse(over);
};
afterEach(() => house[Symbol.asyncDispose]());

const HTTPS = { 'x-forwarded-proto': 'https' };

/** What the audit log has as the address of an operator who comes with these headers. */
async function sourceIp(headers: Record<string, string>): Promise<unknown> {
  const before = house.audit().length;
  await house.operator('messages', { headers });
  await expect.poll(() => house.audit().length).toBe(before + 1);
  return house.audit().at(-1)?.['sourceIp'];
}

describe('a server behind the proxies that it was told of', () => {
  it('believes them alone about who the client is', async () => {
    await open({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
    const through = (list: string) => sourceIp({ ...HTTPS, 'x-forwarded-for': list });
    expect(await through('203.0.113.7')).toBe('203.0.113.7');
    expect(await through('203.0.113.7, 10.1.2.3')).toBe('203.0.113.7');
    // What a client wrote itself stands to the left of what the first proxy saw.
    expect(await through('192.0.2.1, 203.0.113.7, 10.1.2.3')).toBe('203.0.113.7');
    expect(await through('2001:db8::7')).toBe('2001:db8::7');
    expect(await sourceIp(HTTPS)).toBe('127.0.0.1');
  });

  it.each<[string | undefined, number]>([
    ['https', 401],
    ['HTTPS', 401],
    ['http, https', 401],
    ['http', 403],
    ['https, http', 403],
    [undefined, 403],
  ])('with X-Forwarded-Proto %s answers %i', async (protocol, status) => {
    await open({ trustedProxies: '127.0.0.0/8' });
    const headers: Record<string, string> = protocol === undefined ? {} : { 'x-forwarded-proto': protocol };
    expect((await house.operator('messages', { headers })).status).toBe(status);
    expect((await fetch(house.url, { method: 'POST', headers, body: '{}' })).status).toBe(
      status === 403 ? 403 : 400,
    );
  });

  it('refuses everybody else, but tells this machine and the proxies how it is', async () => {
    await open({ trustedProxies: ['10.0.0.0/8', 'fd00::/8'] });
    for (const path of ['/', '/metrics', '/_poolkeeper/messages', '/nowhere']) {
      const response = await fetch(house.url + path, {
        headers: { ...HTTPS, 'x-forwarded-for': '10.0.0.1' },
      });
      expect([path, response.status, await response.json()]).toEqual([
        path,
        403,
        {
          error: {
            type: 'AccessDeniedException',
            message: 'This server is reached through its proxies alone.',
          },
        },
      ]);
    }
    expect(await (await fetch(`${house.url}/health`)).json()).toEqual({ status: 'ok' });
  });

  it('knows an IPv4 proxy at a socket of IPv6', async () => {
    await open({ trustedProxies: '127.0.0.1', host: '::' });
    const options = { headers: { ...HTTPS, 'x-forwarded-for': '203.0.113.7' } };
    expect((await house.operator('messages', options)).status).toBe(401);
    await expect.poll(() => house.audit()).toMatchObject([{ sourceIp: '203.0.113.7' }]);
  });
});

describe('a server without proxies', () => {
  it('does not look at their headers', async () => {
    await open({});
    expect(await sourceIp({ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'http' })).toBe(
      '127.0.0.1',
    );
  });
});
