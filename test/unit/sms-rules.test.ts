import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configOf, readConfig } from '../../packages/server/src/config/config.ts';
import { smsCountriesOf } from '../../packages/server/src/config/sms-countries.ts';
import { smsPricesOf } from '../../packages/server/src/config/sms-prices.ts';
import { senderTo } from '../../packages/server/src/domain/delivery/sms-rules/countries.ts';
import { destinationOf } from '../../packages/server/src/domain/delivery/sms-rules/destination.ts';
import { Held } from '../../packages/server/src/domain/delivery/sms-rules/held.ts';
import { priceOf } from '../../packages/server/src/domain/delivery/sms-rules/price.ts';
import {
  SANDBOX_LANGUAGES,
  sandboxText,
} from '../../packages/server/src/domain/delivery/sms-rules/sandbox-text.ts';
import { segmentsOf } from '../../packages/server/src/domain/delivery/sms-rules/segments.ts';
import { createDailyWarning } from '../../packages/server/src/domain/limits/daily-warning.ts';
import { dayOf } from '../../packages/server/src/domain/limits/day.ts';

/** What becomes of a message to a number: its sender, `own`, or why it is held. */
async function fate(countries: string | undefined, phoneNumber: string): Promise<string> {
  const rules = await smsCountriesOf(countries);
  try {
    return senderTo(rules, await destinationOf(phoneNumber)) ?? 'own';
  } catch (error) {
    expect(error).toBeInstanceOf(Held);
    return (error as Held).code;
  }
}

describe('--sms-countries', () => {
  it.each([
    ['US CA', '+12065550100', 'own'],
    ['US', '+14165550100', 'COUNTRY_NOT_ALLOWED'],
    ['CA', '+14165550100', 'own'],
    // By the number and not its calling code: +1 goes to the Caribbean as well, +7 to two countries, +44 to four.
    ['US CA', '+18765550100', 'COUNTRY_NOT_ALLOWED'],
    ['RU', '+77012345678', 'COUNTRY_NOT_ALLOWED'],
    ['KZ', '+77012345678', 'own'],
    ['GB', '+447400123456', 'own'],
    ['GB', '+441534456789', 'COUNTRY_NOT_ALLOWED'],
    // Of no country: in films, on satellites, nowhere.
    ['US', '+15550001111', 'NUMBER_NOT_ALLOWED'],
    ['US', '+882134567890', 'NUMBER_NOT_ALLOWED'],
    ['US', '+9991234567', 'NUMBER_NOT_ALLOWED'],
    ['US', 'nonsense', 'NUMBER_NOT_ALLOWED'],
    ['US', '', 'NUMBER_NOT_ALLOWED'],
    // Of an allowed country, at somebody's profit: premium rate, shared cost, personal, pager, VoIP.
    ['US', '+19002345678', 'NUMBER_NOT_ALLOWED'],
    ['GB', '+449012345678', 'NUMBER_NOT_ALLOWED'],
    ['GB', '+448431234567', 'NUMBER_NOT_ALLOWED'],
    ['GB', '+447012345678', 'NUMBER_NOT_ALLOWED'],
    ['GB', '+447640123456', 'NUMBER_NOT_ALLOWED'],
    ['GB', '+445612345678', 'NUMBER_NOT_ALLOWED'],
    ['GB=MyBrand IN=+911234567890', '+447400123456', 'MyBrand'],
    ['GB=MyBrand,IN=+911234567890', '+919876543210', '+911234567890'],
    ['*', '+18765550100', 'own'],
    ['*', '+15550001111', 'own'],
    ['*', '+449012345678', 'own'],
    ['* GB=MyBrand', '+447400123456', 'MyBrand'],
    ['* GB=MyBrand', '+12065550100', 'own'],
    [undefined, '+15550001111', 'own'],
  ])('%s: a message to %s comes to %s', async (countries, phoneNumber, expected) => {
    expect(await fate(countries, phoneNumber)).toBe(expected);
  });

  it.each([
    ['UK', /UK: give ISO codes/],
    ['us', /us: give ISO codes/],
    ['USA', /give ISO codes/],
    ['+1', /give ISO codes/],
    ['constructor', /give ISO codes/],
    ['US US', /names US twice/],
    ['US US=Brand', /names US twice/],
    ['US=', /a sender is/],
    ['US=12345', /a sender is/],
    ['US=-Brand', /a sender is/],
    ['US=ALongBrandName', /a sender is/],
    ['US=Bränd', /a sender is/],
    ['US=+0123456789', /a sender is/],
    ['*=Brand', /give ISO codes/],
  ])('refuses %s', async (smsCountries, text) => {
    await expect(configOf({ smsCountries })).rejects.toThrow(text);
  });

  it('must be said in production where SMS messages leave', async () => {
    const sms = 'twilio://sid:token@127.0.0.1?from=%2B12065550100';
    await expect(configOf({ mode: 'production', sms })).rejects.toThrow(/--sms-countries 'US CA'/);
    await expect(configOf({ mode: 'production' })).rejects.not.toThrow(/--sms-countries/);
    await expect(configOf({ mode: 'production', sms, smsCountries: '*' })).rejects.not.toThrow(
      /--sms-countries/,
    );
    expect((await configOf({})).smsCountries).toBeUndefined();
  });
});

describe('the segments of a text', () => {
  it.each([
    ['', 1],
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['a'.repeat(306), 2],
    ['a'.repeat(307), 3],
    // Two places each.
    ['€'.repeat(80), 1],
    ['€'.repeat(81), 2],
    // A pair of them is not cut: 152 places, and one stays empty.
    [`${'€'.repeat(76)}${'€'.repeat(76)}`, 2],
    [`${'€'.repeat(153)}`, 3],
    ['à Ñ @ £ Ω', 1],
    ['я'.repeat(70), 1],
    ['я'.repeat(71), 2],
    ['я'.repeat(134), 2],
    ['я'.repeat(135), 3],
    // One character outside of the alphabet makes all of them long.
    [`${'a'.repeat(70)}ç`, 2],
    ['😀'.repeat(35), 1],
    ['😀'.repeat(36), 2],
    // 33 pairs fit in 67 places.
    ['😀'.repeat(67), 3],
  ])('%j', (text, segments) => {
    expect(segmentsOf(text)).toBe(segments);
  });

  it('never get fewer by more text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.string({ maxLength: 50 }),
        (text, more) => {
          expect(segmentsOf(text + more)).toBeGreaterThanOrEqual(segmentsOf(text));
          expect(segmentsOf(text)).toBeLessThanOrEqual(Math.max(1, Math.ceil(text.length / 66)));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('--sms-prices', () => {
  it('are of a segment, by country, and rounded up to a ten-thousandth a message', async () => {
    const prices = (await smsPricesOf('US=0.00645 IN=0.03 *=0.1')) as NonNullable<
      Awaited<ReturnType<typeof smsPricesOf>>
    >;
    expect(priceOf(prices, 'US', 'code')).toBe(65);
    expect(priceOf(prices, 'US', 'a'.repeat(161))).toBe(129);
    expect(priceOf(prices, 'IN', 'я'.repeat(71))).toBe(600);
    expect(priceOf(prices, 'FR', 'code')).toBe(1000);
    expect(priceOf(prices, undefined, 'code')).toBe(1000);
  });

  it.each([
    [{ smsPrices: 'US=1' }, /give --message-caps SmsPriceDay/],
    [{ messageCaps: 'SmsPriceDay=5' }, /SmsPriceDay needs prices/],
    [{ messageCaps: 'SmsPriceDay=5', smsPrices: 'US=0.1' }, /needs one for \*/],
    [{ messageCaps: 'SmsPriceDay=5', smsPrices: 'US=0.1', smsCountries: 'US CA' }, /needs one for CA/],
    [{ messageCaps: 'SmsPriceDay=200001', smsPrices: '*=0.1' }, /from 1 to 200000/],
    [{ messageCaps: 'SmsPriceDay=5', smsPrices: 'US=-1' }, /give the price of a segment/],
    [{ messageCaps: 'SmsPriceDay=5', smsPrices: 'US=1e9' }, /give the price of a segment/],
    [{ messageCaps: 'SmsPriceDay=5', smsPrices: 'US' }, /give the price of a segment/],
    [{ messageCaps: 'SmsPriceDay=5', smsPrices: 'UK=1' }, /give the price of a segment/],
    [{ messageCaps: 'SmsPriceDay=5', smsPrices: 'US=1 US=2' }, /names US twice/],
  ])('%j is refused', async (given, text) => {
    await expect(configOf(given)).rejects.toThrow(text);
  });

  it('are complete where every allowed country has one', async () => {
    const given = { messageCaps: 'SmsPriceDay=5', smsPrices: 'US=0.1 CA=0.1', smsCountries: 'US CA' };
    expect((await configOf(given)).smsPrices).toEqual({
      others: undefined,
      named: { US: 100_000, CA: 100_000 },
    });
  });
});

it('--sms-sandbox is on or off', async () => {
  expect((await configOf({})).smsSandbox).toBe(false);
  for (const smsSandbox of [true, 'true']) expect((await configOf({ smsSandbox })).smsSandbox).toBe(true);
  expect((await readConfig(['--sms-sandbox', '--sms-countries', 'US CA'], {})).smsSandbox).toBe(true);
  const environment = { POOLKEEPER_SMS_SANDBOX: 'true', POOLKEEPER_SMS_COUNTRIES: 'US GB=MyBrand' };
  expect(await readConfig([], environment)).toMatchObject({
    smsSandbox: true,
    smsCountries: { others: false, named: { US: null, GB: 'MyBrand' } },
  });
  await expect(configOf({ smsSandbox: 'yes' })).rejects.toThrow(/--sms-sandbox must be true or false/);
});

it('one-time passwords are told in every language of the sandbox, in at most two segments', () => {
  expect(SANDBOX_LANGUAGES).toHaveLength(13);
  for (const language of SANDBOX_LANGUAGES) {
    const text = sandboxText(language, '012345');
    expect(text).toContain('012345');
    expect(text).not.toContain('{');
    expect(segmentsOf(text), language).toBeLessThanOrEqual(2);
  }
});

describe('a day', () => {
  const at = (text: string) => Date.parse(text);
  it.each([
    ['2030-01-31T00:00:00.000Z', 0, '2030-01-31', '2030-02-01T00:00:00.000Z'],
    ['2030-01-31T23:59:59.999Z', 0, '2030-01-31', '2030-02-01T00:00:00.000Z'],
    ['2030-01-31T08:59:59.999Z', 9, '2030-01-30', '2030-01-31T09:00:00.000Z'],
    ['2030-01-31T09:00:00.000Z', 9, '2030-01-31', '2030-02-01T09:00:00.000Z'],
  ])('at %s, ending at %i:00, is %s', (now, hours, day, end) => {
    expect(dayOf(at(now), hours * 3_600_000)).toEqual({ day, dayEnd: at(end) });
  });
});

it('a cap that is reached is told once a day, of each pool', () => {
  const lines: object[] = [];
  let now = Date.parse('2030-01-31T12:00:00Z');
  const log = { warn: (facts: object) => lines.push(facts) };
  const warn = createDailyWarning(log as never, { now: () => now });
  for (let time = 0; time < 3; time += 1) warn('SmsDay', 'a');
  warn('SmsDay', 'b');
  warn('SmsPriceDay');
  expect(lines).toEqual([
    { cap: 'SmsDay', pool: 'a' },
    { cap: 'SmsDay', pool: 'b' },
    { cap: 'SmsPriceDay', pool: undefined },
  ]);
  now += 12 * 3_600_000;
  warn('SmsDay', 'a');
  expect(lines).toHaveLength(4);
});
