import type { Logger } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPasswordRanges } from '../../packages/server/src/domain/passwords/password-ranges.ts';
import { digestOf, openRangeServer, type RangeServer } from '../support/range-server.ts';

let server: RangeServer;
beforeAll(async () => {
  server = await openRangeServer();
});
afterAll(() => server[Symbol.asyncDispose]());

function openRanges(url: string) {
  const logged: string[] = [];
  const outcomes: string[] = [];
  const log = { warn: (...line: unknown[]) => logged.push(JSON.stringify(line)) } as unknown as Logger;
  const ranges = createPasswordRanges(url, log, (outcome) => outcomes.push(outcome));
  return { hold: ranges.hold, logged, outcomes };
}

test('a failure is logged by its reason, once a minute, and never with what was asked', async () => {
  server.answerWith((response) => response.writeHead(503).end());
  const { hold, logged, outcomes } = openRanges(server.url);
  for (const password of ['one', 'two', 'three']) expect(await hold(password)).toBe(false);
  expect(outcomes).toEqual(['failed', 'failed', 'failed']);
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain('status 503');
  for (const password of ['one', 'two', 'three']) {
    expect(logged[0]?.toUpperCase()).not.toContain(digestOf(password).slice(0, 5));
  }
});

test('a server that is not there is a failure, too', async () => {
  const { hold, logged } = openRanges('http://127.0.0.1:1/range');
  expect(await hold('one')).toBe(false);
  expect(logged[0]).toMatch(/ECONNREFUSED|no connection/);
});

test('of a flood, 64 wait for the service at once, and the others do without', async () => {
  server.requests.length = 0;
  server.answerWith(() => {});
  const { hold, outcomes } = openRanges(server.url);
  const all = Promise.all(Array.from({ length: 200 }, (_, n) => hold(`flood ${n}`)));
  expect(await all).toEqual(Array(200).fill(false));
  expect(outcomes).toEqual(Array(200).fill('failed'));
  expect(server.requests).toHaveLength(64);
});
