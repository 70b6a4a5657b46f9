import { UpdateUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { type Prospect, passwordSetters, SETTERS, type Setter } from '../support/password-setters.ts';
import { type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

/** How each operation begins its complaint [Q; AdminSetUserPassword I]. */
const complaints: Record<Setter, string> = {
  SignUp: 'Password did not conform with policy',
  AdminCreateUser: 'Password did not conform with password policy',
  AdminSetUserPassword: 'Password does not conform to policy',
  ChangePassword: 'Password does not conform to policy',
  ConfirmForgotPassword: 'Password does not conform to policy',
  NEW_PASSWORD_REQUIRED: 'Password does not conform to policy',
};
/** The member of the request that the model's constraints are about. */
const members: Record<Setter, string> = {
  SignUp: 'password',
  AdminCreateUser: 'temporaryPassword',
  AdminSetUserPassword: 'password',
  ChangePassword: 'proposedPassword',
  ConfirmForgotPassword: 'password',
  NEW_PASSWORD_REQUIRED: 'password',
};

const SHORT = 'Password not long enough';
const LOWER = 'Password must have lowercase characters';
const UPPER = 'Password must have uppercase characters';
const NUMBER = 'Password must have numeric characters';
const SYMBOL = 'Password must have symbol characters';
/** The first rule that is broken is told, and no other: length, then lower, upper, number, symbol. */
const broken = [
  ['Pa0!abc', SHORT],
  ['_______', SHORT],
  ['________', LOWER],
  ['PASSW0RD!', LOWER],
  ['ÄÖÜSSW0RD!é', LOWER],
  ['a_______', UPPER],
  ['passw0rd!', UPPER],
  ['ßassw0rd!É', UPPER],
  ['aA______', NUMBER],
  ['Password!', NUMBER],
  ['Password٣!', NUMBER],
  ['Passw0rdx', SYMBOL],
  ['Passw0rd€', SYMBOL],
  ['Passw0rd\u00a0x', SYMBOL],
  ['Passw0rd\tx', SYMBOL],
] as const;
/** Told as it is by the model's pattern, whatever the policy: no space at either end, no line break, 256 characters at most. */
const misshapen = [
  [' Passw0rd!', 'satisfy regular expression pattern: ^[\\S]+.*[\\S]+$'],
  ['Passw0rd! ', 'satisfy regular expression pattern: ^[\\S]+.*[\\S]+$'],
  ['Passw0rd!\n', 'satisfy regular expression pattern: ^[\\S]+.*[\\S]+$'],
  ['Passw0rd!\nx', 'satisfy regular expression pattern: ^[\\S]+.*[\\S]+$'],
  [`Passw0rd!${'x'.repeat(248)}`, 'have length less than or equal to 256'],
] as const;
const fine = [
  ['with a space inside for a symbol', 'Passw0rd x'],
  ['with letters of other scripts beside Latin ones', 'Aa1!żółć-ὀδός-密碼'],
  ['with an emoji', 'Aa1!🔑🔑🔑🔑'],
  ['of 256 characters', `Aa1!${'x'.repeat(252)}`],
] as const;

let house: House;
let prospect: (setter: Setter) => Promise<Prospect>;
let calls: RecoveryCalls;
let pool: string;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  const client = await house.createClient(pool);
  calls = recoveryCalls(house, client);
  prospect = passwordSetters(house, pool, client);
});
afterAll(() => house[Symbol.asyncDispose]());

describe.each(SETTERS)('%s', (setter) => {
  it('tells the first rule of the policy that a password breaks, in its own words [Q], and changes nothing', async () => {
    const { set } = await prospect(setter);
    for (const [password, reason] of broken) {
      expect([password, await refusal(set(password))]).toEqual([
        password,
        `InvalidPasswordException: ${complaints[setter]}: ${reason}`,
      ]);
    }
    await set('Passw0rd!third');
  });

  it('refuses spaces at the ends, line breaks and more than 256 characters as the model says [Q, D]', async () => {
    const { set } = await prospect(setter);
    for (const [password, constraint] of misshapen) {
      expect([password, await refusal(set(password))]).toEqual([
        password,
        `InvalidParameterException: 1 validation error detected: Value at '${members[setter]}' failed to satisfy constraint: Member must ${constraint}`,
      ]);
    }
    await set('Passw0rd!third');
  });

  it.each(fine)('takes a password %s, exactly as it is', async (_, password) => {
    const { name, set } = await prospect(setter);
    await set(password);
    const right = calls.signIn(name, password);
    // Told after the right password alone.
    if (setter === 'SignUp') expect(await refusal(right)).toMatch(/^UserNotConfirmedException/);
    else await right;
    for (const other of [
      password.normalize('NFD'),
      password.toUpperCase(),
      [...password].slice(0, -1).join(''),
    ]) {
      if (other === password) continue;
      expect(await refusal(calls.signIn(name, other))).toMatch(/Incorrect username or password/);
    }
  });
});

describe('a policy', () => {
  const update = (PasswordPolicy: object) =>
    house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: pool, Policies: { PasswordPolicy } }));

  it('may ask for 99 characters, and every operation counts them', async () => {
    const prospects = await Promise.all(
      SETTERS.map(async (setter) => [setter, await prospect(setter)] as const),
    );
    await update({ MinimumLength: 99 });
    for (const [setter, { set }] of prospects) {
      expect(await refusal(set('x'.repeat(98)))).toBe(
        `InvalidPasswordException: ${complaints[setter]}: ${SHORT}`,
      );
      await set('x'.repeat(99));
    }
  });

  it('asks for nothing but what it says', async () => {
    await update({ MinimumLength: 6, RequireNumbers: true });
    const { set } = await prospect('AdminSetUserPassword');
    expect(await refusal(set('aaaaaa'))).toMatch(NUMBER);
    await set('aaaaa1');
  });

  it.each([5, 100])('cannot ask for %i characters at least [D]', async (MinimumLength) => {
    expect(await refusal(update({ MinimumLength }))).toMatch(
      /^InvalidParameterException: 1 validation error/,
    );
  });

  it('of nothing at all in UpdateUserPool stays as it is', async () => {
    await update({ MinimumLength: 12 });
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: pool, AutoVerifiedAttributes: ['email'] }));
    const { set } = await prospect('SignUp');
    expect(await refusal(set(PASSWORD.slice(0, 11)))).toMatch(SHORT);
  });
});
