import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LAST_CALL, MOST_ATTEMPTS } from '../../packages/server/src/outbox/attempt.ts';
import { LEASE } from '../../packages/server/src/outbox/outbox.ts';
import { PLACES } from '../../packages/server/src/outbox/places.ts';
import type { AdjustableClock } from '../../packages/server/src/platform/clock.ts';
import { HOUR, MINUTE, SECOND } from '../../packages/server/src/platform/duration.ts';
import type { Storage } from '../../packages/server/src/storage/unit.ts';
import { type Deliver, type OutboxHouse, openOutboxHouse, pause } from '../support/outbox-house.ts';

let house: OutboxHouse;
let storage: Storage;
let clock: AdjustableClock;
beforeEach(async () => {
  house = await openOutboxHouse();
  ({ storage, clock } = house);
});
afterEach(() => house[Symbol.asyncDispose]());

const open = (...options: Parameters<OutboxHouse['open']>) => house.open(...options);
const queue = (...messages: Parameters<OutboxHouse['queue']>) => house.queue(...messages);
const reaches = (...state: Parameters<OutboxHouse['reaches']>) => house.reaches(...state);
const rows = () => house.rows();
const row = (id: string) => house.row(id);
const failing = (permanent: boolean, text: string) => Object.assign(new Error(text), { permanent });

describe('the outbox', () => {
  test('sends what is queued, once, and at once when it is woken', async () => {
    const deliver = vi.fn<Deliver>(async () => {});
    const outbox = open(deliver);
    await pause(100);
    const before = performance.now();
    await queue(['a', 'b']);
    outbox.wake();
    await vi.waitFor(() => expect(deliver).toHaveBeenCalledTimes(2));
    expect(performance.now() - before).toBeLessThan(500);
    await reaches('a', { status: 'sent', attempts: 1, due_at: null, last_error: null });
    await reaches('b', { status: 'sent' });
    expect((await row('a')).sent_at).toBeGreaterThan(0);
    clock.advance(HOUR / 2);
    await pause(1200);
    expect(deliver).toHaveBeenCalledTimes(2);
    expect(house.outcomes).toEqual(['sent', 'sent']);
  });

  test('finds what was queued without waking it', async () => {
    open(async () => {});
    await queue(['a']);
    await reaches('a', { status: 'sent' });
  });

  test('tries again after 1, 2, 4 … 60 s with jitter, by its own clock', async () => {
    let attempts = 0;
    const outbox = open(async () => {
      attempts += 1;
      // Another each time: the one before stays while the next attempt is under way.
      throw failing(false, `not now: ${attempts}`);
    });
    await queue(['a'], 24 * HOUR);
    outbox.wake();
    for (const [index, longest] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      await reaches('a', { status: 'queued', attempts: index + 1, last_error: `not now: ${index + 1}` });
      const wait = ((await row('a')).due_at as number) - clock.now();
      expect(wait).toBeLessThanOrEqual(longest * SECOND);
      expect(wait).toBeGreaterThan(longest * 0.75 * SECOND - 500);
      expect(attempts).toBe(index + 1);
      clock.advance(wait);
      outbox.wake();
    }
    expect(house.outcomes).toContain('retried');
  });

  test('gives up after its last attempt', async () => {
    const outbox = open(async () => {
      throw failing(false, 'not now');
    });
    await queue(['a'], 24 * HOUR);
    const moving = setInterval(() => {
      clock.advance(MINUTE);
      outbox.wake();
    }, 5);
    await reaches('a', { status: 'failed', attempts: MOST_ATTEMPTS, due_at: null, last_error: 'not now' });
    clearInterval(moving);
    expect(house.outcomes.filter((outcome) => outcome === 'retried')).toHaveLength(MOST_ATTEMPTS - 1);
    expect(house.outcomes.at(-1)).toBe('failed');
  });

  test('a permanent failure ends it at once', async () => {
    const outbox = open(async () => {
      throw failing(true, '550 no such user');
    });
    await queue(['a']);
    outbox.wake();
    await reaches('a', { status: 'failed', attempts: 1, due_at: null, last_error: '550 no such user' });
    await vi.waitFor(() => expect(house.outcomes).toEqual(['failed']));
  });

  test('keeps no text of an error that was not written for operators, and logs none of any', async () => {
    const outbox = open(async ({ id }) => {
      if (id === 'a') JSON.parse('secret 123456');
      if (id === 'b') throw Object.assign(new Error('secret 123456'), { code: 'ECONNRESET' });
      throw failing(false, `refused\r\n${'long '.repeat(200)}`);
    });
    await queue(['a', 'b', 'c']);
    outbox.wake();
    await reaches('a', { last_error: 'SyntaxError' });
    await reaches('b', { last_error: 'ECONNRESET' });
    await reaches('c', { attempts: 1, status: 'queued' });
    const text = (await row('c')).last_error as string;
    expect(text).toMatch(/^refused long/);
    expect(text.length).toBeLessThanOrEqual(300);
    expect(house.lines.join()).toContain('"code":"ECONNRESET"');
    expect(house.lines.join()).not.toMatch(/123456|alice|refused/);
  });

  test('never sends a message whose code expired', async () => {
    const deliver = vi.fn<Deliver>(async () => {});
    await queue(['a'], MINUTE);
    clock.advance(MINUTE);
    open(deliver);
    await reaches('a', { status: 'failed', due_at: null, sent_at: null });
    expect((await row('a')).last_error).toMatch(/expired/);
    expect(deliver).not.toHaveBeenCalled();
  });

  test('does not try again once the code would have expired', async () => {
    const deliver = vi.fn<Deliver>(async () => {
      throw failing(false, 'not now');
    });
    const outbox = open(deliver);
    await queue(['a'], 700);
    await queue(['b'], 10 * SECOND);
    outbox.wake();
    await reaches('a', { status: 'failed', attempts: 1, last_error: 'not now' });
    await reaches('b', { status: 'queued', attempts: 1 });
    clock.advance(20 * SECOND);
    await reaches('b', { status: 'failed', last_error: 'not now' });
    expect(deliver).toHaveBeenCalledTimes(2);
  });

  test('makes the last attempt shortly before the code expires, however long its pauses have become', async () => {
    const left: number[] = [];
    const outbox = open(async ({ expires_at }) => {
      left.push(expires_at - clock.now());
      throw failing(false, 'not now');
    });
    await queue(['a'], 5 * MINUTE);
    outbox.wake();
    for (let attempt = 1; (await row('a')).status === 'queued'; attempt += 1) {
      await vi.waitFor(() => expect(left.length).toBe(attempt));
      await vi.waitFor(async () => expect((await row('a')).last_error).toBe('not now'));
      await vi.waitFor(async () => {
        const { due_at } = await row('a');
        if (due_at !== null && due_at > clock.now() + LEASE) return;
        expect(due_at === null || due_at - clock.now() < LEASE - SECOND).toBe(true);
      });
      const { due_at } = await row('a');
      if (due_at === null) break;
      clock.advance(due_at - clock.now());
      outbox.wake();
    }
    expect(Math.min(...left)).toBeGreaterThan(0);
    expect(Math.min(...left)).toBeLessThanOrEqual(LAST_CALL);
  });

  test('another process sends what a killed one held, once the lease has ended', async () => {
    let killed = false;
    const dying: Storage = {
      ...storage,
      write: (work) => (killed ? Promise.reject(new Error('killed')) : storage.write(work)),
    };
    let finish = () => {};
    const first = open(() => new Promise<void>((resolve) => (finish = resolve)), dying);
    await queue(['a']);
    first.wake();
    await reaches('a', { attempts: 1, status: 'queued' });
    killed = true;
    finish();

    const deliver = vi.fn<Deliver>(async () => {});
    const second = open(deliver);
    second.wake();
    await pause(1200);
    expect(deliver).not.toHaveBeenCalled();
    clock.advance(LEASE);
    await reaches('a', { status: 'sent', attempts: 2 });
    expect(deliver).toHaveBeenCalledTimes(1);

    // Had it only been stopped and not killed, it would find that the message is no longer its own.
    const settled = await row('a');
    killed = false;
    await first.close();
    expect(await row('a')).toEqual(settled);
  });

  describe('a clock that was ahead and is put right', () => {
    const late = async () => {
      clock.advance(3 * HOUR);
      await queue(['a', 'b'], 24 * HOUR);
      clock.reset();
    };

    test('keeps back no message that it put off for longer than a moment', async () => {
      const deliver = vi.fn<Deliver>(async () => {}).mockRejectedValueOnce(new Error('not now'));
      const outbox = open(deliver);
      clock.advance(3 * HOUR);
      await queue(['a'], 24 * HOUR);
      outbox.wake();
      await reaches('a', { status: 'queued', attempts: 1, last_error: expect.any(String) });
      clock.reset();
      await reaches('a', { status: 'sent' });
    });

    test('nor one that another process has queued before this one started', async () => {
      await late();
      open(async () => {});
      await reaches('a', { status: 'sent' });
    });

    test('has nothing sent twice that was under way', async () => {
      let finish = () => {};
      const deliver = vi.fn<Deliver>(() => new Promise<void>((resolve) => (finish = resolve)));
      const outbox = open(deliver);
      clock.advance(3 * HOUR);
      await queue(['a'], 24 * HOUR);
      outbox.wake();
      await vi.waitFor(() => expect(deliver).toHaveBeenCalledTimes(1));
      clock.reset();
      outbox.wake();
      await vi.waitFor(async () => expect((await row('a')).due_at).toBeLessThan(clock.now() + 2 * LEASE));
      finish();
      await reaches('a', { status: 'sent', attempts: 1 });
      await pause(1200);
      expect(deliver).toHaveBeenCalledTimes(1);
    });
  });

  test('a delivery that outlasts its lease is not started twice', async () => {
    let finish = () => {};
    const deliver = vi.fn<Deliver>(() => new Promise<void>((resolve) => (finish = resolve)));
    const outbox = open(deliver);
    await queue(['a']);
    outbox.wake();
    await vi.waitFor(() => expect(deliver).toHaveBeenCalled());
    const taken = await row('a');
    clock.advance(LEASE * 0.7);
    await vi.waitFor(
      async () => expect((await row('a')).due_at).toBeGreaterThan(taken.due_at as number),
      3000,
    );
    // Far enough for any lease to have ended before it could be renewed.
    clock.advance(10 * MINUTE);
    outbox.wake();
    await pause(1200);
    finish();
    await reaches('a', { status: 'sent' });
    expect(deliver).toHaveBeenCalledTimes(1);
  });

  test('delivers a bounded number at once, and all in the end', async () => {
    let running = 0;
    let most = 0;
    const sent = new Set<string>();
    const outbox = open(async ({ id }) => {
      running += 1;
      most = Math.max(most, running);
      await pause(Math.random() * 20);
      running -= 1;
      expect(sent.has(id)).toBe(false);
      sent.add(id);
    });
    const ids = Array.from({ length: 120 }, (_, index) => `m${index}`);
    await queue(ids);
    outbox.wake();
    await vi.waitFor(
      async () => expect((await rows()).every(({ status }) => status === 'sent')).toBe(true),
      8000,
    );
    expect(most).toBe(PLACES.EMAIL);
    expect(sent.size).toBe(ids.length);
  });

  test('goes on after errors of the storage, and loses no outcome', async () => {
    let broken = false;
    const fragile: Storage = {
      ...storage,
      write: (work) => (broken ? Promise.reject(new Error('disk full')) : storage.write(work)),
      read: (work) => (broken ? Promise.reject(new Error('disk full')) : storage.read(work)),
    };
    const deliver = vi.fn<Deliver>(async () => {
      broken = true;
    });
    const outbox = open(deliver, fragile);
    await queue(['a']);
    outbox.wake();
    await vi.waitFor(() => expect(house.lines.join()).toContain('disk full'));
    broken = false;
    await reaches('a', { status: 'sent', attempts: 1 });
    expect(deliver).toHaveBeenCalledTimes(1);
  });

  test('close waits for the deliveries under way, records them and takes nothing more', async () => {
    const deliver = vi.fn<Deliver>(() => pause(300) as Promise<void>);
    const outbox = open(deliver);
    const ids = Array.from({ length: PLACES.EMAIL + 5 }, (_, index) => `m${index}`);
    await queue(ids);
    outbox.wake();
    await vi.waitFor(() => expect(deliver).toHaveBeenCalledTimes(PLACES.EMAIL));
    await outbox.close();
    const statuses = (await rows()).map(({ status }) => status);
    expect(statuses.filter((status) => status === 'sent')).toHaveLength(PLACES.EMAIL);
    expect(statuses.filter((status) => status === 'queued')).toHaveLength(5);
    await pause(1200);
    expect(deliver).toHaveBeenCalledTimes(PLACES.EMAIL);
  });

  test('close does not wait for ever', async () => {
    const outbox = open(() => new Promise(() => {}), house.storage, { closing: 200 });
    await queue(['a']);
    outbox.wake();
    await reaches('a', { attempts: 1 });
    const before = performance.now();
    await outbox.close();
    expect(performance.now() - before).toBeLessThan(3000);
    expect(await row('a')).toMatchObject({ status: 'queued' });
  });
});
