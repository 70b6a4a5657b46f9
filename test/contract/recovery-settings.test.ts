import {
  AdminCreateUserCommand,
  type AdminCreateUserCommandInput,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  type AttributeType,
  CreateUserPoolCommand,
  ForgotPasswordCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';
const WRONG_STATE = 'NotAuthorizedException: User password cannot be reset in the current state.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';

let house: House;
let pool: string;
let client: { ClientId: string };
let legacy: RecoveryCalls;
let hiding: RecoveryCalls;
let hidingClient: { ClientId: string };
let name: string;
let address: string;
let phone: string;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

async function furnishPool(input: Parameters<House['createPool']>[0] = {}) {
  pool = await house.createPool(input);
  client = await house.createClient(pool);
  hidingClient = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
  legacy = recoveryCalls(house, client);
  hiding = recoveryCalls(house, hidingClient);
}

let phones = 0;
beforeEach(async () => {
  await furnishPool();
  name = newName();
  address = `${name}@example.com`;
  phone = `+1206555${String(++phones).padStart(4, '0')}`;
});

const set = (settings: object) => house.operator(`pools/${pool}/settings`, { method: 'PUT', json: settings });
const email = (value: string, verified?: boolean): AttributeType[] => [
  { Name: 'email', Value: value },
  ...(verified === undefined ? [] : [{ Name: 'email_verified', Value: String(verified) }]),
];
const both = (): AttributeType[] => [
  ...email(address, true),
  { Name: 'phone_number', Value: phone },
  { Name: 'phone_number_verified', Value: 'true' },
];
const user = async (Username = name) => {
  const found = await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username }));
  const attributes = Object.fromEntries((found.UserAttributes ?? []).map((one) => [one.Name, one.Value]));
  return { status: found.UserStatus, verified: attributes['email_verified'], attributes };
};
const invite = (input: Partial<AdminCreateUserCommandInput> = {}) =>
  house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: pool,
      Username: name,
      UserAttributes: email(address),
      DesiredDeliveryMediums: ['EMAIL'],
      ...input,
    }),
  );
const signUp = (UserAttributes = email(address)) =>
  house.sdk.send(new SignUpCommand({ ...client, Username: name, Password: PASSWORD, UserAttributes }));
const adminUpdate = (UserAttributes: AttributeType[]) =>
  house.sdk.send(new AdminUpdateUserAttributesCommand({ UserPoolId: pool, Username: name, UserAttributes }));

describe('recovery.codeLength', () => {
  it.each([[6], [8], [12]])('%s: the code has so many digits, and works', async (codeLength) => {
    await set({ recovery: { codeLength } });
    await house.createUser(pool, name);
    await legacy.forgot(name);
    const code = await house.code(address);
    expect(code).toMatch(new RegExp(`^\\d{${codeLength}}$`));
    await legacy.confirm(name, code);
    await legacy.signIn(name, NEW_PASSWORD);
  });

  it('is of codes that reset a password, and of no others', async () => {
    await set({ recovery: { codeLength: 9 } });
    await signUp();
    expect(await house.code(address)).toMatch(/^\d{6}$/);
  });
});

describe('recovery.revokeSessions', () => {
  it('is off: who is signed in stays so after a reset [Q]', async () => {
    await house.createUser(pool, name);
    const { RefreshToken, AccessToken } = await signIn(house, client.ClientId, name);
    await legacy.forgot(name);
    await legacy.confirm(name, await house.code(address));
    expect(await legacy.refresh(RefreshToken)).toBeDefined();
    expect(await legacy.whoAmI(AccessToken)).toBe(name);
  });

  it('on: a reset ends every session, and the next sign-in begins one that lasts', async () => {
    await set({ recovery: { revokeSessions: true } });
    await house.createUser(pool, name);
    const before = await Promise.all([0, 1].map(() => signIn(house, client.ClientId, name)));
    await legacy.forgot(name);
    const code = await house.code(address);
    await legacy.confirm(name, wrongCode(code)).catch(() => {});
    expect(await legacy.refresh(before[0]?.RefreshToken as string)).toBeDefined();
    await legacy.confirm(name, code);
    for (const { RefreshToken, AccessToken } of before) {
      expect(await refusal(legacy.refresh(RefreshToken))).toMatch(/^NotAuthorizedException: /);
      expect(await refusal(legacy.whoAmI(AccessToken))).toMatch(/^NotAuthorizedException: /);
    }
    // Tokens tell the second that they were made in.
    await house.advance('PT2S');
    const { AccessToken, RefreshToken } = await signIn(house, client.ClientId, name, NEW_PASSWORD);
    expect(await legacy.whoAmI(AccessToken)).toBe(name);
    expect(await legacy.refresh(RefreshToken)).toBeDefined();
  });
});

describe('recovery.states', () => {
  it('names nobody: neither the invited nor the unconfirmed recover [Q]', async () => {
    await invite();
    expect(await refusal(legacy.forgot(name))).toBe(WRONG_STATE);
    name = newName();
    await signUp(email(`${name}@example.com`));
    expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
  });

  describe('FORCE_CHANGE_PASSWORD', () => {
    beforeEach(() => set({ recovery: { states: ['FORCE_CHANGE_PASSWORD'] } }));

    it('recovers by the address that the invitation went to, which is proven by it', async () => {
      await invite();
      await house.advance('P8D');
      expect((await legacy.forgot(name)).CodeDeliveryDetails).toMatchObject({ AttributeName: 'email' });
      expect(await user()).toMatchObject({ status: 'FORCE_CHANGE_PASSWORD' });
      await legacy.confirm(name, await house.code(address));
      expect(await user()).toMatchObject({ status: 'CONFIRMED', verified: 'true' });
      await legacy.signIn(name, NEW_PASSWORD);
    });

    it('does not where nothing was sent', async () => {
      await invite({ MessageAction: 'SUPPRESS' });
      expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
      expect(await house.messages(address, 0)).toEqual([]);
    });

    it('does not by an address that no invitation went to, though there is one', async () => {
      await invite({
        UserAttributes: [...email(address), { Name: 'phone_number', Value: phone }],
        DesiredDeliveryMediums: ['SMS'],
      });
      expect((await legacy.forgot(name)).CodeDeliveryDetails).toMatchObject({
        AttributeName: 'phone_number',
      });
      expect(await house.messages(address, 0)).toEqual([]);
    });

    it('does not by one that came in place of the invited one, until an invitation goes there', async () => {
      await invite();
      const other = `other-${address}`;
      await adminUpdate(email(other));
      expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
      await invite({ MessageAction: 'RESEND' });
      await legacy.forgot(name);
      await legacy.confirm(name, await house.code(other));
      expect(await user()).toMatchObject({ status: 'CONFIRMED', verified: 'true' });
    });

    it('does not by one that somebody put there who was in the account for a minute', async () => {
      await house.createUser(pool, name);
      const { AccessToken } = await signIn(house, client.ClientId, name);
      const UserAttributes = email(`thief-${address}`);
      await house.sdk.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes }));
      await house.sdk.send(
        new AdminSetUserPasswordCommand({ UserPoolId: pool, Username: name, Password: 'Temp0rary!' }),
      );
      expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
    });

    it('loses the code when an administrator sets another password or invites again', async () => {
      await invite();
      await legacy.forgot(name);
      const code = await house.code(address);
      await invite({ MessageAction: 'RESEND' });
      expect(await refusal(legacy.confirm(name, code))).toBe(EXPIRED);
    });

    it('loses the code when the setting is taken back', async () => {
      await invite();
      await legacy.forgot(name);
      const code = await house.code(address);
      await set({ recovery: { states: [] } });
      expect(await refusal(legacy.confirm(name, code))).toBe(WRONG_STATE);
      expect(await user()).toMatchObject({ status: 'FORCE_CHANGE_PASSWORD', verified: undefined });
    });

    it('stays out of an administrator’s reset [Q]', async () => {
      await invite();
      const reset = new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: name });
      expect(await refusal(house.sdk.send(reset))).toBe(WRONG_STATE);
    });

    it('says nothing of UNCONFIRMED users', async () => {
      await signUp();
      expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
    });

    it('with no eligible address is simulated where users are hidden, not told apart by their state', async () => {
      await invite({ MessageAction: 'SUPPRESS' });
      expect((await hiding.forgot(name)).CodeDeliveryDetails).toMatchObject({ DeliveryMedium: 'EMAIL' });
      expect(await house.messages(address, 0)).toEqual([]);
    });
  });

  describe('UNCONFIRMED', () => {
    beforeEach(() => set({ recovery: { states: ['UNCONFIRMED'] } }));

    it('recovers by the address that the sign-up code went to, and is confirmed and proven by it', async () => {
      await signUp();
      await legacy.forgot(name);
      await legacy.confirm(name, await house.code(address));
      expect(await user()).toMatchObject({ status: 'CONFIRMED', verified: 'true' });
      await legacy.signIn(name, NEW_PASSWORD);
      expect(await refusal(legacy.signIn(name, PASSWORD))).toMatch(/^NotAuthorizedException: Incorrect/);
    });

    it('does not by an address that the pool sends no sign-up code to', async () => {
      await signUp([{ Name: 'phone_number', Value: phone }]);
      expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
      expect(await house.messages(phone, 0)).toEqual([]);
    });

    it('does not take an alias from its holder', async () => {
      await furnishPool({ AliasAttributes: ['email'] });
      await set({ recovery: { states: ['UNCONFIRMED'] } });
      await house.createUser(pool, name);
      const holder = name;
      name = newName();
      await signUp(email(address));
      await legacy.forgot(name);
      const code = await house.code(address);
      expect(await refusal(legacy.confirm(name, code))).toMatch(/^AliasExistsException/);
      expect(await user(holder)).toMatchObject({ verified: 'true' });
      expect(await user()).toMatchObject({ status: 'UNCONFIRMED' });
    });
  });
});

describe('recovery.chooseChannel', () => {
  const choose = (calls: { ClientId: string }, Username: string, channel: string) =>
    house.sdk.send(new ForgotPasswordCommand({ ...calls, Username, ClientMetadata: { channel } }));
  const NOT_OFFERED = 'InvalidParameterException: channel in ClientMetadata must be';

  it('is off: ClientMetadata chooses nothing', async () => {
    await house.createUser(pool, name, both());
    const { CodeDeliveryDetails } = await choose(client, name, 'EMAIL');
    expect(CodeDeliveryDetails?.DeliveryMedium).toBe('SMS');
    await choose(client, name, 'PIGEON');
  });

  it.each([
    ['EMAIL', 'email'],
    ['SMS', 'phone_number'],
  ])('on: %s goes by %s', async (channel, AttributeName) => {
    await set({ recovery: { chooseChannel: true } });
    await house.createUser(pool, name, both());
    const { CodeDeliveryDetails } = await choose(client, name, channel);
    expect(CodeDeliveryDetails).toMatchObject({ DeliveryMedium: channel, AttributeName });
    const [to, other] = channel === 'EMAIL' ? [address, phone] : [phone, address];
    expect(await house.messages(other, 0)).toEqual([]);
    await legacy.confirm(name, await house.code(to));
  });

  it('on, and nothing chosen: the first way, as ever', async () => {
    await set({ recovery: { chooseChannel: true } });
    await house.createUser(pool, name, both());
    expect((await legacy.forgot(name)).CodeDeliveryDetails?.DeliveryMedium).toBe('SMS');
  });

  it('refuses what the pool does not offer, in the same words for everybody', async () => {
    const setting = { RecoveryMechanisms: [{ Name: 'verified_email' as const, Priority: 1 }] };
    await furnishPool({ AccountRecoverySetting: setting });
    await set({ recovery: { chooseChannel: true } });
    await house.createUser(pool, name, both());
    const answers = [];
    for (const channel of ['SMS', 'sms', 'PIGEON', '']) {
      for (const app of [client, hidingClient]) {
        for (const who of [name, 'nobody']) answers.push(await refusal(choose(app, who, channel)));
      }
    }
    expect(new Set(answers)).toEqual(new Set([`${NOT_OFFERED} EMAIL in this user pool.`]));
  });

  it('a way that the user has not: told where the client is LEGACY, simulated where it hides users', async () => {
    await set({ recovery: { chooseChannel: true } });
    await house.createUser(pool, name);
    expect(await refusal(choose(client, name, 'SMS'))).toBe(NO_ADDRESS);
    for (const who of [name, 'nobody', 'nobody@example.com']) {
      const { CodeDeliveryDetails } = await choose(hidingClient, who, 'SMS');
      expect(CodeDeliveryDetails).toEqual({
        AttributeName: 'phone_number',
        DeliveryMedium: 'SMS',
        Destination: expect.stringMatching(/^\+\*{7}\d{4}$/),
      });
    }
    expect(await house.messages(address, 0)).toEqual([]);
  });
});

describe('recovery.previousAddressGrace', () => {
  const changeEmail = async () => {
    const { AccessToken } = await signIn(house, client.ClientId, name);
    const UserAttributes = email(`new-${address}`);
    await house.sdk.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes }));
  };

  it('is none: after an unverified change neither address recovers [D, Q]', async () => {
    await house.createUser(pool, name);
    await changeEmail();
    expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
  });

  it('lets the proven address recover for so long, and proves no other by it', async () => {
    await set({ recovery: { previousAddressGrace: 'P3D' } });
    await house.createUser(pool, name);
    await changeEmail();
    const { CodeDeliveryDetails } = await legacy.forgot(name);
    expect(CodeDeliveryDetails?.Destination).toBe(`${address[0]}***@e***`);
    await legacy.confirm(name, await house.code(address));
    expect(await user()).toMatchObject({ verified: 'false', attributes: { email: `new-${address}` } });
    await legacy.signIn(name, NEW_PASSWORD);
    await house.advance('P3DT1S');
    expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
  });

  it('does not let a code to the old address prove the new one, also where invited users recover', async () => {
    await set({
      recovery: { previousAddressGrace: 'P3D', states: ['FORCE_CHANGE_PASSWORD', 'UNCONFIRMED'] },
    });
    await house.createUser(pool, name);
    await changeEmail();
    await house.sdk.send(
      new AdminSetUserPasswordCommand({ UserPoolId: pool, Username: name, Password: 'Temp0rary!' }),
    );
    await legacy.forgot(name);
    await legacy.confirm(name, await house.code(address));
    expect(await user()).toMatchObject({ status: 'CONFIRMED', verified: 'false' });
  });
});

it('leave other pools alone', async () => {
  await set({ recovery: { codeLength: 12, revokeSessions: true } });
  const { UserPool } = await house.sdk.send(new CreateUserPoolCommand({ PoolName: 'other' }));
  expect(await house.operator(`pools/${UserPool?.Id}/settings`)).toMatchObject({
    recovery: { codeLength: 6, revokeSessions: false },
  });
});
