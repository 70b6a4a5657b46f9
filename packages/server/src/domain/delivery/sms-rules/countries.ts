import { mayGoAnywhere, type SmsCountries } from '../../../config/sms-countries.ts';
import type { Destination } from './destination.ts';
import { Held } from './held.ts';

/** Who messages to a destination are from; undefined: the channel's own sender. Throws `Held` where none may go. */
export function senderTo(
  countries: SmsCountries | undefined,
  { country, isCostly }: Destination,
): string | undefined {
  const { others, named } = mayGoAnywhere(countries);
  const isNamed = country !== undefined && Object.hasOwn(named, country);
  if (!others) {
    if (country === undefined) throw new Held('NUMBER_NOT_ALLOWED');
    if (!isNamed) throw new Held('COUNTRY_NOT_ALLOWED');
    if (isCostly) throw new Held('NUMBER_NOT_ALLOWED');
  }
  return isNamed ? (named[country] ?? undefined) : undefined;
}
