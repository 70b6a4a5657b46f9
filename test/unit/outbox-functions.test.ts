import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FUNCTIONS_OF_A_POOL, PLACES } from '../../packages/server/src/outbox/places.ts';
import { HOUR } from '../../packages/server/src/platform/duration.ts';
import type { MessageRow } from '../../packages/server/src/storage/repositories/messages.ts';
import { type OutboxHouse, openOutboxHouse, pause } from '../support/outbox-house.ts';

const FUNCTION = 'CustomEmailSender_ForgotPassword';

let house: OutboxHouse;
beforeEach(async () => {
  house = await openOutboxHouse();
});
afterEach(() => house[Symbol.asyncDispose]());

describe('functions that hang', () => {
  const hanging = () => {
    const held: MessageRow[] = [];
    const sent: string[] = [];
    const outbox = house.open(async (message) => {
      if (message.id.startsWith('hangs')) {
        held.push(message);
        await end.promise;
      }
      sent.push(message.id);
    });
    return { outbox, held, sent };
  };
  let end: PromiseWithResolvers<void>;
  beforeEach(() => {
    end = Promise.withResolvers();
  });
  // Before the house is closed: hooks run backwards.
  afterEach(() => end.resolve());
  const many = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`);

  test('keep so many places of their pool, and no message of another waiting', async () => {
    const { outbox, held, sent } = hanging();
    await house.makePools('us-east-1_Hangs', 'us-east-1_Other', 'us-east-1_Pool');
    await house.queue(many('hangs', 100), HOUR, { poolId: 'us-east-1_Hangs', triggerSource: FUNCTION });
    outbox.wake();
    await vi.waitFor(() => expect(held).toHaveLength(FUNCTIONS_OF_A_POOL));
    await house.queue(many('function', 30), HOUR, { poolId: 'us-east-1_Other', triggerSource: FUNCTION });
    await house.queue(many('channel', 30));
    const before = performance.now();
    outbox.wake();
    await vi.waitFor(() => expect(sent).toHaveLength(60));
    expect(performance.now() - before).toBeLessThan(900);
    await pause(1200);
    expect(held).toHaveLength(FUNCTIONS_OF_A_POOL);
  });

  test('keep no channel waiting, however many pools have one', async () => {
    const { outbox, held, sent } = hanging();
    await house.makePools(...many('us-east-1_Pool', 8));
    for (const pool of many('us-east-1_Pool', 8)) {
      await house.queue(many('hangs', 10), HOUR, { poolId: pool, triggerSource: FUNCTION });
    }
    outbox.wake();
    await vi.waitFor(() => expect(held).toHaveLength(PLACES.FUNCTION));
    await house.queue(many('channel', 30));
    outbox.wake();
    await vi.waitFor(() => expect(sent).toHaveLength(30));
    expect(held).toHaveLength(PLACES.FUNCTION);
  });

  test('nor does a channel that hangs keep functions waiting', async () => {
    const { outbox, held, sent } = hanging();
    await house.queue(many('hangs', 50));
    outbox.wake();
    await vi.waitFor(() => expect(held).toHaveLength(PLACES.EMAIL));
    await house.queue(many('function', 30), HOUR, { triggerSource: FUNCTION });
    outbox.wake();
    await vi.waitFor(() => expect(sent).toHaveLength(30));
    expect(held).toHaveLength(PLACES.EMAIL);
  });
});
