import { ConfigError } from './config-error.ts';

/** Where SMS messages may go. */
export interface SmsCountries {
  /** Whether they may go to countries that are not named, and to numbers of none. */
  readonly others: boolean;
  /** By ISO 3166 code: who messages to it are from, a number in E.164 or a name; null: the channel's own. */
  readonly named: Readonly<Record<string, string | null>>;
}

const EVERYWHERE: SmsCountries = { others: true, named: {} };

/** Sender IDs as Amazon SNS takes them: 11 letters, digits and hyphens, one of them a letter. */
const SENDER = /^(?:\+[1-9]\d{6,14}|(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9-]{0,9}[A-Za-z0-9])?)$/;

/** `US CA GB=MyBrand IN=+911234567890`, or `*`. Undefined where nothing is said. Throws ConfigError. */
export async function smsCountriesOf(
  given: readonly string[] | string | undefined,
): Promise<SmsCountries | undefined> {
  const items = itemsOf(given);
  if (items.length === 0) return undefined;
  const isCountry = await countryTest();
  const named: Record<string, string | null> = {};
  for (const item of items.filter((text) => text !== '*')) {
    const [country = '', sender] = item.split(/=(.*)/s);
    if (!isCountry(country)) {
      throw new ConfigError(
        `--sms-countries ${item}: give ISO codes of countries such as US, GB=MyBrand or IN=+911234567890, or * for all.`,
      );
    }
    if (Object.hasOwn(named, country)) throw new ConfigError(`--sms-countries names ${country} twice.`);
    if (sender !== undefined && !SENDER.test(sender)) {
      throw new ConfigError(
        `--sms-countries ${item}: a sender is a number such as +12065550100, or a name of at most 11 letters, digits and hyphens.`,
      );
    }
    named[country] = sender ?? null;
  }
  return { others: items.includes('*'), named };
}

export const mayGoAnywhere = (countries: SmsCountries | undefined): SmsCountries => countries ?? EVERYWHERE;

/** The items of an option that can be given apart, or apart by white space or commas. */
export const itemsOf = (given: readonly string[] | string | undefined): string[] =>
  [given ?? []]
    .flat()
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((item) => item !== '');

/** Whether a text is the code of a country that has telephones: `UK` is not, and would let nobody in. */
export async function countryTest(): Promise<(text: string) => boolean> {
  const { isSupportedCountry } = await import('libphonenumber-js/max');
  return (text) => /^[A-Z]{2}$/.test(text) && isSupportedCountry(text);
}
