import {
  AdminResetUserPasswordCommand,
  type PasswordPolicyType,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';

let house: House;
let pool: string;
let legacy: RecoveryCalls;
let hiding: RecoveryCalls;
let name: string;
let address: string;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  legacy = recoveryCalls(house, await house.createClient(pool));
  hiding = recoveryCalls(house, await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' }));
});
beforeEach(async () => {
  name = newName();
  address = `${name}@example.com`;
  await house.createUser(pool, name);
});
afterAll(() => house[Symbol.asyncDispose]());

const settings = (recovery: object) =>
  house.operator(`pools/${pool}/settings`, { method: 'PUT', json: { recovery } });

/** Requests a code and takes it out of the inbox. */
async function newCode(): Promise<string> {
  await legacy.forgot(name);
  return house.code(address);
}

describe('a reset code', () => {
  it('works once: the same confirmation again is an expired code [Q]', async () => {
    const code = await newCode();
    await legacy.confirm(name, code);
    expect(await refusal(legacy.confirm(name, code))).toBe(EXPIRED);
    await legacy.signIn(name, NEW_PASSWORD);
  });

  it('that is wrong changes nothing, and the right one still works [Q, I]', async () => {
    const code = await newCode();
    expect(await refusal(legacy.confirm(name, wrongCode(code)))).toBe(MISMATCH);
    await legacy.signIn(name, PASSWORD);
    await legacy.confirm(name, code);
    await legacy.signIn(name, NEW_PASSWORD);
  });

  it.each(['12345', '1234567', 'abcdef', '１２３４５６', 'x'.repeat(2048)])(
    'of another form than six digits is just wrong: %.12s [Q]',
    async (code) => {
      await newCode();
      expect(await refusal(legacy.confirm(name, code))).toBe(MISMATCH);
    },
  );

  it('that was never requested is expired [Q, D]', async () => {
    expect(await refusal(legacy.confirm(name, '123456'))).toBe(EXPIRED);
    expect(await refusal(hiding.confirm(name, '123456'))).toBe(EXPIRED);
  });

  it('is good for an hour, to the minute [D]', async () => {
    const code = await newCode();
    await house.advance('PT59M');
    expect(await refusal(legacy.confirm(name, wrongCode(code)))).toBe(MISMATCH);
    await house.advance('PT1M1S');
    expect(await refusal(legacy.confirm(name, code))).toBe(EXPIRED);
    await legacy.signIn(name, PASSWORD);
  });

  it('replaces the one before: the newest alone is valid [I]', async () => {
    const first = await newCode();
    let second = await newCode();
    if (second === first) second = await newCode();
    expect(await refusal(legacy.confirm(name, first))).toBe(MISMATCH);
    await legacy.confirm(name, second);
  });

  it('is of one user: it does not work for another', async () => {
    const code = await newCode();
    const other = newName();
    await house.createUser(pool, other);
    await legacy.forgot(other);
    if ((await house.code(`${other}@example.com`)) === code) return;
    expect(await refusal(legacy.confirm(other, code))).toBe(MISMATCH);
  });

  it('may be entered through another app client of the pool', async () => {
    await hiding.confirm(name, await newCode());
    await legacy.signIn(name, NEW_PASSWORD);
  });

  it('lives as long as recovery.codeLifetime says', async () => {
    await settings({ codeLifetime: 'PT2M' });
    const code = await newCode();
    await house.advance('PT2M1S');
    expect(await refusal(legacy.confirm(name, code))).toBe(EXPIRED);
    await settings({ codeLifetime: 'PT3H' });
    const lasting = await newCode();
    await house.advance('PT2H59M');
    await legacy.confirm(name, lasting);
    await settings({ codeLifetime: 'PT1H' });
  });
});

describe('five attempts an hour', () => {
  it('are for requests: the sixth is refused and sends nothing [Q]', async () => {
    for (let request = 0; request < 5; request++) await legacy.forgot(name);
    expect(await refusal(legacy.forgot(name))).toBe(LIMITED);
    expect(await house.messages(address, 0)).toHaveLength(5);
  });

  it('are for codes entered as well, counted together: after them the right code is refused too [D, Q]', async () => {
    const code = await newCode();
    for (let guess = 0; guess < 4; guess++) {
      expect(await refusal(legacy.confirm(name, wrongCode(code)))).toBe(MISMATCH);
    }
    expect(await refusal(legacy.confirm(name, wrongCode(code)))).toBe(LIMITED);
    expect(await refusal(legacy.confirm(name, code))).toBe(LIMITED);
    expect(await refusal(legacy.forgot(name))).toBe(LIMITED);
    await legacy.signIn(name, PASSWORD);
  });

  it('are counted whichever app client they come through', async () => {
    for (let request = 0; request < 5; request++) await (request % 2 ? legacy : hiding).forgot(name);
    expect(await refusal(hiding.forgot(name))).toBe(LIMITED);
    expect(await refusal(legacy.forgot(name))).toBe(LIMITED);
  });

  it('are of each user: another one is not held up', async () => {
    for (let request = 0; request < 5; request++) await legacy.forgot(name);
    const other = newName();
    await house.createUser(pool, other);
    await legacy.forgot(other);
  });

  it('come back when the hour has passed', async () => {
    for (let request = 0; request < 5; request++) await legacy.forgot(name);
    await house.advance('PT59M');
    expect(await refusal(legacy.forgot(name))).toBe(LIMITED);
    await house.advance('PT1M1S');
    await legacy.confirm(name, await newCode());
  });

  it('count what was never requested, too', async () => {
    for (let guess = 0; guess < 5; guess++)
      expect(await refusal(legacy.confirm(name, '123456'))).toBe(EXPIRED);
    expect(await refusal(legacy.confirm(name, '123456'))).toBe(LIMITED);
  });

  it('do not count a password that the policy refuses', async () => {
    const code = await newCode();
    for (let attempt = 0; attempt < 6; attempt++) {
      expect(await refusal(legacy.confirm(name, code, 'short'))).toMatch(/^InvalidPasswordException/);
    }
    await legacy.confirm(name, code);
  });

  it('hold for an unknown user alike where the client is ENABLED [D]', async () => {
    for (const who of [name, 'nobody@example.com']) {
      for (let request = 0; request < 3; request++) await hiding.forgot(who);
      for (let guess = 0; guess < 2; guess++) expect(await refusal(hiding.confirm(who, 'x'))).toBe(MISMATCH);
      expect(await refusal(hiding.confirm(who, 'x'))).toBe(LIMITED);
      expect(await refusal(hiding.forgot(who))).toBe(LIMITED);
    }
  });

  it('do not bind an administrator [I]', async () => {
    for (let request = 0; request < 5; request++) await legacy.forgot(name);
    const reset = new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: name });
    await house.sdk.send(reset);
    expect(await house.messages(address)).toHaveLength(6);
  });

  it('are as many as recovery.attemptsPerHour says, 0 for no limit', async () => {
    await settings({ attemptsPerHour: 2 });
    await legacy.forgot(name);
    await legacy.forgot(name);
    expect(await refusal(legacy.forgot(name))).toBe(LIMITED);
    await settings({ attemptsPerHour: 0 });
    for (let request = 0; request < 10; request++) await legacy.forgot(name);
    await settings({ attemptsPerHour: 5 });
    // Attempts without a limit were counted all the same.
    expect(await refusal(legacy.forgot(name))).toBe(LIMITED);
  });
});

describe('the new password', () => {
  const strict: PasswordPolicyType = {
    MinimumLength: 10,
    RequireLowercase: true,
    RequireUppercase: true,
    RequireNumbers: true,
    RequireSymbols: true,
  };
  const policy = (PasswordPolicy: PasswordPolicyType) =>
    house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: pool, Policies: { PasswordPolicy } }));

  it.each([
    ['Passw0rd!', 'Password not long enough'],
    ['PASSW0RD!FIRST', 'Password must have lowercase characters'],
    ['passw0rd!first', 'Password must have uppercase characters'],
    ['Password!first', 'Password must have numeric characters'],
    ['Passw0rdxfirst', 'Password must have symbol characters'],
    ['Aa1!', 'Password not long enough'],
  ])('%s is refused: %s [Q]', async (weak, reason) => {
    await policy(strict);
    const code = await newCode();
    const text = `InvalidPasswordException: Password does not conform to policy: ${reason}`;
    expect(await refusal(legacy.confirm(name, code, weak))).toBe(text);
    await legacy.signIn(name, PASSWORD);
    await legacy.confirm(name, code, 'Passw0rd!second');
  });

  it('may be as weak as the policy lets it', async () => {
    await policy({ MinimumLength: 6 });
    await legacy.confirm(name, await newCode(), 'aaaaaa');
    await legacy.signIn(name, 'aaaaaa');
  });

  it.each([
    ['a space inside', 'Pass w0rd first', 'Pass w0rd first'],
    ['letters of every script', 'Pässwörd0!日本語', 'Pässwörd0!日本語'],
    ['256 characters', `Aa1!${'x'.repeat(252)}`, `Aa1!${'x'.repeat(252)}`],
  ])('may have %s', async (_, password) => {
    await policy({ MinimumLength: 8 });
    await legacy.confirm(name, await newCode(), password);
    await legacy.signIn(name, password);
  });

  it.each([
    ['a space in front', ' Passw0rd!'],
    ['a space at the end', 'Passw0rd! '],
    ['257 characters', `Aa1!${'x'.repeat(253)}`],
    ['no characters', ''],
  ])('with %s breaks a constraint and is not repeated [Q]', async (_, password) => {
    const code = await newCode();
    const text = await refusal(legacy.confirm(name, code, password));
    expect(text).toMatch(
      /^InvalidParameterException: \d validation errors? detected: Value at 'password' failed/,
    );
    if (password !== '') expect(text).not.toContain(password);
  });

  it('may be the old one: a pool without a password history does not mind', async () => {
    await legacy.confirm(name, await newCode(), PASSWORD);
    await legacy.signIn(name, PASSWORD);
  });

  it('does not end the sessions of the old one [Q]', async () => {
    const { AuthenticationResult } = await legacy.signIn(name);
    await legacy.confirm(name, await newCode());
    expect(await legacy.refresh(AuthenticationResult?.RefreshToken as string)).toHaveProperty('AccessToken');
    expect(await legacy.whoAmI(AuthenticationResult?.AccessToken as string)).toBe(name);
  });
});
