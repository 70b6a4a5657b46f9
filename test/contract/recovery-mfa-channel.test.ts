import { AdminResetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { type SecondFactor, setPoolFactors } from '../support/mfa.ts';
import type { MfaPool } from '../support/mfa-sign-in.ts';
import { type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import {
  codesTo,
  createReachable,
  EMAIL_FIRST,
  openRecoveryPool,
  PHONE_FIRST,
} from '../support/recovery-mfa.ts';
import { refusal } from '../support/refusal.ts';

const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';
const APP = 'SOFTWARE_TOKEN_MFA';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

describe('with an AccountRecoverySetting the reset code goes', () => {
  let pool: MfaPool;
  let calls: RecoveryCalls;
  const destination = (name: string) =>
    calls.forgot(name).then(
      ({ CodeDeliveryDetails }) => CodeDeliveryDetails?.AttributeName,
      (error: Error) => `${error.name}: ${error.message}`,
    );

  const both = { email: true, phone: true };
  const emailAlone = { email: true, phone: false };
  const phoneAlone = { email: false, phone: true };
  type Row = [string, typeof EMAIL_FIRST, object, SecondFactor[], SecondFactor | undefined, string];
  it.each<Row>([
    ['by SMS where email is preferred [D]', EMAIL_FIRST, both, ['EMAIL_OTP'], 'EMAIL_OTP', 'phone_number'],
    [
      'nowhere where email is all there is [D]',
      EMAIL_FIRST,
      emailAlone,
      ['EMAIL_OTP'],
      'EMAIL_OTP',
      NO_ADDRESS,
    ],
    ['by email where SMS is preferred [D]', PHONE_FIRST, both, ['SMS_MFA'], 'SMS_MFA', 'email'],
    [
      'nowhere where a phone is all there is [D]',
      PHONE_FIRST,
      phoneAlone,
      ['SMS_MFA'],
      'SMS_MFA',
      NO_ADDRESS,
    ],
    ['by email where SMS is the only factor [I]', PHONE_FIRST, both, ['SMS_MFA'], undefined, 'email'],
    [
      'by SMS where it is a factor, and another one preferred [D]',
      PHONE_FIRST,
      both,
      ['SMS_MFA', 'EMAIL_OTP'],
      'EMAIL_OTP',
      'phone_number',
    ],
    [
      'to the first way where the user has a choice of factors [I]',
      PHONE_FIRST,
      both,
      ['SMS_MFA', 'EMAIL_OTP'],
      undefined,
      'phone_number',
    ],
    ['to the first way where no factor is on [D]', EMAIL_FIRST, both, [], undefined, 'email'],
  ])('%s', async (_, recovery, has, factors, preferred, expected) => {
    ({ pool, calls } = await openRecoveryPool(house, { recovery }));
    const { name } = await createReachable(pool, has);
    await pool.switchOn(name, factors, preferred);
    expect(await destination(name)).toBe(expected);
  });

  it('to the first way where an authenticator app is preferred [D]', async () => {
    ({ pool, calls } = await openRecoveryPool(house));
    const { name } = await createReachable(pool);
    await pool.setUpApp(name);
    await pool.switchOn(name, [APP, 'EMAIL_OTP'], APP);
    expect(await destination(name)).toBe('email');
  });

  it('not where MFA that is ON sends its code, though the user chose nothing [I]', async () => {
    ({ pool, calls } = await openRecoveryPool(house, {
      mode: 'ON',
      factors: ['SMS_MFA'],
      recovery: PHONE_FIRST,
    }));
    expect(await destination((await createReachable(pool)).name)).toBe('email');
    expect(await destination((await createReachable(pool, phoneAlone)).name)).toBe(NO_ADDRESS);
  });

  it('to the first way again once MFA is OFF', async () => {
    ({ pool, calls } = await openRecoveryPool(house));
    const { name } = await createReachable(pool);
    await pool.switchOn(name, ['EMAIL_OTP'], 'EMAIL_OTP');
    await setPoolFactors(house, pool.id, 'OFF', []);
    expect(await destination(name)).toBe('email');
  });

  it('nowhere, and nobody is told so, where the client hides who exists [D]', async () => {
    ({ pool } = await openRecoveryPool(house));
    calls = recoveryCalls(
      house,
      await house.createClient(pool.id, { PreventUserExistenceErrors: 'ENABLED' }),
    );
    const { name, email } = await createReachable(pool, emailAlone);
    await pool.switchOn(name, ['EMAIL_OTP'], 'EMAIL_OTP');
    expect(await destination(name)).toBe('email');
    expect(await codesTo(house, email)).toEqual({ reset: undefined, factor: undefined });
  });

  it('by the same rule when an administrator resets', async () => {
    ({ pool } = await openRecoveryPool(house));
    const reset = (Username: string) =>
      house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool.id, Username }));
    const { name, email, phone } = await createReachable(pool);
    const lonely = await createReachable(pool, emailAlone);
    for (const user of [name, lonely.name]) await pool.switchOn(user, ['EMAIL_OTP'], 'EMAIL_OTP');
    await reset(name);
    expect((await codesTo(house, phone)).reset).toMatch(/^\d{6}$/);
    expect((await codesTo(house, email)).reset).toBeUndefined();
    expect(await refusal(reset(lonely.name))).toBe(NO_ADDRESS);
  });
});

it('without an AccountRecoverySetting the reset code goes by SMS, also where that is the second factor [D]', async () => {
  const { pool, calls } = await openRecoveryPool(house, {
    factors: ['SMS_MFA', APP],
    recovery: [],
  });
  const { name } = await createReachable(pool);
  await pool.switchOn(name, ['SMS_MFA'], 'SMS_MFA');
  expect((await calls.forgot(name)).CodeDeliveryDetails?.AttributeName).toBe('phone_number');
});
