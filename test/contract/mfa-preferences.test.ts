import {
  AdminConfirmSignUpCommand,
  AdminDeleteUserAttributesCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserMFAPreferenceCommand,
  type AdminSetUserMFAPreferenceCommandInput,
  AdminSetUserSettingsCommand,
  AdminUpdateUserAttributesCommand,
  DeleteUserAttributesCommand,
  GetUserCommand,
  ListUsersCommand,
  type MFAOptionType,
  SetUserSettingsCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse, PASSWORD, raw } from '../support/house.ts';
import {
  createMfaPool,
  OFF,
  ON,
  PREFERRED,
  registerAuthenticator,
  type SecondFactor,
  setPoolFactors,
  setPreference,
} from '../support/mfa.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

const ALL: readonly SecondFactor[] = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'];
const SMS_OPTION: MFAOptionType[] = [{ DeliveryMedium: 'SMS', AttributeName: 'phone_number' }];
const cannotTurnOn = (factor: SecondFactor) =>
  `InvalidParameterException: User does not have delivery config set to turn on ${factor}`;
const ONLY_PHONE =
  'InvalidParameterException: Only phone_number attribute is currently supported as a MFA option.';
const NO_SUCH_USER = 'UserNotFoundException: User does not exist.';

type Settings = Omit<AdminSetUserMFAPreferenceCommandInput, 'UserPoolId' | 'Username'>;
interface Person {
  readonly pool: string;
  readonly name: string;
  readonly token: string;
}

let house: House;
let pool: string;
let app: { ClientId: string };
/** With an email address and a phone number, neither of them verified. */
let user: Person;
let count = 0;

beforeAll(async () => {
  house = await openHouse();
  pool = await createMfaPool(house, 'OPTIONAL', ALL, {
    AccountRecoverySetting: {
      RecoveryMechanisms: [
        { Name: 'verified_email', Priority: 1 },
        { Name: 'verified_phone_number', Priority: 2 },
      ],
    },
  });
  app = await house.createClient(pool);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  user = await newUser({ email: `user-${count}@example.com`, phone_number: '+15550100' });
});

async function newUser(attributes: Record<string, string>, of = { pool, app }): Promise<Person> {
  count += 1;
  const name = `user-${count}`;
  await house.createUser(of.pool, name, attributeList(attributes));
  const { AccessToken: token } = await signIn(house, of.app.ClientId, name);
  return { pool: of.pool, name, token };
}
async function userOfPoolWith(factors: readonly SecondFactor[]): Promise<Person> {
  const id = await createMfaPool(house, 'OPTIONAL', factors);
  const of = { pool: id, app: await house.createClient(id) };
  return newUser({ email: 'a@example.com', phone_number: '+15550100' }, of);
}

const named = ({ pool: UserPoolId, name: Username } = user) => ({ UserPoolId, Username });
const set = (settings: Settings, { token } = user) => setPreference(house, token, settings);
const adminSet = (settings: Settings, whose = user) =>
  house.sdk.send(new AdminSetUserMFAPreferenceCommand({ ...named(whose), ...settings }));
const setOlder = (MFAOptions: MFAOptionType[], { token: AccessToken } = user) =>
  house.sdk.send(new SetUserSettingsCommand({ AccessToken, MFAOptions }));
const adminSetOlder = (MFAOptions: MFAOptionType[]) =>
  house.sdk.send(new AdminSetUserSettingsCommand({ ...named(), MFAOptions }));
const get = ({ token: AccessToken } = user) => house.sdk.send(new GetUserCommand({ AccessToken }));
const adminGet = (whose = user) => house.sdk.send(new AdminGetUserCommand(named(whose)));

/** The MFA members of GetUser, which are AdminGetUser's too. */
async function shown(whose = user) {
  const answers = [await get(whose), await adminGet(whose)].map((answer) =>
    Object.fromEntries(Object.entries(answer).filter(([member]) => member.toLowerCase().includes('mfa'))),
  );
  expect(answers[1]).toEqual(answers[0]);
  return answers[0];
}
const withApp = async (whose = user) => {
  await registerAuthenticator(house, whose.token);
};

describe('a user without second factors', () => {
  it('is shown without any of their members [Q]', async () => {
    expect(await shown()).toEqual({});
    const { Users } = await house.sdk.send(new ListUsersCommand({ UserPoolId: pool }));
    for (const listed of Users ?? []) expect(listed).not.toHaveProperty('MFAOptions');
  });

  it('may switch all of them off [D]', async () => {
    await set({ SMSMfaSettings: OFF, SoftwareTokenMfaSettings: OFF, EmailMfaSettings: OFF });
    expect(await shown()).toEqual({});
  });
});

describe.each([
  ['SetUserMFAPreference', (settings: Settings) => set(settings)],
  ['AdminSetUserMFAPreference', (settings: Settings) => adminSet(settings)],
])('%s', (_, change) => {
  it('switches a factor on', async () => {
    const { $metadata: __, ...answer } = await change({ SMSMfaSettings: ON });
    expect(answer).toEqual({});
    expect(await shown()).toEqual({ UserMFASettingList: ['SMS_MFA'] });
  });

  it('switches a factor on and prefers it [Q]', async () => {
    await withApp();
    await change({ SoftwareTokenMfaSettings: PREFERRED });
    expect(await shown()).toEqual({
      PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA',
      UserMFASettingList: ['SOFTWARE_TOKEN_MFA'],
    });
  });

  it('leaves alone what it does not name', async () => {
    await change({ EmailMfaSettings: PREFERRED });
    await change({ SMSMfaSettings: ON });
    await change({});
    expect(await shown()).toEqual({
      PreferredMfaSetting: 'EMAIL_OTP',
      UserMFASettingList: ['SMS_MFA', 'EMAIL_OTP'],
    });
  });

  it('moves the preference', async () => {
    await change({ EmailMfaSettings: PREFERRED });
    await change({ SMSMfaSettings: PREFERRED });
    expect(await shown()).toEqual({
      PreferredMfaSetting: 'SMS_MFA',
      UserMFASettingList: ['SMS_MFA', 'EMAIL_OTP'],
    });
  });

  it.each([ON, { Enabled: true, PreferredMfa: false }])('takes the preference back by %j [Q]', async (on) => {
    await change({ SMSMfaSettings: ON, EmailMfaSettings: PREFERRED });
    await change({ EmailMfaSettings: on });
    expect(await shown()).toEqual({ UserMFASettingList: ['SMS_MFA', 'EMAIL_OTP'] });
  });

  // As the AWS SDK for Go sends `false`: not at all.
  it.each([OFF, { Enabled: false, PreferredMfa: false }, {}])('switches a factor off by %j', async (off) => {
    await change({ SMSMfaSettings: ON, EmailMfaSettings: PREFERRED });
    await change({ SMSMfaSettings: off });
    expect(await shown()).toEqual({
      PreferredMfaSetting: 'EMAIL_OTP',
      UserMFASettingList: ['EMAIL_OTP'],
    });
    await change({ EmailMfaSettings: off });
    expect(await shown()).toEqual({});
  });

  it('refuses to prefer what it does not switch on', async () => {
    const text =
      'InvalidParameterException: SMS_MFA cannot be the preferred MFA method without being enabled.';
    await change({ SMSMfaSettings: ON });
    for (const settings of [{ PreferredMfa: true }, { Enabled: false, PreferredMfa: true }])
      expect(await refusal(change({ SMSMfaSettings: settings }))).toBe(text);
    expect(await shown()).toEqual({ UserMFASettingList: ['SMS_MFA'] });
  });

  it('refuses to prefer two', async () => {
    const two = { SMSMfaSettings: PREFERRED, EmailMfaSettings: PREFERRED };
    expect(await refusal(change(two))).toBe(
      'InvalidParameterException: Only one MFA method can be the preferred one.',
    );
    expect(await shown()).toEqual({});
  });

  it('refuses an authenticator app that was not verified [Q]', async () => {
    expect(await refusal(change({ SoftwareTokenMfaSettings: ON }))).toBe(cannotTurnOn('SOFTWARE_TOKEN_MFA'));
  });

  it('refuses a factor whose address is missing, and all else with it', async () => {
    user = await newUser({ email: 'a@example.com' });
    expect(await refusal(change({ EmailMfaSettings: ON, SMSMfaSettings: ON }))).toBe(cannotTurnOn('SMS_MFA'));
    expect(await shown()).toEqual({});
    user = await newUser({ phone_number: '+15550100' });
    expect(await refusal(change({ EmailMfaSettings: ON }))).toBe(cannotTurnOn('EMAIL_OTP'));
  });

  it('refuses a factor that is off in the pool', async () => {
    user = await userOfPoolWith(['SOFTWARE_TOKEN_MFA']);
    expect(await refusal(change({ SMSMfaSettings: PREFERRED }))).toBe(cannotTurnOn('SMS_MFA'));
    expect(await refusal(change({ EmailMfaSettings: ON }))).toBe(cannotTurnOn('EMAIL_OTP'));
    await withApp();
    await setPoolFactors(house, user.pool, 'OPTIONAL', ['SMS_MFA']);
    expect(await refusal(change({ SoftwareTokenMfaSettings: ON }))).toBe(cannotTurnOn('SOFTWARE_TOKEN_MFA'));
    await change({ SMSMfaSettings: ON });
  });

  it('refuses every factor in a pool with MFA OFF, but switches them off there', async () => {
    user = await userOfPoolWith(ALL);
    await withApp();
    await change({ SMSMfaSettings: ON, SoftwareTokenMfaSettings: ON, EmailMfaSettings: PREFERRED });
    await setPoolFactors(house, user.pool, 'OFF', []);
    expect(await refusal(change({ SMSMfaSettings: ON }))).toBe(cannotTurnOn('SMS_MFA'));
    expect(await refusal(change({ EmailMfaSettings: ON }))).toBe(cannotTurnOn('EMAIL_OTP'));
    expect(await refusal(change({ SoftwareTokenMfaSettings: ON }))).toBe(cannotTurnOn('SOFTWARE_TOKEN_MFA'));
    await change({ SMSMfaSettings: OFF, SoftwareTokenMfaSettings: OFF, EmailMfaSettings: OFF });
    expect(await shown()).toEqual({});
  });

  it('refuses passkeys, which Poolkeeper does not have yet', async () => {
    expect(await refusal(change({ WebAuthnMfaSettings: ON }))).toBe(
      'InvalidParameterException: WebAuthnMfaSettings.Enabled is not supported by Poolkeeper yet.',
    );
    await change({ WebAuthnMfaSettings: OFF });
  });

  it('refuses a user who has to reset their password', async () => {
    user = await newUser({ email: 'a@example.com', email_verified: 'true' });
    await house.sdk.send(new AdminResetUserPasswordCommand(named()));
    expect(await refusal(change({ EmailMfaSettings: ON }))).toBe(
      'PasswordResetRequiredException: Password reset required for the user',
    );
  });
});

describe('SetUserMFAPreference', () => {
  it('reads null as left out, as amazon-cognito-identity-js sends it', async () => {
    await set({ SMSMfaSettings: PREFERRED });
    const body = { AccessToken: user.token, SMSMfaSettings: null, SoftwareTokenMfaSettings: null };
    expect((await raw(house.url, 'SetUserMFAPreference', body)).json).toEqual({});
    expect(await shown()).toEqual({ PreferredMfaSetting: 'SMS_MFA', UserMFASettingList: ['SMS_MFA'] });
  });

  it('loses no change to another one of the same moment', async () => {
    await withApp();
    await Promise.all([
      set({ SMSMfaSettings: ON }),
      adminSet({ EmailMfaSettings: ON }),
      set({ SoftwareTokenMfaSettings: ON }),
    ]);
    expect(await shown()).toEqual({ UserMFASettingList: ALL });
  });

  it('wants a good access token', async () => {
    expect(await refusal(set({ SMSMfaSettings: ON }, { ...user, token: 'x' }))).toBe(
      'NotAuthorizedException: Invalid Access Token',
    );
  });
});

describe('AdminSetUserMFAPreference', () => {
  it('of an unknown user says so', async () => {
    expect(await refusal(adminSet({}, { ...user, name: 'nobody' }))).toBe(NO_SUCH_USER);
  });

  it('refuses a user who is not confirmed yet', async () => {
    const name = 'unconfirmed';
    const UserAttributes = attributeList({ email: 'a@example.com' });
    const signUp = { ClientId: app.ClientId, Username: name, Password: PASSWORD, UserAttributes };
    await house.sdk.send(new SignUpCommand(signUp));
    const whose = { ...user, name };
    expect(await refusal(adminSet({ EmailMfaSettings: ON }, whose))).toBe(
      'UserNotConfirmedException: User is not confirmed.',
    );
    await house.sdk.send(new AdminConfirmSignUpCommand(named(whose)));
    await adminSet({ EmailMfaSettings: ON }, whose);
  });
});

describe.each([
  ['SetUserSettings', (options: MFAOptionType[]) => setOlder(options)],
  ['AdminSetUserSettings', adminSetOlder],
])('%s', (_, change) => {
  it('switches SMS on, which shows as MFAOptions alone [Q]', async () => {
    const { $metadata: __, ...answer } = await change(SMS_OPTION);
    expect(answer).toEqual({});
    expect(await shown()).toEqual({ MFAOptions: SMS_OPTION });
    const filter = { UserPoolId: pool, Filter: `username = "${user.name}"` };
    const { Users } = await house.sdk.send(new ListUsersCommand(filter));
    expect(Users?.[0]?.MFAOptions).toEqual(SMS_OPTION);
  });

  it('switches SMS off by an empty list, and nothing else', async () => {
    await change(SMS_OPTION);
    await change([]);
    expect(await shown()).toEqual({});
    await set({ SMSMfaSettings: PREFERRED, EmailMfaSettings: ON });
    await change([]);
    expect(await shown()).toEqual({ UserMFASettingList: ['EMAIL_OTP'] });
  });

  it('leaves SMS as it is where the newer setting switched it on', async () => {
    await set({ SMSMfaSettings: PREFERRED });
    await change(SMS_OPTION);
    expect(await shown()).toEqual({ PreferredMfaSetting: 'SMS_MFA', UserMFASettingList: ['SMS_MFA'] });
  });

  it.each([ON, OFF])('gives way to the newer setting of SMS: %j', async (SMSMfaSettings) => {
    await change(SMS_OPTION);
    await set({ EmailMfaSettings: ON });
    expect(await shown()).toEqual({ MFAOptions: SMS_OPTION, UserMFASettingList: ['EMAIL_OTP'] });
    await set({ SMSMfaSettings });
    const UserMFASettingList = SMSMfaSettings.Enabled ? ['SMS_MFA', 'EMAIL_OTP'] : ['EMAIL_OTP'];
    expect(await shown()).toEqual({ UserMFASettingList });
  });

  it.each<[string, MFAOptionType[]]>([
    ['another attribute', [{ DeliveryMedium: 'SMS', AttributeName: 'email' }]],
    ['another medium', [{ DeliveryMedium: 'EMAIL', AttributeName: 'phone_number' }]],
    ['half an option', [{ AttributeName: 'phone_number' }]],
    ['two options', [...SMS_OPTION, { DeliveryMedium: 'EMAIL', AttributeName: 'email' }]],
  ])('refuses %s [Q]', async (__, options) => {
    expect(await refusal(change(options))).toBe(ONLY_PHONE);
    expect(await shown()).toEqual({});
  });

  it('refuses SMS without a phone number, and where the pool has it off', async () => {
    user = await newUser({ email: 'a@example.com' });
    expect(await refusal(change(SMS_OPTION))).toBe(cannotTurnOn('SMS_MFA'));
    user = await userOfPoolWith(['SOFTWARE_TOKEN_MFA']);
    expect(await refusal(change(SMS_OPTION))).toBe(cannotTurnOn('SMS_MFA'));
    await change([]);
  });
});

describe('a factor whose address goes away', () => {
  const attributes = async () =>
    Object.fromEntries((await get()).UserAttributes?.map(({ Name, Value }) => [Name, Value]) ?? []);
  const phone = { UserAttributeNames: ['phone_number'] };
  const emptied = { UserAttributes: attributeList({ phone_number: '' }) };
  const ways = {
    DeleteUserAttributes: () => new DeleteUserAttributesCommand({ AccessToken: user.token, ...phone }),
    UpdateUserAttributes: () => new UpdateUserAttributesCommand({ AccessToken: user.token, ...emptied }),
    AdminDeleteUserAttributes: () => new AdminDeleteUserAttributesCommand({ ...named(), ...phone }),
    AdminUpdateUserAttributes: () => new AdminUpdateUserAttributesCommand({ ...named(), ...emptied }),
  };
  const goAway = async (way: keyof typeof ways) => {
    // Each of the commands has an answer of its own type, which is of no interest here.
    const send: (command: never) => Promise<unknown> = (command) => house.sdk.send(command);
    await send(ways[way]() as never);
  };

  it.each(Object.keys(ways) as (keyof typeof ways)[])(
    'by %s is shown, and not asked for any more',
    async (way) => {
      await set({ SMSMfaSettings: PREFERRED });
      await goAway(way);
      expect(await attributes()).not.toHaveProperty('phone_number');
      expect(await shown()).toEqual({ PreferredMfaSetting: 'SMS_MFA', UserMFASettingList: ['SMS_MFA'] });
      expect((await signIn(house, app.ClientId, user.name)).AccessToken).toBeDefined();
      expect(await refusal(set({ SMSMfaSettings: ON }))).toBe(cannotTurnOn('SMS_MFA'));
      await set({ SMSMfaSettings: OFF });
      expect(await shown()).toEqual({});
    },
  );

  it('by the older setting is shown as before', async () => {
    await setOlder(SMS_OPTION);
    await goAway('DeleteUserAttributes');
    expect(await shown()).toEqual({ MFAOptions: SMS_OPTION });
    expect((await signIn(house, app.ClientId, user.name)).AccessToken).toBeDefined();
  });

  it('is good again with a new address', async () => {
    await set({ SMSMfaSettings: ON });
    await goAway('DeleteUserAttributes');
    const UserAttributes = attributeList({ phone_number: '+15550199' });
    await house.sdk.send(new UpdateUserAttributesCommand({ AccessToken: user.token, UserAttributes }));
    await set({ SMSMfaSettings: PREFERRED });
    expect(await shown()).toEqual({ PreferredMfaSetting: 'SMS_MFA', UserMFASettingList: ['SMS_MFA'] });
  });
});
