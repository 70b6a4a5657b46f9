import {
  AdminConfirmSignUpCommand,
  AdminDeleteUserAttributesCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  SignUpCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

const NO_SUCH_USER = 'UserNotFoundException: User does not exist.';

let house: House;
let pool: string;
let app: { ClientId: string };
let name: string;
let email: string;
let count = 0;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool({
    Schema: [
      { Name: 'email', Required: true },
      { Name: 'badge', AttributeDataType: 'String', Mutable: false },
    ],
  });
  app = await house.createClient(pool);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  count += 1;
  name = `user-${count}`;
  email = `${name}@example.com`;
});

const whose = (Username = name) => ({ UserPoolId: pool, Username });
const get = (Username = name) => house.sdk.send(new AdminGetUserCommand(whose(Username)));
const attributes = async (Username = name) =>
  Object.fromEntries((await get(Username)).UserAttributes?.map(({ Name, Value }) => [Name, Value]) ?? []);
const update = (values: Record<string, string>, Username = name) =>
  house.sdk.send(
    new AdminUpdateUserAttributesCommand({ ...whose(Username), UserAttributes: attributeList(values) }),
  );
const remove = (...UserAttributeNames: string[]) =>
  house.sdk.send(new AdminDeleteUserAttributesCommand({ ...whose(), UserAttributeNames }));
const signUp = () =>
  house.sdk.send(
    new SignUpCommand({
      ClientId: app.ClientId,
      Username: name,
      Password: PASSWORD,
      UserAttributes: attributeList({ email }),
    }),
  );

describe('AdminGetUser', () => {
  it('shows the user as they are', async () => {
    await house.createUser(pool, name);
    const { Username, Enabled, UserStatus, UserCreateDate, UserLastModifiedDate } = await get();
    expect({ Username, Enabled, UserStatus }).toEqual({
      Username: name,
      Enabled: true,
      UserStatus: 'CONFIRMED',
    });
    expect(Math.abs((UserCreateDate?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(UserLastModifiedDate?.getTime()).toBeGreaterThanOrEqual(UserCreateDate?.getTime() ?? Infinity);
    expect(await attributes()).toEqual({
      sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email,
      email_verified: 'true',
    });
  });

  it('finds the user by sub', async () => {
    await house.createUser(pool, name);
    const { sub } = await attributes();
    expect((await get(sub)).Username).toBe(name);
  });
});

describe('AdminUpdateUserAttributes', () => {
  beforeEach(() => house.createUser(pool, name));

  it('changes attributes, and may declare an address verified', async () => {
    await update({ email: `${name}@example.org`, email_verified: 'true', name: 'Ann' });
    expect(await attributes()).toMatchObject({
      email: `${name}@example.org`,
      email_verified: 'true',
      name: 'Ann',
    });
    expect(await house.messages(`${name}@example.org`, 0)).toEqual([]);
  });

  it('makes a changed address unverified otherwise, and sends it a code', async () => {
    const changed = `${name}@example.org`;
    await update({ email: changed });
    expect(await attributes()).toMatchObject({ email: changed, email_verified: 'false' });
    const { AccessToken } = await signIn(house, app.ClientId, name);
    const code = { AccessToken, AttributeName: 'email', Code: await house.code(changed) };
    await house.sdk.send(new VerifyUserAttributeCommand(code));
    expect(await attributes()).toMatchObject({ email_verified: 'true' });
  });

  it('may take the verified flag away, and recovery with it', async () => {
    await update({ email_verified: 'false' });
    const forgot = new ForgotPasswordCommand({ ClientId: app.ClientId, Username: name });
    expect(await refusal(house.sdk.send(forgot))).toMatch('no registered/verified email');
  });

  it('cannot change what is immutable, empty what is required, or touch the sub', async () => {
    expect(await refusal(update({ 'custom:badge': '7' }))).toMatch('cannot be updated');
    expect(await refusal(update({ email: '' }))).toMatch('email: The attribute is required');
    expect(await refusal(update({ sub: 'x' }))).toMatch(/^InvalidParameterException: /);
  });

  it('says so when the user does not exist', async () => {
    expect(await refusal(update({ name: 'x' }, 'nobody'))).toBe(NO_SUCH_USER);
  });

  it('makes the code of a sign-up worthless when the address changes before it is entered', async () => {
    name = `${name}-new`;
    email = `${name}@example.com`;
    await signUp();
    const ConfirmationCode = await house.code(email);
    await update({ email: `victim-${count}@example.com`, email_verified: 'false' });
    const confirm = { ClientId: app.ClientId, Username: name, ConfirmationCode };
    expect(await refusal(house.sdk.send(new ConfirmSignUpCommand(confirm)))).toMatch(
      /^ExpiredCodeException: /,
    );
    expect(await attributes()).toMatchObject({ email_verified: 'false' });
  });
});

describe('AdminDeleteUserAttributes', () => {
  it('removes what it names, and an address together with its verified flag', async () => {
    await house.createUser(pool, name);
    await update({ name: 'Ann', phone_number: '+15550100', phone_number_verified: 'true' });
    await remove('name', 'phone_number');
    expect(Object.keys(await attributes())).toEqual(['sub', 'email', 'email_verified']);
  });

  it('refuses what is required or not in the schema', async () => {
    await house.createUser(pool, name);
    expect(await refusal(remove('email'))).toMatch('email: The attribute is required');
    expect(await refusal(remove('custom:nothing'))).toMatch('does not exist in the schema');
    expect(await refusal(remove('sub'))).toMatch(/^InvalidParameterException: /);
  });
});

describe('AdminConfirmSignUp', () => {
  const confirm = (Username = name) => house.sdk.send(new AdminConfirmSignUpCommand(whose(Username)));

  it('confirms the account and proves no address', async () => {
    await signUp();
    await confirm();
    expect(await get()).toMatchObject({ UserStatus: 'CONFIRMED' });
    expect(await attributes()).not.toMatchObject({ email_verified: 'true' });
    expect((await signIn(house, app.ClientId, name)).AccessToken).toBeDefined();
  });

  it('makes the code of the sign-up worthless', async () => {
    await signUp();
    await confirm();
    const command = new ConfirmSignUpCommand({
      ClientId: app.ClientId,
      Username: name,
      ConfirmationCode: await house.code(email),
    });
    expect(await refusal(house.sdk.send(command))).toBe(
      'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
    );
  });

  it('is refused for who is confirmed, or does not exist', async () => {
    await house.createUser(pool, name);
    expect(await refusal(confirm())).toBe(
      'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
    );
    expect(await refusal(confirm('nobody'))).toBe(NO_SUCH_USER);
  });
});

describe('AdminDisableUser and AdminEnableUser', () => {
  it('shut the user out and let them in again', async () => {
    await house.createUser(pool, name);
    await house.sdk.send(new AdminDisableUserCommand(whose()));
    expect(await get()).toMatchObject({ Enabled: false, UserStatus: 'CONFIRMED' });
    expect(await refusal(signIn(house, app.ClientId, name))).toBe(
      'NotAuthorizedException: User is disabled.',
    );
    await house.sdk.send(new AdminDisableUserCommand(whose()));
    await house.sdk.send(new AdminEnableUserCommand(whose()));
    expect(await get()).toMatchObject({ Enabled: true });
    expect((await signIn(house, app.ClientId, name)).AccessToken).toBeDefined();
  });

  it('say so when the user does not exist', async () => {
    for (const Command of [AdminDisableUserCommand, AdminEnableUserCommand])
      expect(await refusal(house.sdk.send(new Command(whose('nobody'))))).toBe(NO_SUCH_USER);
  });
});

describe('AdminDeleteUser', () => {
  it('removes the user, their tokens and their names', async () => {
    await house.createUser(pool, name);
    const { AccessToken } = await signIn(house, app.ClientId, name);
    await house.sdk.send(new AdminDeleteUserCommand(whose()));
    expect(await refusal(get())).toBe(NO_SUCH_USER);
    expect(await refusal(house.sdk.send(new GetUserCommand({ AccessToken })))).toBe(NO_SUCH_USER);
    expect(await refusal(house.sdk.send(new AdminDeleteUserCommand(whose())))).toBe(NO_SUCH_USER);
    await house.createUser(pool, name);
    expect((await get()).UserStatus).toBe('CONFIRMED');
  });
});

it('no operation crosses into another pool', async () => {
  await house.createUser(pool, name);
  const there = { UserPoolId: await house.createPool(), Username: name };
  for (const answer of [
    house.sdk.send(new AdminGetUserCommand(there)),
    house.sdk.send(new AdminDeleteUserCommand(there)),
    house.sdk.send(new AdminDisableUserCommand(there)),
  ].map(refusal))
    expect(await answer).toBe(NO_SUCH_USER);
  expect((await get()).Enabled).toBe(true);
});
