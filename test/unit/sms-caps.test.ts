import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MessageCaps } from '../../packages/server/src/config/limits.ts';
import { smsPricesOf } from '../../packages/server/src/config/sms-prices.ts';
import { admitSms } from '../../packages/server/src/domain/delivery/sms-rules/rules.ts';
import { dispatchesOf } from '../../packages/server/src/outbox/dispatch.ts';
import type { MessageRow } from '../../packages/server/src/storage/repositories/messages.ts';
import { type OutboxHouse, openOutboxHouse } from '../support/outbox-house.ts';

let house: OutboxHouse;
let heard: string[];
beforeEach(async () => {
  house = await openOutboxHouse();
  heard = [];
});
afterEach(() => house[Symbol.asyncDispose]());

let ids = 0;
const message = (over: Partial<MessageRow> = {}) =>
  ({
    pool_id: 'p',
    id: `m${++ids}`,
    sub: '3f2c5a10-0000-4000-8000-000000000000',
    destination: '+12065550100',
    status: 'queued',
    expires_at: house.clock.now() + 60_000,
    ...over,
  }) as MessageRow;

/** `sent`, or the code that the message is held for. */
async function admit(caps: MessageCaps, row: MessageRow, prices?: string, text = 'code'): Promise<string> {
  const rules = {
    messageCaps: caps,
    smsCountries: undefined,
    smsPrices: await smsPricesOf(prices),
    smsSandbox: false,
    held: (reason: string) => heard.push(reason),
    reached: (cap: string, poolId: string | undefined) => heard.push(`${cap} of ${poolId ?? 'all'}`),
  };
  try {
    await admitSms(house, rules, row, text);
    return 'sent';
  } catch (error) {
    expect(dispatchesOf(error)).toMatchObject([{ outcome: 'held', code: (error as { code: string }).code }]);
    return (error as { code: string }).code;
  }
}

async function counts(): Promise<Record<string, number>> {
  const rows = await house.storage.read((unit) => unit.rows('select action, count from attempts', []));
  return Object.fromEntries(
    rows
      .filter(({ action }) => !/^sms:/.test(action as string))
      .map((row) => [row['action'], row['count'] as number]),
  );
}

it('a message counts once, and again only where it was held', async () => {
  const [first, second] = [message(), message()];
  for (let time = 0; time < 3; time += 1) expect(await admit({ SmsDay: 1 }, first)).toBe('sent');
  for (let time = 0; time < 3; time += 1) expect(await admit({ SmsDay: 1 }, second)).toBe('SMS_DAY_CAP');
  expect(await counts()).toEqual({ 'sms-day': 1 });
  house.clock.advance(86_400_000);
  expect(await admit({ SmsDay: 1 }, second)).toBe('sent');
  expect(heard.slice(0, 2)).toEqual(['SMS_DAY_CAP', 'SmsDay of p']);
});

it('money is spent to the last part, in segments, and by all pools', async () => {
  const caps = { SmsPriceDay: 1 };
  const prices = 'US=0.3333';
  expect(await admit(caps, message({ pool_id: 'a' }), prices, 'a'.repeat(161))).toBe('sent');
  expect(await admit(caps, message({ pool_id: 'b' }), `${prices} *=1`, 'ä')).toBe('sent');
  expect(await counts()).toEqual({ 'sms-price-day': 9999 });
  expect(await admit(caps, message(), 'US=0.0001')).toBe('sent');
  expect(await admit(caps, message(), 'US=0.000001')).toBe('SMS_PRICE_CAP');
  expect(await admit(caps, message(), 'US=0')).toBe('sent');
  expect(heard).toEqual(['SMS_PRICE_CAP', 'SmsPriceDay of all']);
  expect(await counts()).toEqual({ 'sms-price-day': 10_000 });
});

it('numbers that begin alike share seven digits, in one pool', async () => {
  const caps = { SmsPrefixDay: 1 };
  expect(await admit(caps, message())).toBe('sent');
  expect(await admit(caps, message({ destination: '+12065559999' }))).toBe('SMS_PREFIX_CAP');
  expect(await admit(caps, message({ destination: '+12065600100' }))).toBe('sent');
  expect(await admit(caps, message({ pool_id: 'q' }))).toBe('sent');
});

it('nobody counts beside the budgets, by the same steps, and is never held', async () => {
  const caps = { SmsDay: 1, SmsPrefixDay: 1, SmsPriceDay: 1 };
  for (let time = 0; time < 3; time += 1) {
    const nobody = message({ status: 'simulated', destination: '' });
    expect(await admit(caps, nobody, '*=1')).toBe('sent');
  }
  expect(await counts()).toEqual({
    'nobody:sms-day': 3,
    'nobody:sms-prefix-day:3f2c5a1': 3,
    'nobody:sms-price-day': 3,
  });
  expect(await admit(caps, message(), '*=1')).toBe('sent');
  expect(heard).toEqual([]);
});

it('exactly as many as the cap of those that come at once', async () => {
  const said = await Promise.all(Array.from({ length: 40 }, () => admit({ SmsDay: 7 }, message())));
  expect(said.filter((one) => one === 'sent')).toHaveLength(7);
  expect(await counts()).toEqual({ 'sms-day': 7 });
});
