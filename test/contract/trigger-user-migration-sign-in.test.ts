import { InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { PASSWORD } from '../support/house.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

// Where UserMigration stands in a sign-in, and what an attacker could read off it. What it makes of a user is in
// trigger-user-migration.test.ts.
const MIGRATION = 'UserMigration_Authentication';
const PRE = 'PreAuthentication_Authentication';
const WRONG = 'NotAuthorizedException: Incorrect username or password.';
const EXCEEDED = 'NotAuthorizedException: Password attempts exceeded';

let house: FunctionHouse;
let pool: string;
let hiding: { ClientId: string };
beforeAll(async () => {
  house = await openFunctionHouse();
  const { functions } = house;
  pool = await house.createPool({ LambdaConfig: functions.config('UserMigration', 'PreAuthentication') });
  hiding = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
  await house.createUser(pool, 'ann');
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const byPassword = (USERNAME: string, password = PASSWORD, { ClientId } = hiding) =>
  house.sdk.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: password },
    }),
  );
async function timeOf(call: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await call();
  return performance.now() - began;
}
const sources = () => house.functions.events().map(({ triggerSource }) => triggerSource);

describe('it stands', () => {
  it('before PreAuthentication, which then sees the user', async () => {
    const name = newName('migrant');
    house.functions.answer(MIGRATION, {
      userAttributes: { email: `${name}@example.com` },
      finalUserStatus: 'CONFIRMED',
      messageAction: 'SUPPRESS',
    });
    expect((await byPassword(name)).AuthenticationResult).toBeDefined();
    expect(sources()).toEqual([MIGRATION, PRE]);
    expect(house.functions.last(PRE).request).toMatchObject({
      userNotFound: false,
      userAttributes: { email: `${name}@example.com`, 'cognito:user_status': 'CONFIRMED' },
    });
  });

  it('before User does not exist', async () => {
    const telling = await house.createClient(pool);
    expect(await refusal(byPassword('nobody', PASSWORD, telling))).toBe(
      'UserNotFoundException: User does not exist.',
    );
    expect(sources()).toEqual([MIGRATION]);
  });

  it('behind the lock: passwords of a name that is locked are not shown to it', async () => {
    const name = newName('locked');
    for (let guess = 0; guess < 5; guess += 1) expect(await refusal(byPassword(name))).toBe(WRONG);
    house.functions.reset();
    expect(await refusal(byPassword(name))).toBe(EXCEEDED);
    expect(sources()).toEqual([]);
    await house.createUser(pool, name);
    for (let guess = 0; guess < 5; guess += 1) await refusal(byPassword(name, 'Wrong-1-word'));
    house.functions.reset();
    expect(await refusal(byPassword(name))).toBe(EXCEEDED);
    expect(sources()).toEqual([]);
  });
});

describe('the time that it takes', () => {
  const AS_LONG = 300;
  let slow: { ClientId: string };
  beforeAll(async () => {
    const { functions } = house;
    const UserMigration = functions.arn('slow');
    const PreAuthentication = functions.arn('PreAuthentication');
    const id = await house.createPool({ LambdaConfig: { UserMigration, PreAuthentication } });
    slow = await house.createClient(id, { PreventUserExistenceErrors: 'ENABLED' });
    await house.createUser(id, 'ann');
  });

  it('is taken by a failure of a user as well, whatever refuses them, and not by a right password', async () => {
    house.functions.does(MIGRATION, { waits: AS_LONG });
    expect(await timeOf(() => refusal(byPassword('nobody', PASSWORD, slow)))).toBeGreaterThan(AS_LONG);
    const wrong = () => refusal(byPassword('ann', 'Wrong-1-word', slow));
    expect(await timeOf(wrong)).toBeGreaterThan(AS_LONG);
    expect(await timeOf(() => byPassword('ann', PASSWORD, slow))).toBeLessThan(AS_LONG);
    house.functions.fail(PRE, 'Closed');
    expect(await timeOf(wrong)).toBeGreaterThan(AS_LONG);
    expect(house.functions.events(MIGRATION)).toHaveLength(1);
  });
});
