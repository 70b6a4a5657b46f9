import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPoolkeeper } from '../../packages/server/src/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { bearer, furnishProduction } from '../support/production-house.ts';
import { openProviderServer } from '../support/provider-server.ts';
import { wrongCode } from '../support/recovery-calls.ts';
import { fates, invite, openSmsPool, outcomesIn } from '../support/sms-house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ smsSandbox: true, smsCountries: 'US' });
});
afterAll(() => house[Symbol.asyncDispose]());

/** An endpoint's answer: `status`, and its JSON or `type: message` of its error. */
async function ask(path: string, method = 'GET', body?: unknown) {
  const response = await fetch(`${house.url}/_poolkeeper/sms-sandbox/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = text === '' ? {} : JSON.parse(text);
  return { status: response.status, json, error: json.error && `${json.error.type}: ${json.error.message}` };
}

const add = (phoneNumber: unknown, more: object = {}) => ask('numbers', 'POST', { phoneNumber, ...more });
const verify = (number: string, oneTimePassword: unknown) =>
  ask(`numbers/${encodeURIComponent(number)}/verify`, 'POST', { oneTimePassword });
const remove = (number: string) => ask(`numbers/${encodeURIComponent(number)}`, 'DELETE');
const numbers = async () => (await ask('numbers')).json.phoneNumbers;

let number: string;
let line = 100;
beforeEach(async () => {
  for (const { phoneNumber } of await numbers()) await remove(phoneNumber);
  line += 1;
  number = `+12065550${line}`;
});

const WRONG = /^VerificationException: /;

it('tells whether it is on', async () => {
  expect((await ask('status')).json).toEqual({ isInSandbox: true });
});

describe('a number', () => {
  it('is Pending until its one-time password is told, and listed', async () => {
    const { status, json } = await add(number);
    expect(status).toBe(201);
    expect(json).toEqual({
      phoneNumber: number,
      status: 'Pending',
      oneTimePassword: expect.stringMatching(/^\d{6}$/),
    });
    expect(await numbers()).toEqual([{ phoneNumber: number, status: 'Pending' }]);
    const verified = await verify(number, json.oneTimePassword);
    expect(verified).toMatchObject({ status: 200, json: { phoneNumber: number, status: 'Verified' } });
    expect(await numbers()).toEqual([{ phoneNumber: number, status: 'Verified' }]);
    expect((await verify(number, json.oneTimePassword)).error).toMatch(WRONG);
    expect((await add(number)).error).toMatch(/^InvalidParameterException: .*verified already/);
    expect((await remove(number)).status).toBe(204);
    expect(await numbers()).toEqual([]);
    for (const { status: gone, error } of [await remove(number), await verify(number, '123456')]) {
      expect([gone, error]).toEqual([404, expect.stringMatching(/^ResourceNotFoundException: /)]);
    }
  });

  it('is guessed at five times, and the password of the last time counts', async () => {
    const first = (await add(number)).json.oneTimePassword;
    for (let guess = 0; guess < 5; guess += 1) {
      expect((await verify(number, wrongCode(first))).error).toMatch(WRONG);
    }
    expect((await verify(number, first)).error).toMatch(WRONG);
    const second = (await add(number)).json.oneTimePassword;
    if (second !== first) expect((await verify(number, first)).error).toMatch(WRONG);
    expect((await verify(number, second)).status).toBe(200);
  });

  it('is guessed at five times by who guesses at once', async () => {
    const right = (await add(number)).json.oneTimePassword;
    const guesses = [...Array.from({ length: 12 }, () => wrongCode(right)), right];
    await Promise.all(guesses.slice(0, 12).map((guess) => verify(number, guess)));
    expect((await verify(number, right)).error).toMatch(WRONG);
  });

  it('has fifteen minutes', async () => {
    const { oneTimePassword } = (await add(number)).json;
    await house.advance('PT15M');
    expect((await verify(number, oneTimePassword)).error).toMatch(WRONG);
  });

  it('gets five one-time passwords an hour, whether or not it was deleted meanwhile', async () => {
    for (let time = 0; time < 5; time += 1) {
      expect((await add(number)).status).toBe(201);
      await remove(number);
    }
    expect((await add(number)).error).toBe(
      'LimitExceededException: Attempt limit exceeded, please try after some time.',
    );
    expect(await numbers()).toEqual([]);
    await house.advance('PT1H');
    expect((await add(number)).status).toBe(201);
  });

  it('is one of ten at most, also where many come at once', async () => {
    const all = Array.from({ length: 13 }, (_, index) => `+1310555${String(1000 + index)}`);
    const answers = await Promise.all(all.map((one) => add(one)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    for (const { error } of answers.filter(({ status }) => status !== 201)) {
      expect(error).toMatch(/^LimitExceededException: .*10 phone numbers at most/);
    }
    expect(await numbers()).toHaveLength(10);
    // Who is in may have another password all the same.
    const [{ phoneNumber }] = await numbers();
    expect((await add(phoneNumber)).status).toBe(201);
  });

  it.each([
    ['a phone number in another form', '12065550100', {}],
    ['a phone number with something behind it', '+12065550100\n', {}],
    ['no text', 12065550100, {}],
    ['nothing', undefined, {}],
    ['a long one', `+1${'2'.repeat(40)}`, {}],
    ['a language that Amazon SNS does not have', '+12065550100', { languageCode: 'tlh' }],
    ['a name of every object', '+12065550100', { languageCode: 'constructor' }],
    ['a member that nobody knows', '+12065550100', { code: '1' }],
    ['a country that messages may not go to', '+447400123456', {}],
  ])('is refused: %s', async (_, given, more) => {
    const { status, error } = await add(given, more);
    expect([status, error]).toEqual([400, expect.stringMatching(/^InvalidParameterException: /)]);
  });

  it.each([['12345'], ['1234567'], ['12345a'], [123456], [null], ['１２３４５６']])(
    'is not verified by %j',
    async (oneTimePassword) => {
      await add(number);
      expect((await verify(number, oneTimePassword)).error).toMatch(/^InvalidParameterException: /);
    },
  );
});

describe('a message', () => {
  it('waits in no queue for its number to be verified: it is held, and an operator sees it', async () => {
    const pool = await openSmsPool(house);
    const { oneTimePassword } = (await add(number, { languageCode: 'ja-JP' })).json;
    await invite(house, pool, number);
    const [held] = await outcomesIn(house, pool, 1);
    expect(held).toMatchObject({
      status: 'failed',
      attempts: 1,
      lastError: expect.stringContaining('sandbox'),
      record: [{ outcome: 'held', code: 'SANDBOX' }],
    });
    await verify(number, oneTimePassword);
    await invite(house, pool, number);
    expect(fates(await outcomesIn(house, pool, 2))).toEqual(['SANDBOX', 'sent']);
    await remove(number);
    await invite(house, pool, number);
    expect(fates(await outcomesIn(house, pool, 3))).toEqual(['SANDBOX', 'sent', 'SANDBOX']);
  });
});

describe('in production', () => {
  it('the one-time password goes to its number alone, and a provider that refuses it is quoted', async () => {
    await using furnished = await furnishProduction();
    await using provider = await openProviderServer({ status: 201, body: { sid: 'SM1', status: 'queued' } });
    const { url, close } = await startPoolkeeper({
      ...furnished.options,
      sms: `twilio://AC1:token@127.0.0.1:${provider.port}?from=%2B12065550199&insecure=true`,
      smsSandbox: true,
      smsCountries: 'US GB=MyBrand',
    });
    const call = async (
      path: string,
      method = 'GET',
      body?: object,
      headers = bearer(furnished.options.adminToken),
    ) => {
      const response = await fetch(`${url}/_poolkeeper/sms-sandbox/${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, json: await response.json() };
    };
    try {
      for (const path of ['status', 'numbers'])
        expect((await call(path, 'GET', undefined, bearer(''))).status).toBe(401);
      const phoneNumber = '+447400123456';
      const added = await call('numbers', 'POST', { phoneNumber, languageCode: 'de-DE' });
      expect(added).toEqual({ status: 201, json: { phoneNumber, status: 'Pending' } });
      // The server asks for itself whether it could send.
      const posted = provider.requests.find(({ method }) => method === 'POST');
      const { To, From, Body } = Object.fromEntries(new URLSearchParams(posted?.body));
      expect({ To, From, Body }).toEqual({
        To: phoneNumber,
        From: 'MyBrand',
        Body: expect.stringMatching(/^Ihr Einmalpasswort .* \d{6}\./),
      });
      const oneTimePassword = /\d{6}/.exec(Body as string)?.[0] as string;
      expect(JSON.stringify(await furnished.database.rows('select * from sandbox_numbers'))).not.toContain(
        oneTimePassword,
      );
      provider.answerWith({ status: 400, body: { code: 21211, message: 'no such number', status: 400 } });
      const refused = await call('numbers', 'POST', { phoneNumber: '+12065550100' });
      expect(refused).toMatchObject({
        status: 400,
        json: { error: { type: 'CodeDeliveryFailureException' } },
      });
      const verified = await call(`numbers/${phoneNumber}/verify`, 'POST', { oneTimePassword });
      expect(verified.status).toBe(200);
      expect((await call('numbers')).json.phoneNumbers).toEqual([
        { phoneNumber: '+12065550100', status: 'Pending' },
        { phoneNumber, status: 'Verified' },
      ]);
    } finally {
      await close();
    }
  });
});
