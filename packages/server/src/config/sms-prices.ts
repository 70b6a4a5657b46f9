import { ConfigError } from './config-error.ts';
import type { MessageCaps } from './limits.ts';
import { countryTest, itemsOf, mayGoAnywhere, type SmsCountries } from './sms-countries.ts';

/** What a segment costs, in millionths of the currency that they all are in. */
export interface SmsPrices {
  /** Of countries that are not named, and of numbers of none; undefined where every country has to be. */
  readonly others: number | undefined;
  /** By ISO 3166 code. */
  readonly named: Readonly<Record<string, number>>;
}

const PRICE = /^(?:0|[1-9]\d{0,2})(?:\.\d{1,6})?$/;
const MILLION = 1_000_000;

/** `US=0.0079 IN=0.03 *=0.10`. Undefined where nothing is said. Throws ConfigError. */
export async function smsPricesOf(
  given: readonly string[] | string | undefined,
): Promise<SmsPrices | undefined> {
  const items = itemsOf(given);
  if (items.length === 0) return undefined;
  const isCountry = await countryTest();
  const prices = new Map<string, number>();
  for (const item of items) {
    const [country = '', price = ''] = item.split(/=(.*)/s);
    if ((country !== '*' && !isCountry(country)) || !PRICE.test(price)) {
      throw new ConfigError(
        `--sms-prices ${item}: give the price of a segment, such as US=0.0079, or *=0.10 for the others.`,
      );
    }
    if (prices.has(country)) throw new ConfigError(`--sms-prices names ${country} twice.`);
    prices.set(country, Math.round(Number(price) * MILLION));
  }
  const others = prices.get('*');
  prices.delete('*');
  return { others, named: Object.fromEntries(prices) };
}

/** A cap on money without prices would hold nothing, prices without a cap do nothing. Throws ConfigError. */
export function checkSmsPrices({
  messageCaps,
  smsPrices,
  smsCountries,
}: {
  readonly messageCaps: MessageCaps;
  readonly smsPrices: SmsPrices | undefined;
  readonly smsCountries: SmsCountries | undefined;
}): void {
  if (smsPrices === undefined) {
    if (messageCaps.SmsPriceDay === undefined) return;
    throw new ConfigError(
      '--message-caps SmsPriceDay needs prices: --sms-prices US=0.0079 *=0.10, of a segment.',
    );
  }
  if (messageCaps.SmsPriceDay === undefined) {
    throw new ConfigError(
      '--sms-prices is for a cap on money: give --message-caps SmsPriceDay=50, in the same currency.',
    );
  }
  if (smsPrices.others !== undefined) return;
  const { others, named } = mayGoAnywhere(smsCountries);
  const unknown = others ? '*' : Object.keys(named).find((name) => !Object.hasOwn(smsPrices.named, name));
  if (unknown === undefined) return;
  throw new ConfigError(`--sms-prices needs one for ${unknown}, where --sms-countries lets messages go.`);
}
