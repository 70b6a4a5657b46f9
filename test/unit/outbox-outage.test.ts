import { expect, test, vi } from 'vitest';
import { LONGEST_REST } from '../../packages/server/src/domain/delivery/channels/breaker.ts';
import { type Mail, NotAccepted } from '../../packages/server/src/domain/delivery/channels/channel.ts';
import { createRoute } from '../../packages/server/src/domain/delivery/channels/route.ts';
import { LAST_CALL } from '../../packages/server/src/outbox/attempt.ts';
import { HOUR, MINUTE, SECOND } from '../../packages/server/src/platform/duration.ts';
import { MAIL } from '../support/email.ts';
import { openOutboxHouse } from '../support/outbox-house.ts';

const STEP = MINUTE / 2;
const [BEGINS, ENDS, AFTERWARDS] = [MINUTE, 11 * MINUTE, 14 * MINUTE];
const A_STEP = 20;
/** A rest, which outboxes draw out by a quarter at most, and a step; after it may come the last moments of a code. */
const NOTICED_WITHIN = LONGEST_REST * 1.25 + STEP + LAST_CALL;

// What test/contract/delivery-outage.test.ts says of the whole server, here with more than a server signs up in a moment.
test('an outage of ten minutes ends with nothing lost, late or twice', async () => {
  await using house = await openOutboxHouse();
  const { clock } = house;
  const began = clock.now();
  const passed = () => clock.now() - began;
  const sent: string[] = [];
  const late: string[] = [];
  let asked = 0;
  const channel = {
    name: 'test',
    async send({ id, expiresAt }: Mail) {
      // Judged as it begins: meanwhile this test's clock jumps.
      const isLate = clock.now() >= expiresAt;
      await new Promise((resolve) => setImmediate(resolve));
      if (passed() >= BEGINS && passed() < ENDS) {
        asked += 1;
        throw new NotAccepted('It is down.', 'SMTP_421');
      }
      if (isLate) late.push(id);
      sent.push(id);
      return { providerId: undefined };
    },
    check: async () => [],
    close: async () => {},
  };
  const route = createRoute<Mail>([channel], clock, () => clock.now());
  const worker = house.open(
    ({ id, expires_at: expiresAt }) => route.send({ ...MAIL, id, expiresAt }),
    house.storage,
    { restOf: route.rest },
  );
  const waiting = async (until: number) =>
    house.storage.read((unit) => unit.rows('select id from messages where due_at <= ?', [until]));

  const expiries = new Map<string, number>();
  while (passed() < AFTERWARDS) {
    for (const lifetime of [5 * MINUTE, HOUR]) {
      const ids = Array.from({ length: A_STEP }, (_, index) => `${expiries.size + index}`);
      await house.queue(ids, lifetime);
      for (const id of ids) expiries.set(id, clock.now() + lifetime);
    }
    worker.wake();
    // As fast as it can: it has done all that is due, or has seen that its channel is down.
    await vi.waitFor(async () => expect(route.rest() > 0 ? [] : await waiting(clock.now())).toEqual([]), {
      timeout: 10_000,
      interval: 5,
    });
    clock.advance(STEP);
  }
  await vi.waitFor(
    async () => {
      clock.advance(SECOND);
      worker.wake();
      expect(await waiting(Number.MAX_SAFE_INTEGER)).toEqual([]);
    },
    { timeout: 10_000, interval: 10 },
  );

  expect(late).toEqual([]);
  expect(new Set(sent).size).toBe(sent.length);
  const lost = [...expiries].filter(([id]) => !sent.includes(id));
  expect(lost.length).toBeGreaterThan(A_STEP);
  const noticed = began + ENDS + NOTICED_WITHIN;
  expect(lost.filter(([, expiry]) => expiry >= noticed)).toEqual([]);
  expect(asked).toBeLessThan(expiries.size / 2);
}, 30_000);
