import type { MessageCap, MessageCaps } from '../../../config/limits.ts';
import { ALL_POOLS, addToDay, markCounted } from '../../../storage/repositories/day-counts.ts';
import type { MessageRow } from '../../../storage/repositories/messages.ts';
import type { Unit } from '../../../storage/unit.ts';
import { dayOf } from '../../limits/day.ts';
import { Held, type HeldReason } from './held.ts';
import { PARTS } from './price.ts';

/** So many digits are a block of some ten thousand numbers. */
const PREFIX_DIGITS = 7;

const reasons = {
  SmsDay: 'SMS_DAY_CAP',
  SmsPrefixDay: 'SMS_PREFIX_CAP',
  SmsPriceDay: 'SMS_PRICE_CAP',
} as const satisfies Partial<Record<MessageCap, HeldReason>>;

export type SmsCap = keyof typeof reasons;

export const capOf = (reason: HeldReason): SmsCap | undefined =>
  (Object.keys(reasons) as SmsCap[]).find((cap) => reasons[cap] === reason);

export const hasSmsCap = (caps: MessageCaps): boolean =>
  Object.keys(reasons).some((cap) => caps[cap as SmsCap] !== undefined);

/**
 * Counts a message against the caps of the day, once however often it is tried: whoever sends next knows of it before it
 * is out. Throws `Held`, which takes back what the unit counted. A simulated message takes the same steps beside the
 * budgets, and none is beyond them. The row that everybody shares is locked last.
 */
export async function countSms(
  unit: Unit,
  caps: MessageCaps,
  row: Pick<MessageRow, 'pool_id' | 'id' | 'sub' | 'status' | 'destination' | 'expires_at'>,
  { price, now }: { readonly price: number; readonly now: number },
): Promise<void> {
  const isSimulated = row.status === 'simulated';
  const { pool_id: poolId, sub, expires_at: until } = row;
  if ((await markCounted.run(unit, { poolId, sub, action: `sms:${row.id}`, until })) === 0) return;
  const { day, dayEnd } = dayOf(now);
  const began = isSimulated
    ? sub.slice(0, PREFIX_DIGITS)
    : row.destination.replace(/\D/g, '').slice(0, PREFIX_DIGITS);
  const count = async (cap: SmsCap, action: string, amount: number, parts = 1, of = poolId) => {
    const most = caps[cap];
    if (most === undefined) return;
    const kept = { poolId: of, day, dayEnd, amount, action: isSimulated ? `nobody:${action}` : action };
    const counted = await addToDay.first(unit, kept);
    if (!isSimulated && (counted?.count ?? 0) > most * parts) throw new Held(reasons[cap]);
  };
  await count('SmsDay', 'sms-day', 1);
  await count('SmsPrefixDay', `sms-prefix-day:${began}`, 1);
  await count('SmsPriceDay', 'sms-price-day', price, PARTS, ALL_POOLS);
}
