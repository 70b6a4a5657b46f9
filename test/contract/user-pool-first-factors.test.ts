import type { AuthFactorType, CreateUserPoolCommandInput } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { firstFactors, liteLacks, poolCalls } from '../support/pool-calls.ts';
import { refusal } from '../support/refusal.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

type Create = Partial<CreateUserPoolCommandInput>;
const { create, update, describePool } = poolCalls(() => house);
const refused = (text: string) => `InvalidParameterException: ${text}`;

describe('the first factors of a pool', () => {
  it('are listed in the order they were given in [Q]', async () => {
    const given: AuthFactorType[] = ['SMS_OTP', 'PASSWORD', 'EMAIL_OTP'];
    const pool = await describePool(await create(firstFactors(...given)));
    expect(pool?.Policies?.SignInPolicy?.AllowedFirstAuthFactors).toEqual(given);
  });

  it.each<[string, Create, string]>([
    [
      'a list without PASSWORD [Q]',
      firstFactors('EMAIL_OTP'),
      refused('Password should be configured as one of the allowed first auth factors.'),
    ],
    [
      'SOFTWARE_TOKEN [D]',
      firstFactors('PASSWORD', 'SOFTWARE_TOKEN'),
      refused('SOFTWARE_TOKEN is not currently supported as a first auth factor.'),
    ],
    [
      'EMAIL_OTP on LITE [Q]',
      { ...firstFactors('PASSWORD', 'EMAIL_OTP'), UserPoolTier: 'LITE' },
      liteLacks('Passwordless Sign-In'),
    ],
    [
      'SMS_OTP on LITE [Q]',
      { ...firstFactors('PASSWORD', 'SMS_OTP'), UserPoolTier: 'LITE' },
      liteLacks('Passwordless Sign-In'),
    ],
  ])('are not %s', async (_, input, text) => {
    expect(await refusal(create(input))).toBe(text);
    expect(await refusal(update(await create(), input))).toBe(text);
  });

  it('keep a pool from going down to LITE', async () => {
    const id = await create(firstFactors('PASSWORD', 'EMAIL_OTP'));
    expect(await refusal(update(id, { UserPoolTier: 'LITE' }))).toBe(liteLacks('Passwordless Sign-In'));
  });
});
