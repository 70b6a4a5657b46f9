import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminResetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  type AttributeType,
  type ForgotPasswordCommandOutput,
  type RecoveryOptionType,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD, raw } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

// The rules of account recovery in one table. A row begins with the section of the collected facts that it comes from,
// and with the confidence there: D documented, V verified against AWS, C captured, Q quoted, I inferred, E an emulator's.

const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';
const WRONG_STATE = 'NotAuthorizedException: User password cannot be reset in the current state.';
const UNKNOWN = 'UserNotFoundException: Username/client id combination not found.';
const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const ADMIN_ONLY = 'NotAuthorizedException: Contact administrator to reset password.';
const DISABLED = 'NotAuthorizedException: User is disabled.';
const SIMULATED = 'simulated';

type Mechanism = RecoveryOptionType['Name'];
interface Pool {
  id: string;
  client: { ClientId: string };
  legacy: RecoveryCalls;
  hiding: RecoveryCalls;
}

let house: House;
const pools = new Map<string, Pool>();
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** One pool for each order of recovery; `[]` has no AccountRecoverySetting. */
async function poolWith(mechanisms: readonly Mechanism[], verifies: 'email' | 'phone_number' = 'email') {
  const key = `${verifies}: ${mechanisms.join()}`;
  const known = pools.get(key);
  if (known) return known;
  const RecoveryMechanisms = mechanisms.map((Name, index) => ({ Name, Priority: index + 1 }));
  const id = await house.createPool({
    AutoVerifiedAttributes: [verifies],
    ...(mechanisms.length > 0 && { AccountRecoverySetting: { RecoveryMechanisms } }),
  });
  const client = await house.createClient(id);
  const hider = await house.createClient(id, { PreventUserExistenceErrors: 'ENABLED' });
  const made = { id, client, legacy: recoveryCalls(house, client), hiding: recoveryCalls(house, hider) };
  pools.set(key, made);
  return made;
}

let phones = 0;
const addressesOf = (name: string) => ({
  email: `${name}@example.com`,
  phone: `+1206557${String(++phones).padStart(4, '0')}`,
});
type Has = 'verified' | 'unverified' | 'none';
const attributesOf = (name: string, email: Has, phone: Has): AttributeType[] => {
  const values = addressesOf(name);
  return [
    ...(email === 'none' ? [] : [{ Name: 'email', Value: values.email }]),
    ...(email === 'none' ? [] : [{ Name: 'email_verified', Value: String(email === 'verified') }]),
    ...(phone === 'none' ? [] : [{ Name: 'phone_number', Value: values.phone }]),
    ...(phone === 'none' ? [] : [{ Name: 'phone_number_verified', Value: String(phone === 'verified') }]),
  ];
};

const admin = (command: 'reset' | 'disable', UserPoolId: string, Username: string) =>
  command === 'reset'
    ? house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId, Username }))
    : house.sdk.send(new AdminDisableUserCommand({ UserPoolId, Username }));

/** The attribute that a code went to, `simulated` where none went anywhere, or the error. */
async function outcomeOf(call: Promise<ForgotPasswordCommandOutput>, to: string[]) {
  const answer = await call.catch((error: Error) => `${error.name}: ${error.message}`);
  if (typeof answer === 'string') return answer;
  const sent = (await Promise.all(to.map((address) => house.messages(address, 0)))).flat();
  return sent.length === 0 ? SIMULATED : answer.CodeDeliveryDetails?.AttributeName;
}

describe('where the code goes', () => {
  const EMAIL = 'verified_email';
  const PHONE = 'verified_phone_number';
  const rows: [string, Mechanism[], Has, Has, string][] = [
    ['§1.6 D, Q: no setting, both verified', [], 'verified', 'verified', 'phone_number'],
    ['§1.6 D: no setting, email alone', [], 'verified', 'none', 'email'],
    ['§1.6 D: no setting, phone alone', [], 'none', 'verified', 'phone_number'],
    ['§1.6 D: no setting, phone unverified', [], 'verified', 'unverified', 'email'],
    ['§1.6 D: email first', [EMAIL, PHONE], 'verified', 'verified', 'email'],
    ['§1.6 D: email first, unverified', [EMAIL, PHONE], 'unverified', 'verified', 'phone_number'],
    ['§1.6 D: email first, absent', [EMAIL, PHONE], 'none', 'verified', 'phone_number'],
    ['§1.6 D: phone first', [PHONE, EMAIL], 'verified', 'verified', 'phone_number'],
    ['§1.6 D: phone first, unverified', [PHONE, EMAIL], 'verified', 'unverified', 'email'],
    ['§1.6 D: email alone, phone there', [EMAIL], 'verified', 'verified', 'email'],
    ['§1.6 D: email alone, unverified', [EMAIL], 'unverified', 'verified', NO_ADDRESS],
    ['§1.6 D: phone alone, absent', [PHONE], 'verified', 'none', NO_ADDRESS],
    ['§1.5 Q: neither verified', [], 'unverified', 'unverified', NO_ADDRESS],
    ['§1.5 Q: neither there', [], 'none', 'none', NO_ADDRESS],
    ['§1.6 E: admin_only', ['admin_only'], 'verified', 'verified', ADMIN_ONLY],
  ];

  it.each(rows)('%s', async (_, mechanisms, email, phone, expected) => {
    const { id, legacy, hiding } = await poolWith(mechanisms);
    const name = newName();
    const attributes = attributesOf(name, email, phone);
    const to = attributes.flatMap(({ Name, Value }) => (Name?.includes('verified') ? [] : [Value as string]));
    await house.createUser(id, name, attributes);
    expect(await outcomeOf(legacy.forgot(name), to)).toBe(expected);
    // §1.5 D: who hides users says nothing of a missing address.
    const hidden = expected === NO_ADDRESS ? SIMULATED : expected;
    expect(await outcomeOf(hiding.forgot(name), to)).toBe(hidden);
    // §3 Q: an administrator's reset goes the same way, and tells an administrator.
    const reset = await admin('reset', id, name).then(
      () => 'reset',
      (error: Error) => `${error.name}: ${error.message}`,
    );
    expect(reset).toBe(expected.includes('Exception') ? expected : 'reset');
  });

  it.each([
    ['§1.7 V: an email', 'email', 'test@test.com', 't***@t***', 'EMAIL'],
    ['§1.7 C: an email', 'email', 'fixture@example.com', 'f***@e***', 'EMAIL'],
    ['§1.7 Q: a phone number of 11 digits', 'phone_number', '+12065550008', '+*******0008', 'SMS'],
    ['§1.7 Q: a phone number of 12 digits', 'phone_number', '+442071231234', '+********1234', 'SMS'],
  ])('%s is told as CodeDeliveryDetails, and no more', async (_, attribute, value, Destination, medium) => {
    const { id, legacy, client } = await poolWith([]);
    const name = newName();
    await house.createUser(id, name, [
      { Name: attribute, Value: value },
      { Name: `${attribute}_verified`, Value: 'true' },
    ]);
    const details = { AttributeName: attribute, DeliveryMedium: medium, Destination };
    const { $metadata, ...answer } = await legacy.forgot(name);
    expect(answer).toEqual({ CodeDeliveryDetails: details });
    // §1.1 Q: in the order of the alphabet on the wire.
    const { text } = await raw(house.url, 'ForgotPassword', { ...client, Username: name });
    expect(text).toBe(JSON.stringify({ CodeDeliveryDetails: details }));
  });
});

describe('who may recover', () => {
  const makers = {
    confirmed: (id: string, name: string) => house.createUser(id, name),
    'reset required': async (id: string, name: string) => {
      await house.createUser(id, name);
      await admin('reset', id, name);
    },
    'invited, email verified': (id: string, name: string) =>
      house.sdk.send(
        new AdminCreateUserCommand({
          UserPoolId: id,
          Username: name,
          MessageAction: 'SUPPRESS',
          UserAttributes: attributesOf(name, 'verified', 'none'),
        }),
      ),
    unconfirmed: async (_: string, name: string) => {
      const { client } = await poolWith([]);
      const UserAttributes = [{ Name: 'email', Value: `${name}@example.com` }];
      const signUp = { ...client, Username: name, Password: PASSWORD, UserAttributes };
      await house.sdk.send(new SignUpCommand(signUp));
    },
    'unconfirmed, verified by an administrator': async (id: string, name: string) => {
      await makers.unconfirmed(id, name);
      const UserAttributes = [{ Name: 'email_verified', Value: 'true' }];
      const update = { UserPoolId: id, Username: name, UserAttributes };
      await house.sdk.send(new AdminUpdateUserAttributesCommand(update));
    },
    disabled: async (id: string, name: string) => {
      await house.createUser(id, name);
      await admin('disable', id, name);
    },
    'disabled, invited': async (id: string, name: string) => {
      await makers['invited, email verified'](id, name);
      await admin('disable', id, name);
    },
    nobody: async () => {},
  };

  const NO_USER = 'UserNotFoundException: User does not exist.';
  const DISABLED_AT_RESET = 'NotAuthorizedException: User is disabled';
  it.each<[string, keyof typeof makers, string, string, string]>([
    ['§1.5 Q, D', 'confirmed', 'email', 'email', 'reset'],
    ['§1.5 D', 'reset required', 'email', 'email', 'reset'],
    ['§1.5 Q x5', 'invited, email verified', WRONG_STATE, WRONG_STATE, WRONG_STATE],
    ['§1.5 Q', 'unconfirmed', NO_ADDRESS, SIMULATED, NO_ADDRESS],
    ['§1.5 undetermined', 'unconfirmed, verified by an administrator', 'email', 'email', 'reset'],
    ['§1.5 Q (full stop in conflict); D; §3 Q', 'disabled', DISABLED, SIMULATED, DISABLED_AT_RESET],
    ['§1.2 I: disabled before the state', 'disabled, invited', DISABLED, SIMULATED, DISABLED_AT_RESET],
    ['§1.4 C; D; §3', 'nobody', UNKNOWN, SIMULATED, NO_USER],
  ])('%s: %s', async (_, state, told, hidden, byAdmin) => {
    const { id, legacy, hiding } = await poolWith([]);
    const outcome = async (call: (name: string) => Promise<object>) => {
      const name = newName();
      const address = `${name}@example.com`;
      await makers[state](id, name);
      const before = (await house.messages(address, 0)).length;
      const answer = await call(name).catch((error: Error) => `${error.name}: ${error.message}`);
      if (typeof answer === 'string') return answer;
      const sent = (await house.messages(address, 0)).length > before;
      return sent ? 'email' : SIMULATED;
    };
    expect(await outcome((name) => legacy.forgot(name))).toBe(told);
    expect(await outcome((name) => hiding.forgot(name))).toBe(hidden);
    const reset = await outcome((name) => admin('reset', id, name));
    expect(reset).toBe(byAdmin === 'reset' ? 'email' : byAdmin);
  });
});

describe('who stands in for nobody, by the form of the name and by what the pool verifies', () => {
  it.each<[string, 'email' | 'phone_number', Mechanism[], string, string]>([
    ['§1.4 D, Q', 'email', [], 'nobody@example.com', 'EMAIL'],
    ['§1.4 D', 'email', [], '+12065550123', 'SMS'],
    ['§1.4 D', 'email', [], 'nobody', 'EMAIL'],
    ['§1.4 D', 'phone_number', [], 'nobody', 'SMS'],
    ['§1.4 D', 'phone_number', ['verified_email'], 'nobody', 'EMAIL'],
    ['§1.4 D', 'email', ['verified_phone_number'], 'nobody@example.com', 'SMS'],
  ])('%s: %s verified, recovery %j, %s', async (_, verifies, mechanisms, name, medium) => {
    const { hiding } = await poolWith(mechanisms, verifies);
    const { CodeDeliveryDetails } = await hiding.forgot(name);
    expect(CodeDeliveryDetails?.DeliveryMedium).toBe(medium);
    expect(CodeDeliveryDetails?.AttributeName).toBe(medium === 'SMS' ? 'phone_number' : 'email');
  });
});

describe('the order of checks', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      '§1.2 I, §10.4 Q: constraints before the client',
      { ClientId: 'nobody', Username: '' },
      'InvalidParameterException',
    ],
    ['§1.2 I, §0 Q: the client before the user', { ClientId: 'nobody' }, 'ResourceNotFoundException'],
    ['§1.2 I: the secret before the user', { secret: true }, 'NotAuthorizedException'],
    ['§1.2 I: admin_only before the user', { mechanisms: ['admin_only'] }, 'NotAuthorizedException'],
  ])('%s', async (_, { secret, mechanisms, ...request }, type) => {
    const { id, client } = await poolWith((mechanisms ?? []) as Mechanism[]);
    const asked = secret ? await house.createClient(id, { GenerateSecret: true }) : client;
    const body = { ClientId: asked.ClientId, Username: 'nobody', ...request };
    const { status, json } = await raw(house.url, 'ForgotPassword', body);
    expect({ status, type: json.__type }).toEqual({ status: 400, type });
  });

  it.each<[string, (id: string, name: string) => Promise<unknown>, string]>([
    ['disabled', (id, name) => admin('disable', id, name), DISABLED],
    [
      'without a verified address',
      (UserPoolId, Username) => {
        const UserAttributes = [{ Name: 'email_verified', Value: 'false' }];
        const update = { UserPoolId, Username, UserAttributes };
        return house.sdk.send(new AdminUpdateUserAttributesCommand(update));
      },
      NO_ADDRESS,
    ],
  ])('§1.2 I: a user %s hears that before the limit', async (_, change, expected) => {
    const { id, legacy } = await poolWith([]);
    const name = newName();
    await house.createUser(id, name);
    for (let attempt = 0; attempt < 5; attempt += 1) await legacy.forgot(name);
    expect(await refusal(legacy.forgot(name))).toBe(LIMITED);
    await change(id, name);
    expect(await refusal(legacy.forgot(name))).toBe(expected);
  });
});

describe('ConfirmForgotPassword', () => {
  const noUser = async () => {};
  const user = async (id: string, name: string) => {
    await house.createUser(id, name);
  };
  const disabledUser = async (id: string, name: string) => {
    await user(id, name);
    await admin('disable', id, name);
  };
  const WEAK = 'InvalidPasswordException: Password does not conform to policy: Password not long enough';

  it.each<[string, (id: string, name: string) => Promise<void>, string | undefined, string, string]>([
    ['§2.2 Q: never requested', user, undefined, EXPIRED, EXPIRED],
    ['§2.4 Q: a weak password', user, 'short', WEAK, WEAK],
    ['§2.2 I, D: unknown, never requested', noUser, undefined, UNKNOWN, EXPIRED],
    ['§2.2 Q, D: disabled, never requested', disabledUser, undefined, DISABLED, EXPIRED],
  ])('%s', async (_, make, password, told, hidden) => {
    const { id, legacy, hiding } = await poolWith([]);
    const name = newName();
    await make(id, name);
    expect(await refusal(legacy.confirm(name, '123456', password))).toBe(told);
    expect(await refusal(hiding.confirm(name, '123456', password))).toBe(hidden);
  });

  it.each<[string, (code: string) => string]>([
    ['§2.2 Q: a wrong code', wrongCode],
    ['§2.2 Q: five digits, which no length check refuses', (code) => code.slice(1)],
    ['§2.1 D: 2048 characters', () => 'x'.repeat(2048)],
  ])('%s', async (_, made) => {
    const { id, legacy } = await poolWith([]);
    const name = newName();
    await house.createUser(id, name);
    await legacy.forgot(name);
    const code = await house.code(`${name}@example.com`);
    expect(await refusal(legacy.confirm(name, made(code)))).toBe(MISMATCH);
    // §2.3 I: a failed attempt leaves the password as it is.
    await legacy.signIn(name, PASSWORD);
    await legacy.confirm(name, code);
    // §1.8 Q: a code that was used is expired.
    expect(await refusal(legacy.confirm(name, code))).toBe(EXPIRED);
  });

  it.each([
    ['§1.8 D: an hour less a second', 'PT59M59S', undefined],
    ['§1.8 D: an hour and a second', 'PT1H1S', EXPIRED],
  ])('%s', async (_, later, expected) => {
    const { id, legacy } = await poolWith([]);
    const name = newName();
    await house.createUser(id, name);
    await legacy.forgot(name);
    const code = await house.code(`${name}@example.com`);
    await house.advance(later);
    const answer = await legacy.confirm(name, code).then(
      () => undefined,
      (error: Error) => `${error.name}: ${error.message}`,
    );
    expect(answer).toBe(expected);
  });

  it('§2.2 Q, §1.8 D: asks and entries share one limit, and the right code is then late', async () => {
    const { id, legacy } = await poolWith([]);
    const name = newName();
    await house.createUser(id, name);
    await legacy.forgot(name);
    await legacy.forgot(name);
    const code = await house.code(`${name}@example.com`);
    for (let guess = 0; guess < 3; guess += 1)
      expect(await refusal(legacy.confirm(name, wrongCode(code)))).toBe(MISMATCH);
    expect(await refusal(legacy.confirm(name, code))).toBe(LIMITED);
  });

  it('§2.3 D, Q: confirms who had to reset, revokes nothing', async () => {
    const { id, legacy } = await poolWith([]);
    const name = newName();
    await house.createUser(id, name);
    const { AuthenticationResult } = await legacy.signIn(name, PASSWORD);
    await admin('reset', id, name);
    await legacy.confirm(name, await house.code(`${name}@example.com`));
    await legacy.signIn(name, NEW_PASSWORD);
    expect(await legacy.refresh(AuthenticationResult?.RefreshToken as string)).toBeDefined();
  });
});
