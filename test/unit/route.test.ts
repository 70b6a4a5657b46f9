import { beforeEach, describe, expect, test } from 'vitest';
import { FAILURES, LONGEST_REST } from '../../packages/server/src/domain/delivery/channels/breaker.ts';
import {
  type Cause,
  type Mail,
  type MailChannel,
  NotAccepted,
  Undeliverable,
} from '../../packages/server/src/domain/delivery/channels/channel.ts';
import {
  createRoute,
  type Postponed,
  type Route,
} from '../../packages/server/src/domain/delivery/channels/route.ts';
import { dispatchesOf } from '../../packages/server/src/outbox/dispatch.ts';

const mail = (over: Partial<Mail> = {}): Mail => ({
  id: 'message-id',
  poolId: 'us-east-1_Pool',
  to: 'ida@example.com',
  subject: 'Your code',
  html: 'Your code is 1',
  text: 'Your code is 1',
  from: undefined,
  replyTo: undefined,
  expiresAt: 1000,
  sourceArn: undefined,
  configurationSet: undefined,
  ...over,
});

let now: number;
let clock: { now(): number };
let used: string[];
let answers: Record<string, Error | Promise<void> | undefined>;
beforeEach(() => {
  now = 0;
  let time = 0;
  clock = { now: () => time, set: (at: number) => (time = at) } as typeof clock;
  used = [];
  answers = {};
});
const setClock = (at: number) => (clock as unknown as { set(at: number): void }).set(at);

const channel = (name: string, over: Partial<MailChannel> = {}): MailChannel => ({
  name,
  async send() {
    used.push(name);
    const answer = answers[name];
    if (answer instanceof Error) throw answer;
    await answer;
    return { providerId: `${name}-1` };
  },
  check: async () => [],
  close: async () => {},
  ...over,
});
const routeOf = (...channels: MailChannel[]) => createRoute<Mail>(channels, clock, () => now);
const down = (blames: Cause = 'provider') => new NotAccepted('down', 'ETIMEDOUT', blames);
/** Which channels a message was tried with, and what it came to. */
async function sendBy(route: Route<Mail>, message = mail()) {
  used.length = 0;
  const failure = await route.send(message).then(
    () => undefined,
    (error: Error) => error,
  );
  return [used.join(''), failure?.constructor.name];
}
async function wearOut(route: Route<Mail>) {
  for (let failure = 0; failure < FAILURES; failure += 1) await sendBy(route);
}

describe('a route', () => {
  test('tells what was tried, in the order of its channels', async () => {
    const route = routeOf(channel('a'), channel('b'));
    answers['a'] = down();
    expect(await route.send(mail())).toEqual([
      { at: 0, channel: 'a', outcome: 'failed', code: 'ETIMEDOUT' },
      { at: 0, channel: 'b', outcome: 'accepted', providerId: 'b-1' },
    ]);
    answers['b'] = new Undeliverable('no such user', 'SMTP_550');
    const error = await route.send(mail()).catch((thrown) => thrown);
    expect(error).toBe(answers['b']);
    expect(dispatchesOf(error)).toEqual([
      { at: 0, channel: 'a', outcome: 'failed', code: 'ETIMEDOUT' },
      { at: 0, channel: 'b', outcome: 'refused', code: 'SMTP_550' },
    ]);
  });

  test('stands in for a channel only after a passing failure', async () => {
    const route = routeOf(channel('a'), channel('b'));
    answers['a'] = new Undeliverable('no such user');
    expect(await sendBy(route)).toEqual(['a', 'Undeliverable']);
    answers['a'] = down();
    expect(await sendBy(route)).toEqual(['ab', undefined]);
  });

  test('prefers channels that obey what the pool is configured to', async () => {
    const route = routeOf(channel('a', { obeys: () => false }), channel('b'));
    expect(await sendBy(route)).toEqual(['b', undefined]);
    answers['b'] = down();
    expect(await sendBy(route)).toEqual(['ba', undefined]);
  });

  test('sends nothing whose code expired while another channel was tried', async () => {
    const route = routeOf(
      channel('a', {
        send: async () => {
          setClock(1000);
          throw down();
        },
      }),
      channel('b'),
    );
    const error = await route.send(mail()).catch((thrown) => thrown);
    expect([error.code, error.permanent, used]).toEqual(['EXPIRED', true, []]);
    expect(dispatchesOf(error)).toHaveLength(1);
  });
});

describe('the breaker of a channel', () => {
  test('opens after so many failures in a row, and then nothing is tried and no attempt used', async () => {
    const route = routeOf(channel('a'));
    answers['a'] = down();
    await wearOut(route);
    expect(route.states()).toEqual([{ channel: 'a', isOpen: true }]);
    expect(await sendBy(route)).toEqual(['', 'Postponed']);
    const error = (await route.send(mail()).catch((thrown) => thrown)) as Postponed;
    expect(error.permanent).toBe(false);
    expect(error.postponeFor).toBeGreaterThan(3000);
    expect(error.postponeFor).toBeLessThanOrEqual(5000);
    expect(dispatchesOf(error)).toEqual([]);
    expect(route.rest()).toBe(error.postponeFor);
  });

  test('does not while one succeeds now and then', async () => {
    const route = routeOf(channel('a'));
    for (let round = 0; round < 3 * FAILURES; round += 1) {
      answers['a'] = round % FAILURES === 0 ? undefined : down();
      await sendBy(route);
    }
    expect(route.rest()).toBe(0);
  });

  test.each<[string, () => Error]>([
    ["a pool's role", () => down('sms-role-trust')],
    ['a sender', () => down('sender')],
    ['a recipient', () => down('recipient')],
    ['a message', () => new Undeliverable('no such user')],
  ])('does not for what is the fault of %s', async (_, error) => {
    const route = routeOf(channel('a'));
    answers['a'] = error();
    for (let failure = 0; failure < 4 * FAILURES; failure += 1) await sendBy(route);
    expect(route.rest()).toBe(0);
  });

  test('stays closed for messages that had less time than the channel takes', async () => {
    const slow = channel('a', {
      async send({ expiresAt }, timeLeft = 0) {
        setClock(expiresAt - 1000 + timeLeft);
        throw down();
      },
    });
    const route = routeOf(slow);
    for (let message = 1; message <= FAILURES; message += 1) {
      await sendBy(route, mail({ expiresAt: message * 1000 }));
    }
    expect(route.states()).toEqual([{ channel: 'a', isOpen: false }]);
  });

  test('has one message at a time probe after a rest, and closes with the first that is taken', async () => {
    const route = routeOf(channel('a'));
    answers['a'] = down();
    await wearOut(route);
    now += 5000;
    expect(route.rest()).toBe(0);
    const { promise, resolve } = Promise.withResolvers<void>();
    answers['a'] = promise;
    const probe = route.send(mail());
    expect(await sendBy(route)).toEqual(['', 'Postponed']);
    expect(route.rest()).toBeGreaterThan(0);
    resolve();
    await probe;
    expect(route.states()[0]?.isOpen).toBe(false);
    answers['a'] = undefined;
    expect(await sendBy(route)).toEqual(['a', undefined]);
  });

  test('rests longer after each probe that failed, a minute at most', async () => {
    const route = routeOf(channel('a'));
    answers['a'] = down();
    await wearOut(route);
    const rests: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      rests.push(route.rest());
      now += route.rest();
      expect(await sendBy(route)).toEqual(['a', 'NotAccepted']);
    }
    for (const [index, longest] of [5, 10, 20, 40, 60, 60, 60].entries()) {
      expect(rests[index]).toBeGreaterThanOrEqual(longest * 750);
      expect(rests[index]).toBeLessThanOrEqual(longest * 1000);
    }
  });

  test('lets the next message probe where the last one says nothing of the provider', async () => {
    const route = routeOf(channel('a'));
    answers['a'] = down();
    await wearOut(route);
    now += 5000;
    answers['a'] = new Undeliverable('no such user');
    expect(await sendBy(route)).toEqual(['a', 'Undeliverable']);
    answers['a'] = undefined;
    expect(await sendBy(route)).toEqual(['a', undefined]);
    expect(route.states()[0]?.isOpen).toBe(false);
  });

  test('waits for no probe for ever', async () => {
    const route = routeOf(channel('a'));
    answers['a'] = down();
    await wearOut(route);
    now += 5000;
    answers['a'] = new Promise(() => {});
    void route.send(mail());
    expect(await sendBy(route)).toEqual(['', 'Postponed']);
    now += 91_000;
    answers['a'] = undefined;
    expect(await sendBy(route)).toEqual(['a', undefined]);
  });

  test('leaves the other channels alone: one stands in at once, and hands back', async () => {
    const route = routeOf(channel('a'), channel('b'));
    answers['a'] = down();
    await wearOut(route);
    expect(await sendBy(route)).toEqual(['b', undefined]);
    expect(route.rest()).toBe(0);
    expect(route.states()).toEqual([
      { channel: 'a', isOpen: true },
      { channel: 'b', isOpen: false },
    ]);
    now += 5000;
    expect(await sendBy(route)).toEqual(['ab', undefined]);
    answers['a'] = undefined;
    now += LONGEST_REST;
    expect(await sendBy(route)).toEqual(['a', undefined]);
  });

  test('is not kept open by what began before it opened, nor by a clock that is put back', async () => {
    const route = routeOf(channel('a'));
    answers['a'] = down();
    await Promise.all(Array.from({ length: 4 * FAILURES }, () => sendBy(route)));
    expect(route.rest()).toBeLessThanOrEqual(5000);
    now -= 10 * LONGEST_REST;
    expect(route.rest()).toBe(0);
  });
});
