import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../support/database.ts';
import { type House, openHouse } from '../support/house.ts';
import type { Authenticator, SecondFactor } from '../support/mfa.ts';
import { type MfaPool, outcomeOf } from '../support/mfa-sign-in.ts';
import { administratorSdk, bearer, openProductionHouse } from '../support/production-house.ts';
import { newName } from '../support/recovery-calls.ts';
import {
  ALL_FACTORS,
  changeSettings,
  createReachable,
  openRecoveryPool,
  type Reachable,
} from '../support/recovery-mfa.ts';
import { refusal } from '../support/refusal.ts';

const MISMATCH = '400 CodeMismatchException: Invalid verification code provided, please try again.';
const LOCKED =
  '400 NotAuthorizedException: Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.';
const OFF =
  '400 InvalidParameterException: Recovery codes are off in this user pool: its setting mfa.recoveryCodes is false.';
const APP = 'SOFTWARE_TOKEN_MFA';
const WRONG = 'aaaa-aaaa-aaaa';

let house: House;
let pool: MfaPool;
let user: Reachable;
beforeAll(async () => {
  house = await openHouse();
  ({ pool } = await openRecoveryPool(house));
  await changeSettings(house, pool, { mfa: { recoveryCodes: true } });
});
beforeEach(async () => {
  user = await createReachable(pool);
});
afterAll(() => house[Symbol.asyncDispose]());

const pathOf = (name: string, poolId = pool.id) =>
  `pools/${poolId}/users/${encodeURIComponent(name)}/recovery-codes`;

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into member by member.
  json: any;
}

/** An endpoint's answer, whatever its status. */
async function ask(path: string, method = 'GET', body?: unknown): Promise<Answer> {
  const response = await fetch(`${house.url}/_poolkeeper/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

/** Asks for what must be refused; `status: type: message`. */
async function refused(path: string, method = 'GET', body?: unknown): Promise<string> {
  const { status, json } = await ask(path, method, body);
  return `${status} ${json.error.type}: ${json.error.message}`;
}

const issue = async (name = user.name): Promise<string[]> => (await ask(pathOf(name), 'POST')).json.codes;
const remaining = async () => (await ask(pathOf(user.name))).json.remaining;
const use = (code: unknown) => ask(`${pathOf(user.name)}/use`, 'POST', { code });
const useRefused = (code: unknown) => refused(`${pathOf(user.name)}/use`, 'POST', { code });

describe('recovery codes', () => {
  it('are none until they are issued', async () => {
    expect(await ask(pathOf(user.name))).toEqual({ status: 200, json: { remaining: 0, issuedAt: null } });
  });

  it('are ten, shown when they are issued and never again', async () => {
    const { status, json } = await ask(pathOf(user.name), 'POST');
    expect(status).toBe(201);
    expect(json).toEqual({
      codes: Array(10).fill(expect.stringMatching(/^[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){2}$/)),
      issuedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(new Set(json.codes).size).toBe(10);
    const { issuedAt } = json;
    expect((await ask(pathOf(user.name))).json).toEqual({ remaining: 10, issuedAt });
  });

  it('of a new set take the place of the old ones', async () => {
    const old = await issue();
    const [code] = await issue();
    expect(await useRefused(old[0])).toBe(MISMATCH);
    expect(await remaining()).toBe(10);
    expect((await use(code)).json).toEqual({ remaining: 9 });
  });

  it('are taken away', async () => {
    const [code] = await issue();
    expect(await ask(pathOf(user.name), 'DELETE')).toEqual({ status: 204, json: undefined });
    expect((await ask(pathOf(user.name))).json).toEqual({ remaining: 0, issuedAt: null });
    expect(await useRefused(code)).toBe(MISMATCH);
    expect((await ask(pathOf(user.name), 'DELETE')).status).toBe(204);
  });

  it('are of one user', async () => {
    const other = await createReachable(pool);
    const [code] = await issue(other.name);
    await issue();
    expect(await useRefused(code)).toBe(MISMATCH);
  });

  it('are found by username, whatever is in it, and by sub', async () => {
    const name = `a/b%+é?#${newName()}`;
    for (const username of [name, 'x'.repeat(128)]) {
      await house.createUser(pool.id, username, []);
      const { UserAttributes } = await house.sdk.send(
        new AdminGetUserCommand({ UserPoolId: pool.id, Username: username }),
      );
      await issue(username);
      const sub = UserAttributes?.find((attribute) => attribute.Name === 'sub')?.Value as string;
      expect((await ask(pathOf(sub))).json.remaining).toBe(10);
    }
  });

  it('of who or what is unknown are not found', async () => {
    const NO_USER = '404 UserNotFoundException: User does not exist.';
    expect(await refused(pathOf('nobody'))).toBe(NO_USER);
    for (const method of ['POST', 'DELETE']) expect(await refused(pathOf('nobody'), method)).toBe(NO_USER);
    expect(await refused(`${pathOf('nobody')}/use`, 'POST', { code: WRONG })).toBe(NO_USER);
    expect(await refused(pathOf('nobody', 'us-east-1_000000000'))).toBe(
      '404 ResourceNotFoundException: User pool us-east-1_000000000 does not exist.',
    );
    expect(await refused(pathOf(user.name), 'PUT')).toMatch(
      /^404 ResourceNotFoundException: The operator's API/,
    );
  });

  it('are off by default, and nothing of them works while they are', async () => {
    const other = await openRecoveryPool(house);
    const { name } = await createReachable(other.pool);
    const path = pathOf(name, other.pool.id);
    for (const method of ['GET', 'POST', 'DELETE']) expect(await refused(path, method)).toBe(OFF);
    expect(await refused(`${path}/use`, 'POST', { code: WRONG })).toBe(OFF);
  });

  it('are stored nowhere in clear', async () => {
    await using database = await openDatabase();
    await using own = await openHouse(database.options);
    const { pool: its } = await openRecoveryPool(own);
    await changeSettings(own, its, { mfa: { recoveryCodes: true } });
    const { name } = await createReachable(its);
    const path = pathOf(name, its.id);
    const { codes } = (await own.operator(path, { method: 'POST' })) as { codes: string[] };
    for (const table of ['users', 'attempts', 'messages']) {
      const values = (await database.rows(`select * from ${table}`)).flatMap(Object.values);
      const stored = values.map((value) => Buffer.from(value instanceof Uint8Array ? value : String(value)));
      const text = Buffer.concat(stored).toString('latin1');
      for (const code of codes) expect(text).not.toContain(code);
    }
  });
});

describe('at sign-in a recovery code stands in for', () => {
  const enter = async (code: string) => pool.enter(user.name, await pool.begin(user.name), code);

  it.each<[SecondFactor, string]>([
    ['SMS_MFA', 'CodeMismatchException: Invalid code or auth state for the user.'],
    ['EMAIL_OTP', 'CodeMismatchException: Invalid code or auth state for the user.'],
    [APP, 'CodeMismatchException: Invalid code received for user'],
  ])('%s, each once', async (factor, wrong) => {
    if (factor === APP) await pool.setUpApp(user.name);
    await pool.switchOn(user.name, [factor], factor);
    const [first, second] = (await issue()) as [string, string];
    expect(outcomeOf(await enter(first))).toBe('tokens');
    expect(await refusal(enter(first))).toBe(wrong);
    expect(outcomeOf(await enter(second.toUpperCase().replaceAll('-', ' ')))).toBe('tokens');
    expect(await remaining()).toBe(8);
  });

  it('one sign-in of fifty at once', async () => {
    await pool.setUpApp(user.name);
    await pool.switchOn(user.name, [APP], APP);
    const [code] = (await issue()) as [string];
    const begun = await Promise.all(Array.from({ length: 50 }, () => pool.begin(user.name)));
    const outcomes = await Promise.all(
      begun.map((met) => pool.enter(user.name, met, code).then(outcomeOf, (error: Error) => error.name)),
    );
    expect(outcomes.filter((outcome) => outcome === 'tokens')).toHaveLength(1);
    expect(await remaining()).toBe(9);
  });

  it('nothing once the setting is off', async () => {
    await pool.setUpApp(user.name);
    await pool.switchOn(user.name, [APP], APP);
    const [code] = (await issue()) as [string];
    await changeSettings(house, pool, { mfa: { recoveryCodes: false } });
    expect(await refusal(enter(code))).toMatch(/^CodeMismatchException/);
    await changeSettings(house, pool, { mfa: { recoveryCodes: true } });
    expect(outcomeOf(await enter(code))).toBe('tokens');
  });
});

describe('at a support desk', () => {
  let app: Authenticator;
  beforeEach(async () => {
    app = await pool.setUpApp(user.name);
    await pool.switchOn(user.name, ALL_FACTORS, APP);
  });
  const userOf = (Username: string) =>
    house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool.id, Username }));

  it('a recovery code takes the lost factors away: the next sign-in asks for none', async () => {
    const [code] = await issue();
    expect(outcomeOf(await pool.begin(user.name))).toBe(APP);
    expect(await use(code)).toEqual({ status: 200, json: { remaining: 9 } });
    expect(outcomeOf(await pool.begin(user.name))).toBe('tokens');
    const shown = await userOf(user.name);
    expect([shown.PreferredMfaSetting, shown.UserMFASettingList]).toEqual([undefined, undefined]);
  });

  it('the next sign-in asks for a new set-up where MFA is ON, and the app of before is no good', async () => {
    const { pool: demanding } = await openRecoveryPool(house, { mode: 'ON', factors: [APP] });
    await changeSettings(house, demanding, { mfa: { recoveryCodes: true } });
    const { name } = await createReachable(demanding);
    app = await demanding.setUpApp(name);
    expect(outcomeOf(await demanding.begin(name))).toBe(APP);
    const path = pathOf(name, demanding.id);
    const [code] = (await ask(path, 'POST')).json.codes;
    const open = await demanding.begin(name);
    await ask(`${path}/use`, 'POST', { code });
    expect(await refusal(demanding.enter(name, open, await app.code()))).toMatch(
      /^SoftwareTokenMFANotFoundException/,
    );
    expect(outcomeOf(await demanding.begin(name))).toBe(`MFA_SETUP ["${APP}"]`);
  });

  it('a wrong one is refused and takes nothing away', async () => {
    const [code] = await issue();
    expect(await useRefused(WRONG)).toBe(MISMATCH);
    expect(await useRefused('')).toBe(MISMATCH);
    expect(outcomeOf(await pool.begin(user.name))).toBe(APP);
    expect((await use(code)).json).toEqual({ remaining: 9 });
    expect(await useRefused(code)).toBe(MISMATCH);
  });

  it('from the fifth wrong one on the user is locked out, for longer each time', async () => {
    const [code] = await issue();
    for (let guess = 0; guess < 5; guess += 1) expect(await useRefused(WRONG)).toBe(MISMATCH);
    expect(await useRefused(code)).toBe(LOCKED);
    await house.advance('PT2S');
    expect(await useRefused(WRONG)).toBe(MISMATCH);
    expect(await useRefused(code)).toBe(LOCKED);
    await house.advance('PT3S');
    expect((await use(code)).status).toBe(200);
  });

  it('of fifty who send the same one at once one is let in', async () => {
    const [code] = await issue();
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await use(code)).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(await remaining()).toBe(9);
  });

  it.each([
    [{}, 'code must be a recovery code of the user.'],
    [{ code: 7 }, 'code must be a recovery code of the user.'],
    [{ codes: [] }, 'Unknown member codes. Known are code.'],
    [[], 'The body must be a JSON object of code.'],
  ])('%j is refused', async (body, message) => {
    expect(await refused(`${pathOf(user.name)}/use`, 'POST', body)).toBe(
      `400 InvalidParameterException: ${message}`,
    );
  });
});

it('in production recovery codes are for who brings the admin token; the audit log says whose, and no code', async () => {
  await using production = await openProductionHouse();
  const { options, operator } = production;
  const sdk = await administratorSdk(options, production.url);
  const { UserPool } = await sdk.send(new CreateUserPoolCommand({ PoolName: 'codes' }));
  const UserPoolId = UserPool?.Id as string;
  await sdk.send(new AdminCreateUserCommand({ UserPoolId, Username: 'ann', MessageAction: 'SUPPRESS' }));
  sdk.destroy();
  const headers = bearer(options.adminToken as string);
  const path = pathOf('ann', UserPoolId);
  const json = JSON.stringify({ mfa: { recoveryCodes: true } });
  await operator(`pools/${UserPoolId}/settings`, { method: 'PUT', headers, body: json });

  const paths = [
    ['GET', path],
    ['POST', path],
    ['DELETE', path],
    ['POST', `${path}/use`],
  ] as const;
  for (const [method, each] of paths) {
    expect((await operator(each, { method, headers: {} })).status).toBe(401);
  }
  const issued = await operator(path, { method: 'POST', headers });
  const { codes } = (await issued.json()) as { codes: string[] };
  expect([issued.status, codes.length]).toEqual([201, 10]);
  const [code, other] = codes as [string, string];
  const use = (given: string) =>
    operator(`${path}/use`, { method: 'POST', headers, body: JSON.stringify({ code: given }) });
  expect((await use(WRONG)).status).toBe(400);
  expect(await (await use(code)).json()).toEqual({ remaining: 9 });

  const operation = 'POST /_poolkeeper/pools/:userPoolId/users/:username/recovery-codes';
  const whose = { userPoolId: UserPoolId, username: 'ann', sourceIp: '127.0.0.1' };
  await expect
    .poll(() => production.audit().slice(-3))
    .toMatchObject([
      { operation, outcome: 'ok', ...whose },
      { operation: `${operation}/use`, outcome: 'CodeMismatchException', ...whose },
      { operation: `${operation}/use`, outcome: 'ok', ...whose },
    ]);
  for (const secret of [WRONG, code, other]) expect(production.log()).not.toContain(secret);
});
