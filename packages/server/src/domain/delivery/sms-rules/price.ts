import type { SmsPrices } from '../../../config/sms-prices.ts';
import { segmentsOf } from './segments.ts';

/** Parts of the currency that caps on money are counted in. */
export const PARTS = 10_000;
const MILLIONTHS_A_PART = 100;

/** What a message costs in parts, rounded up. */
export function priceOf({ others, named }: SmsPrices, country: string | undefined, text: string): number {
  const known = country !== undefined && Object.hasOwn(named, country) ? named[country] : others;
  // checkSmsPrices sees to it that there is one wherever messages may go.
  return Math.ceil(((known ?? 0) * segmentsOf(text)) / MILLIONTHS_A_PART);
}
