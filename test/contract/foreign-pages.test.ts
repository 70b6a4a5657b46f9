import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

describe('web pages of others', () => {
  /** As a browser, or a program that pretends to be one, may send it: `fetch` does not let a test set these. */
  function status(method: string, path: string, headers: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
      const url = new URL(path, house.url);
      request(url, { method, headers: { host: url.host, ...headers } }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode as number));
      })
        .once('error', reject)
        .end();
    });
  }
  const port = () => new URL(house.url).port;

  it.each(['/', '/_poolkeeper/messages', '/_poolkeeper/clock', '/_poolkeeper/nothing'])(
    'get nothing of %s by a name that they point at loopback',
    async (path) => {
      for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1']) {
        expect(await status('GET', path, { host: `${host}:${port()}` })).toBe(403);
      }
    },
  );

  it('the names of loopback are answered', async () => {
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.8.9.10', '[::1]', 'app.localhost']) {
      expect(await status('GET', '/', { host: `${host}:${port()}` })).toBe(200);
    }
  });

  it('are refused when they call from another origin', async () => {
    for (const origin of [
      'https://evil.example',
      'http://localhost:3000',
      'null',
      `http://127.0.0.2:${port()}`,
    ]) {
      expect(await status('GET', '/_poolkeeper/messages', { origin })).toBe(403);
      expect(await status('DELETE', '/_poolkeeper/messages', { origin })).toBe(403);
      expect(await status('OPTIONS', '/_poolkeeper/messages', { origin })).toBe(403);
      expect(await status('GET', '/', { origin })).toBe(403);
    }
    expect(await status('GET', '/_poolkeeper/messages', { origin: house.url })).toBe(200);
  });

  it('are refused when they embed or load what carries no Origin', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
      expect(await status('GET', '/_poolkeeper/messages', headers)).toBe(403);
      expect(await status('GET', '/', headers)).toBe(403);
    }
    expect(await status('GET', '/', { 'sec-fetch-site': 'cross-site' })).toBe(403);
    for (const site of ['same-origin', 'none']) {
      expect(await status('GET', '/_poolkeeper/messages', { 'sec-fetch-site': site })).toBe(200);
    }
  });

  it('may link to the inbox, but not put it into a frame or link to the API', async () => {
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(await status('GET', '/', link)).toBe(200);
    expect(await status('GET', '/', { ...link, 'sec-fetch-dest': 'iframe' })).toBe(403);
    expect(await status('GET', '/_poolkeeper/messages', link)).toBe(403);
  });

  it('are told why', async () => {
    const response = await fetch(`${house.url}/_poolkeeper/clock`, {
      headers: { origin: 'https://evil.example' },
    });
    expect(await response.json()).toEqual({
      error: {
        type: 'AccessDeniedException',
        message: expect.stringContaining('web pages of another origin'),
      },
    });
  });

  it('may speak the AWS wire, as browser apps do', async () => {
    const origin = 'http://localhost:3000';
    const response = await fetch(house.url, { method: 'POST', headers: { origin }, body: '{}' });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await status('OPTIONS', '/', { origin })).toBe(204);
  });
});
