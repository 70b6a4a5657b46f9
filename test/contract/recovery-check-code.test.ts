import { AdminDisableUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse } from '../support/house.ts';
import {
  newName,
  type RecoveryCalls,
  recoveryCalls,
  secretHash,
  wrongCode,
} from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const VALID = '200 valid';
const MISMATCH = '400 CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = '400 ExpiredCodeException: Invalid code provided, please request a code again.';
const LIMITED = '400 LimitExceededException: Attempt limit exceeded, please try after some time.';

let house: House;
let pool: string;
let legacyClient: { ClientId: string };
let hidingClient: { ClientId: string };
let legacy: RecoveryCalls;
let hiding: RecoveryCalls;
let name: string;
let address: string;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  legacyClient = await house.createClient(pool);
  hidingClient = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
  legacy = recoveryCalls(house, legacyClient);
  hiding = recoveryCalls(house, hidingClient);
  await switchTo(true);
});
beforeEach(async () => {
  name = newName();
  address = `${name}@example.com`;
  await house.createUser(pool, name);
});
afterAll(() => house[Symbol.asyncDispose]());

const switchTo = (checkCode: boolean, userPoolId = pool) =>
  house.operator(`pools/${userPoolId}/settings`, { method: 'PUT', json: { recovery: { checkCode } } });
const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${house.url}/recovery/check-code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** `200 valid`, or the status and the error. */
async function answerTo(body: unknown): Promise<string> {
  const response = await post(body);
  const json = (await response.json()) as { valid?: true; error: { type: string; message: string } };
  if (json.valid) expect(json).toEqual({ valid: true });
  return `${response.status} ${json.valid ? 'valid' : `${json.error.type}: ${json.error.message}`}`;
}
const check = (code: string, username = name, { ClientId: clientId } = legacyClient) =>
  answerTo({ clientId, username, code });

describe('a code', () => {
  it('that is right is so as often as it is asked, and sets the password afterwards', async () => {
    await legacy.forgot(name);
    const code = await house.code(address);
    expect(await check(code)).toBe(VALID);
    expect(await check(code)).toBe(VALID);
    await legacy.confirm(name, code);
    await legacy.signIn(name, NEW_PASSWORD);
    expect(await check(code)).toBe(EXPIRED);
  });

  it('that is wrong, expired or was never asked for is told as ConfirmForgotPassword tells it', async () => {
    expect(await check('123456')).toBe(EXPIRED);
    await legacy.forgot(name);
    const code = await house.code(address);
    expect(await check(wrongCode(code))).toBe(MISMATCH);
    await house.advance('PT1H1S');
    expect(await check(code)).toBe(EXPIRED);
  });

  it('counts with what else is asked and entered: five in the hour', async () => {
    await legacy.forgot(name);
    const code = await house.code(address);
    for (let guess = 0; guess < 4; guess += 1) expect(await check(wrongCode(code))).toBe(MISMATCH);
    expect(await check(code)).toBe(LIMITED);
    expect(await refusal(legacy.confirm(name, code))).toMatch(/^LimitExceededException/);
    expect(await refusal(legacy.forgot(name))).toMatch(/^LimitExceededException/);
  });

  it('is looked at no oftener by many at once', async () => {
    await legacy.forgot(name);
    const code = await house.code(address);
    const answers = await Promise.all(Array.from({ length: 40 }, () => check(wrongCode(code))));
    expect(answers.filter((answer) => answer === MISMATCH)).toHaveLength(4);
    expect(answers.filter((answer) => answer === LIMITED)).toHaveLength(36);
  });
});

describe('of who is not there', () => {
  it('is told where the client tells it', async () => {
    expect(await check('123456', 'nobody')).toBe(
      '400 UserNotFoundException: Username/client id combination not found.',
    );
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: name }));
    expect(await check('123456')).toBe('400 NotAuthorizedException: User is disabled.');
  });

  it('nothing is told where the client hides users', async () => {
    const nobody = newName('nobody');
    for (const who of [name, nobody]) expect(await check('123456', who, hidingClient)).toBe(EXPIRED);
    for (const who of [name, nobody]) await hiding.forgot(who);
    const code = await house.code(address);
    for (const guess of [1, 2, 3]) {
      for (const who of [name, nobody])
        expect(await check(wrongCode(code), who, hidingClient), `${guess}`).toBe(MISMATCH);
    }
    for (const who of [name, nobody]) expect(await check(code, who, hidingClient)).toBe(LIMITED);
  });

  it('a disabled user, where the client hides users, has no right code', async () => {
    await hiding.forgot(name);
    const code = await house.code(address);
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: name }));
    expect(await check(code, name, hidingClient)).toBe(MISMATCH);
  });
});

describe('an app client', () => {
  it('that is unknown is named', async () => {
    expect(await check('123456', name, { ClientId: 'nobody123' })).toBe(
      '404 ResourceNotFoundException: User pool client nobody123 does not exist.',
    );
  });

  it('with a secret must prove it', async () => {
    const client = await house.createClient(pool, { GenerateSecret: true });
    const asked = { clientId: client.ClientId, username: name, code: '123456' };
    const refused = `400 NotAuthorizedException: Unable to verify secret hash for client ${client.ClientId}`;
    expect(await answerTo(asked)).toBe(refused);
    expect(await answerTo({ ...asked, secretHash: secretHash(client, 'somebody') })).toBe(refused);
    expect(await answerTo({ ...asked, secretHash: secretHash(client, name) })).toBe(EXPIRED);
  });

  it('of a pool where it is off hears so, whoever is asked for, and nothing is counted', async () => {
    const other = await house.createPool();
    const client = await house.createClient(other, { PreventUserExistenceErrors: 'ENABLED' });
    await house.createUser(other, name);
    const calls = recoveryCalls(house, client);
    await calls.forgot(name);
    const code = await house.code(address);
    for (const who of [name, 'nobody']) {
      for (let time = 0; time < 5; time += 1) {
        expect(await check(code, who, client)).toBe(
          '404 ResourceNotFoundException: Codes are not checked here: the setting recovery.checkCode of the user pool is false.',
        );
      }
    }
    await calls.confirm(name, code);
  });
});

describe('a web page', () => {
  it('of any origin may ask', async () => {
    const origin = { origin: 'https://app.example.com' };
    const preflight = await fetch(`${house.url}/recovery/check-code`, {
      method: 'OPTIONS',
      headers: {
        ...origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('*');
    const asked = { clientId: legacyClient.ClientId, username: name, code: '123456' };
    for (const body of [asked, '{']) {
      const answer = await post(body, origin);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('what is no question', () => {
  const good = { clientId: 'abc', username: 'ann', code: '123456' };
  const BODY = '400 InvalidParameterException: The body must be';
  it.each([
    ['', `${BODY} JSON.`],
    ['{', `${BODY} JSON.`],
    ['null', `${BODY} a JSON object of clientId, username, code, secretHash.`],
    ['[]', `${BODY} a JSON object of clientId, username, code, secretHash.`],
    [
      { ...good, password: 'x' },
      '400 InvalidParameterException: Unknown member password. Known are clientId',
    ],
    [{ ...good, username: undefined }, 'username must be a text of 1 to 128 characters.'],
    [{ ...good, username: 'x'.repeat(129) }, 'username must be a text of 1 to 128 characters.'],
    [{ ...good, username: ['ann'] }, 'username must be a text of 1 to 128 characters.'],
    [{ ...good, code: 123456 }, 'code must be a text of 1 to 2048 characters.'],
    [{ ...good, code: '1'.repeat(2049) }, 'code must be a text of 1 to 2048 characters.'],
    [{ ...good, clientId: '' }, 'clientId must be a text of 1 to 128 characters.'],
    [{ ...good, secretHash: null }, 'secretHash must be a text of 1 to 128 characters.'],
    ['{"__proto__": {"clientId": "a"}}', 'Unknown member __proto__.'],
  ])('is refused: %j', async (body, message) => {
    expect(await answerTo(body)).toContain(message);
  });

  it('is refused when it is too large', async () => {
    expect((await post(' '.repeat(1_048_577))).status).toBe(413);
  });
});
