import {
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  type AttributeType,
  DeleteUserAttributesCommand,
  DeleteUserCommand,
  ForgotPasswordCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  UpdateUserAttributesCommand,
  UpdateUserPoolCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse, raw } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

const NOT_WRITABLE = 'NotAuthorizedException: A client attempted to write unauthorized attribute';
const NOT_MUTABLE = 'InvalidParameterException: Cannot modify the non-mutable attribute ';
const WRONG_CODE = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const LIMIT = 'LimitExceededException: Attempt limit exceeded, please try after some time.';

let house: House;
let pool: string;
let app: { ClientId: string };
let name: string;
let email: string;
let token: string;
let count = 0;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool({
    Schema: [
      { Name: 'nickname', Required: true },
      { Name: 'badge', AttributeDataType: 'String', Mutable: false },
      {
        Name: 'level',
        AttributeDataType: 'Number',
        Mutable: true,
        NumberAttributeConstraints: { MinValue: '1', MaxValue: '9' },
      },
    ],
  });
  app = await house.createClient(pool);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  count += 1;
  name = `user-${count}`;
  email = `${name}@example.com`;
  await house.createUser(pool, name, [
    { Name: 'email', Value: email },
    { Name: 'email_verified', Value: 'true' },
    { Name: 'nickname', Value: 'nick' },
    { Name: 'custom:badge', Value: '7' },
  ]);
  token = (await signIn(house, app.ClientId, name)).AccessToken;
});

const record = (list: AttributeType[] | undefined) =>
  Object.fromEntries((list ?? []).map(({ Name, Value }) => [Name, Value]));
const attributes = async (AccessToken = token) =>
  record((await house.sdk.send(new GetUserCommand({ AccessToken }))).UserAttributes);
const update = (values: Record<string, string>, AccessToken = token) =>
  house.sdk.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes: attributeList(values) }));
const remove = (...UserAttributeNames: string[]) =>
  house.sdk.send(new DeleteUserAttributesCommand({ AccessToken: token, UserAttributeNames }));
const askForCode = (AttributeName = 'email') =>
  house.sdk.send(new GetUserAttributeVerificationCodeCommand({ AccessToken: token, AttributeName }));
const verify = (Code: string, AttributeName = 'email') =>
  house.sdk.send(new VerifyUserAttributeCommand({ AccessToken: token, AttributeName, Code }));
const otherThan = (code: string) => (code === '000000' ? '000001' : '000000');

describe('GetUser', () => {
  it('tells the user who they are', async () => {
    const { Username, UserAttributes } = await house.sdk.send(new GetUserCommand({ AccessToken: token }));
    expect(Username).toBe(name);
    expect(UserAttributes?.[0]?.Name).toBe('sub');
    expect(record(UserAttributes)).toEqual({
      sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email,
      email_verified: 'true',
      nickname: 'nick',
      'custom:badge': '7',
    });
  });

  it('shows what the client may read', async () => {
    const { ClientId } = await house.createClient(pool, { ReadAttributes: ['nickname'] });
    const { AccessToken } = await signIn(house, ClientId, name);
    expect(Object.keys(await attributes(AccessToken))).toEqual(['sub', 'nickname']);
  });
});

describe('UpdateUserAttributes', () => {
  it('changes what it names and leaves the rest', async () => {
    await update({ nickname: 'nicky', given_name: 'Nick', 'custom:level': '3' });
    expect(await attributes()).toMatchObject({
      nickname: 'nicky',
      given_name: 'Nick',
      'custom:level': '3',
      email,
      email_verified: 'true',
    });
  });

  it('makes a changed email unverified and sends it a code', async () => {
    const changed = `${name}@example.org`;
    const { CodeDeliveryDetailsList } = await update({ email: changed });
    expect(CodeDeliveryDetailsList).toEqual([
      { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'u***@e***' },
    ]);
    expect(await attributes()).toMatchObject({ email: changed, email_verified: 'false' });
    await verify(await house.code(changed));
    expect(await attributes()).toMatchObject({ email: changed, email_verified: 'true' });
  });

  it('leaves the user without recovery until the new address is verified', async () => {
    const changed = `${name}@example.org`;
    await update({ email: changed });
    const forgot = () =>
      house.sdk.send(new ForgotPasswordCommand({ ClientId: app.ClientId, Username: name }));
    expect(await refusal(forgot())).toMatch('no registered/verified email or phone_number');
    await verify(await house.code(changed));
    expect((await forgot()).CodeDeliveryDetails?.DeliveryMedium).toBe('EMAIL');
  });

  it('leaves an address that stays the same verified, and sends no code', async () => {
    const { CodeDeliveryDetailsList } = await update({ email, given_name: 'Nick' });
    expect(CodeDeliveryDetailsList).toEqual([]);
    expect(await attributes()).toMatchObject({ email, email_verified: 'true' });
  });

  it('sends no code to an address that the pool does not verify itself', async () => {
    const { CodeDeliveryDetailsList } = await update({ phone_number: '+15550100' });
    expect(CodeDeliveryDetailsList).toEqual([]);
    expect(await attributes()).toMatchObject({ phone_number: '+15550100', phone_number_verified: 'false' });
  });

  it('removes an attribute whose value is empty', async () => {
    await update({ given_name: 'Nick' });
    await update({ given_name: '' });
    expect(await attributes()).not.toHaveProperty('given_name');
  });

  it('never lets a user declare an address verified', async () => {
    for (const flag of ['email_verified', 'phone_number_verified'])
      expect(await refusal(update({ [flag]: 'true' }))).toBe(NOT_MUTABLE + flag);
    expect(await refusal(update({ email: 'mallory@example.com', email_verified: 'true' }))).toBe(
      `${NOT_MUTABLE}email_verified`,
    );
    expect(await attributes()).toMatchObject({ email });
  });

  it.each([
    ['an attribute that cannot be changed', { 'custom:badge': '8' }, /cannot be updated/],
    ['a required attribute that is emptied', { nickname: '' }, /nickname: The attribute is required/],
    ['the sub', { sub: 'x' }, /sub/],
    ['an attribute that is not in the schema', { 'custom:nothing': 'x' }, /does not exist in the schema/],
    ['an attribute named like an inherited property', { constructor: 'x' }, /does not exist in the schema/],
    ['an email that is none', { email: 'not an address' }, /Invalid email address format\./],
    ['a phone number that is none', { phone_number: '555' }, /Invalid phone number format\./],
    ['a number that is none', { 'custom:level': 'high' }, /custom:level/],
    ['a number out of its bounds', { 'custom:level': '10' }, /no greater than 9/],
    ['a text of the wrong length', { birthdate: '1.1.70' }, /birthdate/],
  ])('refuses %s', async (_, values, text) => {
    const before = await attributes();
    const met = await refusal(update(values as Record<string, string>));
    expect(met).toMatch(/^InvalidParameterException: /);
    expect(met).toMatch(text);
    expect(await attributes()).toEqual(before);
  });

  it('changes all of it or nothing', async () => {
    expect(await refusal(update({ given_name: 'Nick', 'custom:badge': '8' }))).toMatch('cannot be updated');
    expect(await attributes()).not.toHaveProperty('given_name');
  });

  it('writes what the client may write', async () => {
    const { ClientId } = await house.createClient(pool, { WriteAttributes: ['nickname', 'given_name'] });
    const { AccessToken } = await signIn(house, ClientId, name);
    await update({ given_name: 'Nick' }, AccessToken);
    expect(await refusal(update({ family_name: 'Nobody' }, AccessToken))).toBe(NOT_WRITABLE);
    expect(await refusal(update({ email: 'x@example.com' }, AccessToken))).toBe(NOT_WRITABLE);
  });
});

describe('DeleteUserAttributes', () => {
  it('removes what it names, and an address together with its verified flag', async () => {
    await update({ given_name: 'Nick' });
    await remove('given_name', 'email');
    expect(Object.keys(await attributes())).toEqual(['sub', 'nickname', 'custom:badge']);
  });

  it('refuses what is required, cannot be changed, or is not the client’s to write', async () => {
    expect(await refusal(remove('nickname'))).toMatch('nickname: The attribute is required');
    expect(await refusal(remove('custom:badge'))).toMatch('cannot be updated');
    expect(await refusal(remove('sub'))).toMatch(/^InvalidParameterException: /);
    expect(await refusal(remove('email_verified'))).toBe(`${NOT_MUTABLE}email_verified`);
    expect(await refusal(remove('custom:nothing'))).toMatch('does not exist in the schema');
  });
});

describe('GetUserAttributeVerificationCode and VerifyUserAttribute', () => {
  beforeEach(() =>
    house.sdk.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: pool,
        Username: name,
        UserAttributes: [{ Name: 'email_verified', Value: 'false' }],
      }),
    ),
  );

  it('prove an address', async () => {
    expect((await askForCode()).CodeDeliveryDetails).toEqual({
      AttributeName: 'email',
      DeliveryMedium: 'EMAIL',
      Destination: 'u***@e***',
    });
    await verify(await house.code(email));
    expect(await attributes()).toMatchObject({ email_verified: 'true' });
  });

  it('prove a phone number', async () => {
    const number = `+1555${String(count).padStart(7, '0')}`;
    await update({ phone_number: number });
    const { CodeDeliveryDetails } = await askForCode('phone_number');
    expect(CodeDeliveryDetails).toEqual({
      AttributeName: 'phone_number',
      DeliveryMedium: 'SMS',
      Destination: `+*******${number.slice(-4)}`,
    });
    const code = await house.code(number);
    expect(await refusal(verify(code, 'email'))).toBe(EXPIRED);
    await verify(code, 'phone_number');
    expect(await attributes()).toMatchObject({ phone_number_verified: 'true' });
  });

  it('know wrong, used, replaced and expired codes', async () => {
    expect(await refusal(verify('123456'))).toBe(EXPIRED);
    await askForCode();
    const first = await house.code(email);
    expect(await refusal(verify(otherThan(first)))).toBe(WRONG_CODE);
    await askForCode();
    const second = await house.code(email);
    if (first !== second) expect(await refusal(verify(first))).toBe(WRONG_CODE);
    await verify(second);
    expect(await refusal(verify(second))).toBe(EXPIRED);
  });

  it('let a code live for a day', async () => {
    await using other = await openHouse();
    const poolId = await other.createPool();
    const { ClientId } = await other.createClient(poolId, { AccessTokenValidity: 24 });
    const unverified = [{ Name: 'email', Value: 'a@example.com' }];
    await other.createUser(poolId, 'a', unverified);
    const { AccessToken } = await signIn(other, ClientId, 'a');
    const ask = { AccessToken, AttributeName: 'email' };
    await other.sdk.send(new GetUserAttributeVerificationCodeCommand(ask));
    const Code = await other.code('a@example.com');
    await other.advance('PT23H59M');
    const wrong = { ...ask, Code: otherThan(Code) };
    expect(await refusal(other.sdk.send(new VerifyUserAttributeCommand(wrong)))).toBe(WRONG_CODE);
    await other.advance('PT1M');
    const late = { ...ask, AccessToken: (await signIn(other, ClientId, 'a')).AccessToken, Code };
    expect(await refusal(other.sdk.send(new VerifyUserAttributeCommand(late)))).toBe(EXPIRED);
  });

  it('allow 5 codes and 15 tries an hour', async () => {
    for (let asked = 0; asked < 5; asked += 1) await askForCode();
    expect(await refusal(askForCode())).toBe(LIMIT);
    const code = await house.code(email);
    for (let tried = 0; tried < 15; tried += 1)
      expect(await refusal(verify(otherThan(code)))).toBe(WRONG_CODE);
    expect(await refusal(verify(code))).toBe(LIMIT);
  });

  it('prove the address that the code went to, and no other', async () => {
    // A pool that sends no code of its own when the address changes.
    const poolId = await house.createPool({ AutoVerifiedAttributes: undefined });
    const { ClientId } = await house.createClient(poolId);
    await house.createUser(poolId, 'mallory', [{ Name: 'email', Value: 'mallory@example.com' }]);
    token = (await signIn(house, ClientId, 'mallory')).AccessToken;
    await askForCode();
    const code = await house.code('mallory@example.com');
    await update({ email: 'victim@example.com' });
    expect(await refusal(verify(code))).toBe(EXPIRED);
    expect(await attributes()).toMatchObject({ email: 'victim@example.com', email_verified: 'false' });
  });

  it('refuse attributes that are no address, or that the user does not have', async () => {
    for (const attribute of ['nickname', 'phone_number', 'sub', 'nothing'])
      expect(await refusal(askForCode(attribute))).toMatch(/^InvalidParameterException: /);
    expect(await refusal(verify('123456', 'nickname'))).toMatch(/^InvalidParameterException: /);
  });
});

describe('aliases', () => {
  let poolId: string;
  let ClientId: string;
  const user = async (username: string, address: string, verified: string) => {
    await house.createUser(poolId, username, attributeList({ email: address, email_verified: verified }));
    return (await signIn(house, ClientId, username)).AccessToken;
  };
  beforeAll(async () => {
    poolId = await house.createPool({ AliasAttributes: ['email', 'preferred_username'] });
    ClientId = (await house.createClient(poolId)).ClientId;
  });

  it('move with the address, once it is verified', async () => {
    token = await user('moving', 'old@example.com', 'true');
    await update({ email: 'new@example.com' });
    for (const address of ['old@example.com', 'new@example.com'])
      expect(await refusal(signIn(house, ClientId, address))).toMatch('UserNotFoundException');
    await verify(await house.code('new@example.com'));
    expect(await refusal(signIn(house, ClientId, 'old@example.com'))).toMatch('UserNotFoundException');
    expect((await signIn(house, ClientId, 'new@example.com')).AccessToken).toBeDefined();
  });

  it('cannot be taken from who has verified them', async () => {
    await user('owner', 'owned@example.com', 'true');
    token = await user('taker', 'taker@example.com', 'true');
    await update({ email: 'owned@example.com' });
    const code = await house.code('owned@example.com');
    expect(await refusal(verify(code))).toBe(
      'AliasExistsException: An account with the email already exists.',
    );
    expect(await attributes()).toMatchObject({ email_verified: 'false' });
    await signIn(house, ClientId, 'owned@example.com');
  });

  it('by preferred_username follow it at once, and are one user’s', async () => {
    token = await user('prefers', 'prefers@example.com', 'true');
    await update({ preferred_username: 'pref' });
    await signIn(house, ClientId, 'pref');
    await update({ preferred_username: 'preferred' });
    expect(await refusal(signIn(house, ClientId, 'pref'))).toMatch('UserNotFoundException');
    token = await user('second', 'second@example.com', 'true');
    for (const taken of ['preferred', 'prefers'])
      expect(await refusal(update({ preferred_username: taken }))).toMatch(/^AliasExistsException: /);
  });
});

describe('a pool whose usernames are email addresses', () => {
  it('gives the user the new address as a name, and its old one up', async () => {
    const poolId = await house.createPool({ UsernameAttributes: ['email'] });
    const { ClientId } = await house.createClient(poolId);
    for (const address of ['first@example.com', 'taken@example.com'])
      await house.createUser(poolId, address, attributeList({ email: address, email_verified: 'true' }));
    token = (await signIn(house, ClientId, 'first@example.com')).AccessToken;
    expect(await refusal(update({ email: 'taken@example.com' }))).toMatch(/^AliasExistsException: /);
    await update({ email: 'second@example.com' });
    expect(await refusal(signIn(house, ClientId, 'first@example.com'))).toMatch('UserNotFoundException');
    expect((await signIn(house, ClientId, 'second@example.com')).AccessToken).toBeDefined();
  });
});

describe('DeleteUser', () => {
  it('removes the user and all they had', async () => {
    await house.sdk.send(new DeleteUserCommand({ AccessToken: token }));
    const get = new AdminGetUserCommand({ UserPoolId: pool, Username: name });
    expect(await refusal(house.sdk.send(get))).toBe('UserNotFoundException: User does not exist.');
    await house.createUser(pool, name, attributeList({ nickname: 'again' }));
    expect((await signIn(house, app.ClientId, name)).AccessToken).toBeDefined();
  });
});

it('an access token may come from a browser, unsigned', async () => {
  const { status, json } = await raw(house.url, 'GetUser', { AccessToken: token });
  expect(status).toBe(200);
  expect(json.Username).toBe(name);
});

it('a pool that begins to verify addresses sends codes from then on', async () => {
  const poolId = await house.createPool({ AutoVerifiedAttributes: undefined });
  const { ClientId } = await house.createClient(poolId);
  await house.createUser(poolId, 'early', []);
  const { AccessToken } = await signIn(house, ClientId, 'early');
  expect((await update({ email: 'early@example.com' }, AccessToken)).CodeDeliveryDetailsList).toEqual([]);
  await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: poolId, AutoVerifiedAttributes: ['email'] }));
  const { CodeDeliveryDetailsList } = await update({ email: 'early@example.org' }, AccessToken);
  expect(CodeDeliveryDetailsList).toHaveLength(1);
});
