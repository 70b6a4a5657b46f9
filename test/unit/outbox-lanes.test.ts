import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PLACES } from '../../packages/server/src/outbox/places.ts';
import { HOUR, MINUTE } from '../../packages/server/src/platform/duration.ts';
import { statements } from '../../packages/server/src/storage/statement.ts';
import { type OutboxHouse, openOutboxHouse } from '../support/outbox-house.ts';

const FUNCTION = 'CustomEmailSender_ForgotPassword';
const INVITATION = 'CustomMessage_AdminCreateUser';

let house: OutboxHouse;
beforeEach(async () => {
  house = await openOutboxHouse();
});
afterEach(() => house[Symbol.asyncDispose]());

const many = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);
const failing = (over: object) => Object.assign(new Error('not now'), { permanent: false, ...over });
describe('lanes', () => {
  test('what hangs in one keeps none of the others waiting', async () => {
    const end = Promise.withResolvers<void>();
    const sent: string[] = [];
    const held: string[] = [];
    const outbox = house.open(async ({ id }) => {
      if (id.startsWith('sms') || id.startsWith('invited')) {
        held.push(id);
        await end.promise;
      }
      sent.push(id);
    });
    await house.queue(many('sms', 30), HOUR, { channel: 'SMS' });
    await house.queue(many('invited', 30), HOUR, { triggerSource: INVITATION });
    outbox.wake();
    await vi.waitFor(() => expect(held).toHaveLength(PLACES.SMS + PLACES.EMAIL_INVITATION));
    await house.queue(many('code', 30));
    await house.queue(many('function', 30), HOUR, { triggerSource: FUNCTION });
    outbox.wake();
    await vi.waitFor(() => expect(sent).toHaveLength(60));
    expect(held).toHaveLength(PLACES.SMS + PLACES.EMAIL_INVITATION);
    end.resolve();
  });

  test("one pool's thousands keep no other pool's code waiting", async () => {
    const sent: string[] = [];
    await house.queue(many('flood', 1000), HOUR, { poolId: 'us-east-1_Flood' });
    house.clock.advance(1);
    await house.queue(['single'], HOUR, { poolId: 'us-east-1_Few' });
    house.clock.advance(1);
    await house.queue(many('more', 1000), HOUR, { poolId: 'us-east-1_Flood' });
    house.open(async ({ id }) => sent.push(id));
    await vi.waitFor(() => expect(sent).toContain('single'));
    expect(sent.indexOf('single')).toBeLessThan(5 * PLACES.EMAIL);
  });

  test('however many other pools there are', async () => {
    const others = many('us-east-1_', 2000);
    await house.makePools(...others);
    await house.queue(many('flood', 500), HOUR, { poolId: others[0] as string });
    house.clock.advance(1);
    await house.queue(['single'], HOUR, { poolId: others[1500] as string });
    house.clock.advance(1);
    await house.queue(many('more', 500), HOUR, { poolId: others[0] as string });
    const sent: string[] = [];
    house.open(async ({ id }) => sent.push(id));
    await vi.waitFor(() => expect(sent).toContain('single'));
    expect(sent.indexOf('single')).toBeLessThan(5 * PLACES.EMAIL);
  });

  test('what an outage left behind and what is fresh go side by side', async () => {
    const sent: string[] = [];
    await house.queue(many('old', 1000));
    house.clock.advance(MINUTE);
    await house.queue(['fresh']);
    house.open(async ({ id }) => sent.push(id));
    await vi.waitFor(() => expect(sent.length).toBeGreaterThan(200), { timeout: 5000 });
    expect(sent.indexOf('fresh')).toBeGreaterThanOrEqual(0);
    expect(sent.indexOf('fresh')).toBeLessThan(5 * PLACES.EMAIL);
    // The oldest do not starve meanwhile.
    expect(sent.slice(0, 200).filter((id) => id < 'old00200').length).toBeGreaterThan(60);
  });

  test('a function that hangs with thousands behind it keeps no other pool waiting', async () => {
    const end = Promise.withResolvers<void>();
    const sent: string[] = [];
    const outbox = house.open(async ({ id, pool_id }) => {
      if (pool_id.endsWith('Hangs')) await end.promise;
      else sent.push(id);
    });
    await house.queue(many('hangs', 1000), HOUR, { poolId: 'us-east-1_Hangs', triggerSource: FUNCTION });
    outbox.wake();
    await house.queue(many('works', 10), HOUR, { poolId: 'us-east-1_Works', triggerSource: FUNCTION });
    outbox.wake();
    await vi.waitFor(() => expect(sent).toHaveLength(10));
    end.resolve();
  });

  test('one that rests is left alone, and loses no attempt', async () => {
    const sent: string[] = [];
    house.rests.EMAIL = HOUR;
    const outbox = house.open(async ({ id }) => sent.push(id));
    await house.queue(['mail']);
    await house.queue(['sms'], HOUR, { channel: 'SMS' });
    outbox.wake();
    await house.reaches('sms', { status: 'sent' });
    expect(await house.row('mail')).toMatchObject({ status: 'queued', attempts: 0 });
    house.rests.EMAIL = 0;
    outbox.wake();
    await house.reaches('mail', { status: 'sent', attempts: 1 });
  });

  test('a message that is put off uses up no attempt, and nobody is told of one', async () => {
    let rest: number | undefined = 5000;
    const outbox = house.open(async () => {
      if (rest !== undefined) throw failing({ code: 'RESTING', postponeFor: rest });
    });
    await house.queue(['a']);
    outbox.wake();
    await house.reaches('a', { status: 'queued', attempts: 0, last_error: 'not now', record: '[]' });
    const wait = ((await house.row('a')).due_at as number) - house.clock.now();
    expect(wait).toBeGreaterThan(4000);
    expect(wait).toBeLessThanOrEqual(6250);
    expect(house.outcomes).toEqual([]);
    rest = undefined;
    house.clock.advance(wait);
    outbox.wake();
    await house.reaches('a', { status: 'sent', attempts: 1 });
  });

  test('what a version without lanes queued is put into one', async () => {
    await house.queue(['a', 'b']);
    await house.storage.write((unit) => unit.run('update messages set lane = null', []));
    house.open(async () => {});
    await house.reaches('a', { status: 'sent', lane: 'EMAIL' });
    await house.reaches('b', { status: 'sent', lane: 'EMAIL' });
  });

  test('two workers share a queue, and send nothing twice', async () => {
    const ids = many('m', 2000);
    const sent: string[] = [];
    for (const worker of [1, 2]) {
      house.open(async ({ id }) => {
        if (worker === 1) await new Promise((resolve) => setImmediate(resolve));
        sent.push(id);
      });
    }
    await house.queue(ids);
    await vi.waitFor(() => expect(sent.length).toBeGreaterThanOrEqual(ids.length), { timeout: 20_000 });
    expect(sent.toSorted()).toEqual(ids);
  });

  test('are found by their index, and no other message is read', () => {
    const plans = statements
      .map(({ text }) => text({ dialect: 'sqlite', locks: false }))
      .filter((text) => /from "messages" where .*"lane"/.test(text))
      .map((text) => ({ text, plan: house.planOf(text) }));
    expect(plans.length).toBeGreaterThan(4);
    for (const { text, plan } of plans) {
      const steps = plan.filter((step) => step.includes(' messages '));
      expect(steps.length, text).toBeGreaterThan(0);
      for (const step of steps) {
        expect(step, text).toMatch(/INDEX messages_(?:by_lane|by_lane_and_pool|dead)\b/);
      }
      expect(plan.join(), text).not.toContain('TEMP B-TREE');
    }
  });
});

describe('a message that failed', () => {
  test('keeps its content while its code lives, and not longer', async () => {
    const outbox = house.open(async () => {
      throw failing({ permanent: true, code: 'SMTP_550' });
    });
    await house.queue(['a']);
    outbox.wake();
    await house.reaches('a', { status: 'failed', lane: 'DEAD', due_at: null });
    expect(Buffer.from((await house.row('a')).sealed_content).toString()).toBe('sealed');
    house.clock.advance(HOUR);
    outbox.wake();
    await house.reaches('a', { status: 'failed', lane: 'EMAIL', due_at: null });
    expect(Buffer.from((await house.row('a')).sealed_content).toString()).toBe('erased');
    expect(house.outcomes).toEqual(['failed']);
  });

  test.each(['OUTDATED', 'EXPIRED'])('for being %s keeps none', async (code) => {
    const outbox = house.open(async () => {
      throw failing({ permanent: true, code });
    });
    await house.queue(['a']);
    outbox.wake();
    await house.reaches('a', { status: 'failed', lane: 'EMAIL' });
    expect(Buffer.from((await house.row('a')).sealed_content).toString()).toBe('erased');
  });

  test('says in its record why, even where it came to no channel', async () => {
    const outbox = house.open(async () => {
      throw failing({ permanent: true, code: 'NO_CHANNEL' });
    });
    await house.queue(['a']);
    outbox.wake();
    await house.reaches('a', { status: 'failed' });
    expect(JSON.parse((await house.row('a')).record as string)).toEqual([
      { at: expect.any(Number), outcome: 'failed', code: 'NO_CHANNEL' },
    ]);
  });

  test('is not told apart from one to nobody by what is done to it', async () => {
    const outbox = house.open(async () => {
      throw failing({ permanent: true, code: 'NO_CHANNEL' });
    });
    await house.queue(['real']);
    await house.queue(['nobody'], HOUR, { status: 'simulated' });
    outbox.wake();
    await house.reaches('real', { status: 'failed', lane: 'DEAD' });
    const [nobody] = await house.storage.read((unit) =>
      unit.rows(`select status, lane, attempts from messages where id = 'nobody'`, []),
    );
    expect(nobody).toEqual({ status: 'simulated', lane: 'DEAD', attempts: 1 });
    expect(house.outcomes).toEqual(['failed']);
  });
});
