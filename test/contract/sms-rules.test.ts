import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { openProviderServer, type ProviderServer } from '../support/provider-server.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';
import { fates, invite, nextDayAt, openSmsPool, outcomesIn, type Told } from '../support/sms-house.ts';
import { choiceCalls, createChoiceClient } from '../support/user-auth.ts';

// A day: 4 messages of a pool, 3 to numbers that begin alike, and 1 in money, which is 20 messages to the United States.
let provider: ProviderServer;
let house: House;
beforeAll(async () => {
  provider = await openProviderServer({ status: 201, body: { sid: 'SM1', status: 'queued' } });
  house = await openHouse({
    sms: `twilio://AC1:token@127.0.0.1:${provider.port}?from=%2B12065550199&insecure=true`,
    smsCountries: 'US GB=MyBrand CA=+14165550199',
    smsPrices: ['US=0.05', 'CA=0.05', 'GB=0.25'],
    messageCaps: ['off', 'SmsDay=4', 'SmsPrefixDay=3', 'SmsPriceDay=1'],
  });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

let pool: string;
beforeEach(async () => {
  await nextDayAt(house, 12);
  provider.requests.length = 0;
  pool = await openSmsPool(house);
});

const sent = () => provider.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
const inviteAll = (poolId: string, numbers: readonly string[]) =>
  Promise.all(numbers.map((number) => invite(house, poolId, number)));
/** So many numbers that begin alike. */
const block = (count: number, prefix = '+1206555') =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(4, '0')}`);
const metrics = async () => (await fetch(`${house.url}/metrics`)).text();

describe('the country of a message', () => {
  it('names its sender, or leaves it to the channel', async () => {
    await inviteAll(pool, ['+12065550100', '+447400123456', '+14165550100']);
    await outcomesIn(house, pool, 3);
    const senders = Object.fromEntries(sent().map(({ To, From }) => [To, From]));
    expect(senders).toEqual({
      '+12065550100': '+12065550199',
      '+447400123456': 'MyBrand',
      '+14165550100': '+14165550199',
    });
  });

  it.each([
    ['is not allowed', '+18765550100', 'COUNTRY_NOT_ALLOWED', 'not among --sms-countries'],
    ['is none', '+15550001111', 'NUMBER_NOT_ALLOWED', 'of no country'],
    ['is at a premium', '+19002345678', 'NUMBER_NOT_ALLOWED', 'costs extra'],
  ])('%s: it is held back for good, and an operator sees why', async (_, number, code, text) => {
    await invite(house, pool, number);
    const [message] = await outcomesIn(house, pool, 1);
    expect(message).toMatchObject({
      status: 'failed',
      attempts: 1,
      lastError: expect.stringContaining(text),
      record: [{ outcome: 'held', code, channel: null, at: expect.any(String), providerId: null }],
    });
    expect(provider.requests).toEqual([]);
    expect(await metrics()).toMatch(new RegExp(`poolkeeper_sms_held_total\\{reason="${code}"\\} \\d`));
  });

  it('is nothing that a sign-in tells', async () => {
    const [here, there] = await Promise.all([
      invite(house, pool, '+12065550100'),
      invite(house, pool, '+18765550100'),
    ]);
    const { start } = choiceCalls(house, await createChoiceClient(house, pool));
    const answers = await Promise.all(
      [here, there].map((name) => start(name, { PREFERRED_CHALLENGE: 'SMS_OTP' })),
    );
    for (const { ChallengeName } of answers) expect(ChallengeName).toBe('SMS_OTP');
    expect(fates(await outcomesIn(house, pool, 4)).toSorted()).toEqual([
      'COUNTRY_NOT_ALLOWED',
      'COUNTRY_NOT_ALLOWED',
      'sent',
      'sent',
    ]);
  });
});

describe('the caps of a day', () => {
  it('let so many messages of a pool out that come at once, and as many again from midnight UTC on', async () => {
    const spread = [
      '+12125550100',
      '+13105550100',
      '+14155550100',
      '+15035550100',
      '+16175550100',
      '+17025550100',
    ];
    await inviteAll(pool, spread);
    const first = fates(await outcomesIn(house, pool, 6)).toSorted();
    expect(first).toEqual(['SMS_DAY_CAP', 'SMS_DAY_CAP', 'sent', 'sent', 'sent', 'sent']);
    expect(provider.requests).toHaveLength(4);
    // Another pool has a day of its own.
    const other = await openSmsPool(house);
    await invite(house, other, '+12125550100');
    expect(fates(await outcomesIn(house, other, 1))).toEqual(['sent']);
    await nextDayAt(house, 0);
    await inviteAll(pool, spread.slice(0, 4));
    expect(fates(await outcomesIn(house, pool, 10)).slice(6)).toEqual(['sent', 'sent', 'sent', 'sent']);
  });

  it('hold what goes to numbers that begin alike, and do not count what they hold', async () => {
    await inviteAll(pool, block(5));
    expect(fates(await outcomesIn(house, pool, 5)).toSorted()).toEqual([
      'SMS_PREFIX_CAP',
      'SMS_PREFIX_CAP',
      'sent',
      'sent',
      'sent',
    ]);
    await invite(house, pool, '+13105550100');
    expect(fates(await outcomesIn(house, pool, 6)).at(-1)).toBe('sent');
    await invite(house, pool, '+14155550100');
    expect(fates(await outcomesIn(house, pool, 7)).at(-1)).toBe('SMS_DAY_CAP');
  });

  it('hold what costs more than the day has, of all pools together', async () => {
    const other = await openSmsPool(house);
    await inviteAll(
      pool,
      block(3, '+44740012345').map((number) => number.slice(0, 13)),
    );
    await outcomesIn(house, pool, 3);
    await invite(house, other, '+447911012345');
    expect(fates(await outcomesIn(house, other, 1))).toEqual(['sent']);
    // Nothing is left, not even for one to the United States.
    await invite(house, other, '+12065550100');
    expect(fates(await outcomesIn(house, other, 2))).toEqual(['sent', 'SMS_PRICE_CAP']);
    expect(provider.requests).toHaveLength(4);
  });

  it('count a message once, however often it is tried', async () => {
    provider.thenWith({ status: 503 });
    await invite(house, pool, '+12065550100');
    const tried = () => house.operator(`messages?userPoolId=${pool}`) as Promise<{ messages: Told[] }>;
    await vi.waitFor(async () => expect((await tried()).messages[0]?.record).toHaveLength(1), {
      interval: 10,
    });
    await house.advance('PT5S');
    const [message] = await outcomesIn(house, pool, 1);
    expect(message).toMatchObject({ status: 'sent', attempts: 2 });
    await inviteAll(pool, ['+13105550100', '+14155550100', '+15035550100']);
    expect(fates(await outcomesIn(house, pool, 4))).toEqual(['sent', 'sent', 'sent', 'sent']);
  });

  it('are used up by nobody who does not exist', async () => {
    const client = await createChoiceClient(house, pool, { PreventUserExistenceErrors: 'ENABLED' });
    const { forgot } = recoveryCalls(house, client);
    for (let time = 0; time < 6; time += 1) {
      const { CodeDeliveryDetails } = await forgot(`+1206555${1000 + time}`);
      expect(CodeDeliveryDetails?.DeliveryMedium).toBe('SMS');
    }
    await inviteAll(pool, block(3));
    await invite(house, pool, '+13105550100');
    expect(fates(await outcomesIn(house, pool, 4))).toEqual(['sent', 'sent', 'sent', 'sent']);
  });
});
