import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Dispatch } from '../../packages/server/src/outbox/dispatch.ts';
import { recordFeedback, type ToldLater } from '../../packages/server/src/outbox/feedback.ts';
import type { Outbox } from '../../packages/server/src/outbox/outbox.ts';
import { HOUR } from '../../packages/server/src/platform/duration.ts';
import { type OutboxHouse, openOutboxHouse } from '../support/outbox-house.ts';

const POOL = 'us-east-1_Pool';

let house: OutboxHouse;
let outbox: Outbox;
let count = 0;
let id: string;
let providerId: string;
const gates = new Map<string, Promise<void>>();
beforeAll(async () => {
  house = await openOutboxHouse();
  outbox = house.open(async (message): Promise<Dispatch[]> => {
    await gates.get(message.id);
    return [{ at: 1, channel: 'ses:us-east-1', outcome: 'accepted', providerId: `of-${message.id}` }];
  });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  count += 1;
  id = `m${count}`;
  providerId = `of-${id}`;
});

const tell = (told: Partial<ToldLater>) =>
  house.storage.write((unit) => recordFeedback(unit, { providerId, at: 100, outcome: 'delivered', ...told }));
const lines = async () => JSON.parse((await house.row(id)).record as string) as Dispatch[];
async function send() {
  await house.queue([id]);
  outbox.wake();
  await house.reaches(id, { status: 'sent', provider_id: providerId });
}

test('what a provider tells is a line of the record, and the latest of it is shown', async () => {
  await send();
  expect(await tell({ at: 100, outcome: 'delivered' })).toBe(true);
  expect(await tell({ at: 300, outcome: 'complained', code: 'abuse' })).toBe(true);
  // Told last, and happened before.
  expect(await tell({ at: 200, outcome: 'bounced' })).toBe(true);
  expect(await house.row(id)).toMatchObject({ status: 'sent', feedback: 'complained' });
  const channel = 'ses:us-east-1';
  expect(await lines()).toEqual([
    { at: 1, channel, outcome: 'accepted', providerId },
    { at: 100, channel, outcome: 'delivered', providerId },
    { at: 300, channel, outcome: 'complained', code: 'abuse', providerId },
    { at: 200, channel, outcome: 'bounced', providerId },
  ]);
});

test('what is told again changes nothing', async () => {
  await send();
  for (let time = 0; time < 3; time += 1) expect(await tell({ outcome: 'bounced' })).toBe(true);
  expect(await lines()).toHaveLength(2);
});

test('what is told before the acceptance is recorded is found by the message itself, and stays', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  gates.set(id, promise);
  await house.queue([id]);
  outbox.wake();
  await house.reaches(id, { attempts: 1 });
  expect(await tell({})).toBe(false);
  expect(await tell({ poolId: POOL, id })).toBe(true);
  resolve();
  await house.reaches(id, { status: 'sent', feedback: 'delivered' });
  expect((await lines()).map(({ outcome }) => outcome)).toEqual(['delivered', 'accepted']);
});

test('of messages that two providers call alike, only the one of the provider that tells', async () => {
  await send();
  expect(await tell({ channel: 'twilio' })).toBe(false);
  expect(await tell({ channel: 'ses:eu-west-1' })).toBe(false);
  expect(await tell({ channel: 'ses' })).toBe(true);
  expect(await tell({ id: 'another' })).toBe(false);
});

test.each<[string, Partial<ToldLater>]>([
  ['an unknown message', { providerId: 'unknown' }],
  ['no message', { providerId: '' }],
  ['a name that is too long', { providerId: 'x'.repeat(10_000) }],
  ['a time that is none', { at: Number.NaN }],
  ['a time beyond all times', { at: 1e300 }],
  ['a message of no pool', { poolId: 'us-east-1_None', id: 'm1' }],
])('of %s nothing is recorded', async (_, told) => {
  await send();
  expect(await tell(told)).toBe(false);
  expect(await lines()).toHaveLength(1);
});

test('a word that is none is left out, and a flood leaves a bounded record with the acceptance in it', async () => {
  await send();
  for (let at = 0; at < 50; at += 1)
    await tell({ at, outcome: 'undelivered', code: `a code\n${'x'.repeat(500)}` });
  const kept = await lines();
  expect(kept.length).toBeLessThanOrEqual(20);
  expect(kept[0]?.outcome).toBe('accepted');
  expect(kept.some(({ code }) => code !== undefined)).toBe(false);
});

test('nobody is told of a message to nobody', async () => {
  await house.queue([id], HOUR, { status: 'simulated' });
  outbox.wake();
  const status = async () =>
    (await house.storage.read((unit) => unit.rows('select due_at from messages where id = ?', [id])))[0];
  await vi.waitFor(async () => expect(await status()).toEqual({ due_at: null }));
  expect(await tell({ poolId: POOL, id })).toBe(false);
});
