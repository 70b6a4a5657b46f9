import {
  AdminGetUserAuthFactorsCommand,
  GetUserAuthFactorsCommand,
  SetUserSettingsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse } from '../support/house.ts';
import { createMfaPool, ON, PREFERRED, registerAuthenticator, setPreference } from '../support/mfa.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

const ADDRESSES = { email: 'a@example.com', phone_number: '+15550100' };
const VERIFIED = { ...ADDRESSES, email_verified: 'true', phone_number_verified: 'true' };

interface Place {
  readonly pool: string;
  readonly app: { ClientId: string };
}

let house: House;
let byPassword: Place;
let passwordless: Place;
let count = 0;

beforeAll(async () => {
  house = await openHouse();
  const place = async (pool: string) => ({ pool, app: await house.createClient(pool) });
  const factors = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] as const;
  byPassword = await place(await createMfaPool(house, 'OPTIONAL', factors));
  passwordless = await place(
    await createMfaPool(house, 'OPTIONAL', factors, {
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'SMS_OTP', 'EMAIL_OTP'] } },
    }),
  );
});
afterAll(() => house[Symbol.asyncDispose]());

async function newUser(attributes: Record<string, string>, { pool, app } = byPassword) {
  count += 1;
  const name = `user-${count}`;
  await house.createUser(pool, name, attributeList(attributes));
  return { pool, name, token: (await signIn(house, app.ClientId, name)).AccessToken };
}
type Person = Awaited<ReturnType<typeof newUser>>;

const own = (AccessToken: string) => house.sdk.send(new GetUserAuthFactorsCommand({ AccessToken }));
const adminGet = (UserPoolId: string, Username: string) =>
  house.sdk.send(new AdminGetUserAuthFactorsCommand({ UserPoolId, Username }));

/** What both operations answer. */
async function factorsOf({ pool, name, token }: Person) {
  const { $metadata: _, ...answer } = await own(token);
  const { $metadata: __, ...adminAnswer } = await adminGet(pool, name);
  expect(adminAnswer).toEqual(answer);
  return answer;
}

describe('GetUserAuthFactors and AdminGetUserAuthFactors', () => {
  it('name the password of a user who has nothing else', async () => {
    const user = await newUser(VERIFIED);
    expect(await factorsOf(user)).toEqual({ Username: user.name, ConfiguredUserAuthFactors: ['PASSWORD'] });
  });

  it('name an authenticator app once it is verified, switched on or not [Q]', async () => {
    const user = await newUser({});
    await registerAuthenticator(house, user.token);
    const ConfiguredUserAuthFactors = ['PASSWORD', 'SOFTWARE_TOKEN'];
    expect(await factorsOf(user)).toEqual({ Username: user.name, ConfiguredUserAuthFactors });
    await setPreference(house, user.token, { SoftwareTokenMfaSettings: PREFERRED });
    expect(await factorsOf(user)).toEqual({
      Username: user.name,
      PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA',
      UserMFASettingList: ['SOFTWARE_TOKEN_MFA'],
      ConfiguredUserAuthFactors,
    });
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['both of them', VERIFIED, ['EMAIL_OTP', 'SMS_OTP']],
    ['one of them', { ...VERIFIED, phone_number_verified: 'false' }, ['EMAIL_OTP']],
    ['neither of them', ADDRESSES, []],
  ])(
    'name codes, where they may start a sign-in, to verified addresses: %s',
    async (_, attributes, codes) => {
      const { ConfiguredUserAuthFactors } = await factorsOf(await newUser(attributes, passwordless));
      expect(ConfiguredUserAuthFactors).toEqual(['PASSWORD', ...codes]);
    },
  );

  it('show second factors as GetUser does, but for MFAOptions', async () => {
    const user = await newUser(ADDRESSES);
    await house.sdk.send(
      new SetUserSettingsCommand({
        AccessToken: user.token,
        MFAOptions: [{ DeliveryMedium: 'SMS', AttributeName: 'phone_number' }],
      }),
    );
    expect(await factorsOf(user)).toEqual({ Username: user.name, ConfiguredUserAuthFactors: ['PASSWORD'] });
    await setPreference(house, user.token, { EmailMfaSettings: ON });
    expect((await factorsOf(user)).UserMFASettingList).toEqual(['EMAIL_OTP']);
  });

  it('are for who is signed in, and for administrators of the pool', async () => {
    expect(await refusal(own('x'))).toBe('NotAuthorizedException: Invalid Access Token');
    expect(await refusal(adminGet(byPassword.pool, 'nobody'))).toBe(
      'UserNotFoundException: User does not exist.',
    );
  });
});
