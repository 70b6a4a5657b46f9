import {
  AdminCreateUserCommand,
  AdminUpdateUserAttributesCommand,
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, account } from '../support/account-calls.ts';
import { attributeList } from '../support/attributes.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, refresh, signIn } from '../support/sign-in.ts';

// ReadAttributes and WriteAttributes of an app client: what a user may do through it.

const NOT_WRITABLE = 'NotAuthorizedException: A client attempted to write unauthorized attribute';
const notMutable = (name: string) =>
  `InvalidParameterException: Cannot modify the non-mutable attribute ${name}`;

let house: House;
let pool: string;
let count = 0;
let name: string;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool({
    Schema: [
      { Name: 'nickname', Required: true, Mutable: true },
      { Name: 'role', AttributeDataType: 'String', Mutable: true },
      { Name: 'team', AttributeDataType: 'String', Mutable: true },
      { Name: 'badge', AttributeDataType: 'String', Mutable: false },
    ],
  });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  count += 1;
  name = `user-${count}`;
  await house.createUser(
    pool,
    name,
    attributeList({
      nickname: 'nick',
      'custom:role': 'guest',
      'custom:team': 'a',
      email: `${name}@example.com`,
      email_verified: 'true',
      phone_number: '+15550100',
    }),
  );
});

const client = async (input: Partial<CreateUserPoolClientCommandInput> = {}) =>
  (await house.createClient(pool, input)).ClientId;
const as = async (input: Partial<CreateUserPoolClientCommandInput>): Promise<Account> =>
  account(house, await client(input), name);
const FACTS = [
  'sub',
  'aud',
  'iss',
  'cognito:username',
  'token_use',
  'auth_time',
  'iat',
  'exp',
  'jti',
  'origin_jti',
];
const attributeClaims = (claims: object) => Object.keys(claims).filter((claim) => !FACTS.includes(claim));

describe('ReadAttributes', () => {
  const readable = ['nickname', 'custom:team', 'email_verified'];

  it('bound what GetUser and the ID token show, also after a refresh', async () => {
    const ClientId = await client({ ReadAttributes: readable });
    const reader = await account(house, ClientId, name);
    expect(Object.keys(await reader.attributes()).sort()).toEqual(['sub', ...readable].sort());
    expect(attributeClaims(reader.claims).sort()).toEqual([...readable].sort());
    const { RefreshToken } = await signIn(house, ClientId, name);
    const { IdToken } = await refresh(house, ClientId, RefreshToken);
    expect(attributeClaims(claimsOf(IdToken)).sort()).toEqual([...readable].sort());
  });

  it('are all when none are named', async () => {
    const reader = await as({});
    const all = ['nickname', 'custom:role', 'custom:team', 'email', 'email_verified', 'phone_number'];
    expect(Object.keys(await reader.attributes())).toEqual(expect.arrayContaining(['sub', ...all]));
    expect(attributeClaims(reader.claims)).toEqual(expect.arrayContaining(all));
  });

  it('do not bound what may be written, nor the other way round', async () => {
    const writer = await as({ ReadAttributes: ['email'], WriteAttributes: ['nickname', 'custom:team'] });
    await writer.update({ 'custom:team': 'b' });
    expect(Object.keys(await writer.attributes())).toEqual(['sub', 'email']);
    expect(await (await as({})).attributes()).toMatchObject({ 'custom:team': 'b' });
    expect(await refusal(writer.update({ email: 'x@example.com' }))).toBe(NOT_WRITABLE);
  });
});

describe('WriteAttributes', () => {
  const WriteAttributes = ['nickname', 'custom:team', 'given_name', 'custom:badge'];

  it('bound UpdateUserAttributes: all of a request, or none of it', async () => {
    const writer = await as({ WriteAttributes });
    await writer.update({ 'custom:team': 'b', given_name: 'Ann' });
    const before = await writer.attributes();
    for (const values of [
      { 'custom:role': 'admin' },
      { given_name: 'Bea', 'custom:role': 'admin' },
      { email: 'x@example.com' },
      { 'custom:role': '' },
    ])
      expect(await refusal(writer.update(values as Record<string, string>))).toBe(NOT_WRITABLE);
    expect(await writer.attributes()).toEqual(before);
  });

  it('bound DeleteUserAttributes', async () => {
    const writer = await as({ WriteAttributes });
    expect(await refusal(writer.remove('custom:role'))).toBe(NOT_WRITABLE);
    expect(await refusal(writer.remove('custom:team', 'email'))).toBe(NOT_WRITABLE);
    await writer.remove('custom:team');
    expect(await writer.attributes()).toMatchObject({ 'custom:role': 'guest', email: `${name}@example.com` });
    expect(await writer.attributes()).not.toHaveProperty('custom:team');
  });

  it('bound SignUp, where an attribute that the pool does not have is one that is not granted [Q]', async () => {
    const ClientId = await client({ WriteAttributes });
    const signUp = (Username: string, values: Record<string, string>) =>
      house.sdk.send(
        new SignUpCommand({
          ClientId,
          Username,
          Password: PASSWORD,
          UserAttributes: attributeList({ nickname: 'nick', ...values }),
        }),
      );
    for (const values of [{ 'custom:role': 'admin' }, { email: 'x@example.com' }, { phonenumber: '+1' }])
      expect(await refusal(signUp(`new-${count}`, values as Record<string, string>))).toBe(NOT_WRITABLE);
    await signUp(`new-${count}`, { 'custom:team': 'a', 'custom:badge': '7' });
  });

  it('bound the answer to NEW_PASSWORD_REQUIRED', async () => {
    const ClientId = await client({ WriteAttributes });
    const Username = `invited-${count}`;
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username,
        TemporaryPassword: PASSWORD,
        MessageAction: 'SUPPRESS',
      }),
    );
    const { Session } = await house.sdk.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: Username, PASSWORD },
      }),
    );
    const answer = (given: Record<string, string>) =>
      house.sdk.send(
        new RespondToAuthChallengeCommand({
          ClientId,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session,
          ChallengeResponses: {
            USERNAME: Username,
            NEW_PASSWORD,
            'userAttributes.nickname': 'nick',
            ...given,
          },
        }),
      );
    expect(await refusal(answer({ 'userAttributes.custom:role': 'admin' }))).toBe(NOT_WRITABLE);
    expect(await refusal(answer({ 'userAttributes.email': 'x@example.com' }))).toBe(NOT_WRITABLE);
    expect(await refusal(answer({ 'userAttributes.email_verified': 'true' }))).toBe(
      notMutable('email_verified'),
    );
    const { AuthenticationResult } = await answer({ 'userAttributes.custom:team': 'b' });
    expect(claimsOf(AuthenticationResult?.IdToken ?? '')).toMatchObject({ 'custom:team': 'b' });
  });

  it('do not bound administrators', async () => {
    await client({ WriteAttributes });
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: pool,
        Username: name,
        UserAttributes: attributeList({ 'custom:role': 'admin', phone_number_verified: 'true' }),
      }),
    );
    expect(await (await as({})).attributes()).toMatchObject({
      'custom:role': 'admin',
      phone_number_verified: 'true',
    });
  });

  it('are all when none are named, but the sub and what says that an address is verified', async () => {
    const writer = await as({});
    await writer.update({ 'custom:role': 'editor', email: `${name}@example.org` });
    for (const flag of ['email_verified', 'phone_number_verified', 'sub']) {
      for (const call of [() => writer.update({ [flag]: 'true' }), () => writer.remove(flag)])
        expect(await refusal(call())).toBe(notMutable(flag));
    }
    expect(await writer.attributes()).toMatchObject({ 'custom:role': 'editor', email_verified: 'false' });
    const signUp = new SignUpCommand({
      ClientId: await client(),
      Username: `new-${count}`,
      Password: PASSWORD,
      UserAttributes: attributeList({ nickname: 'n', email: 'a@example.com', email_verified: 'true' }),
    });
    expect(await refusal(house.sdk.send(signUp))).toBe(NOT_WRITABLE);
  });

  it('count when they are looked up: who signed in before has no more rights than the client has now', async () => {
    const ClientId = await client();
    const writer = await account(house, ClientId, name);
    await house.sdk.send(new UpdateUserPoolClientCommand({ UserPoolId: pool, ClientId, WriteAttributes }));
    expect(await refusal(writer.update({ 'custom:role': 'admin' }))).toBe(NOT_WRITABLE);
  });
});

describe('an app client', () => {
  const invalid = (right: string, doing: string) =>
    `InvalidParameterException: Invalid ${right} attributes specified while ${doing} a client`;

  it.each([
    ['read what the pool does not have', 'read', { ReadAttributes: ['email', 'custom:no'] }],
    ['write what the pool does not have', 'write', { WriteAttributes: ['nickname', 'custom:no'] }],
    ['write the sub', 'write', { WriteAttributes: ['nickname', 'sub'] }],
    ['say that an email is verified', 'write', { WriteAttributes: ['nickname', 'email_verified'] }],
    ['say that a phone is verified', 'write', { WriteAttributes: ['nickname', 'phone_number_verified'] }],
    ['write, but not what is required', 'write', { WriteAttributes: ['email'] }],
  ])('is not given the right to %s [Q]', async (_, right, rights) => {
    const creation = new CreateUserPoolClientCommand({ UserPoolId: pool, ClientName: 'app', ...rights });
    expect(await refusal(house.sdk.send(creation))).toBe(invalid(right, 'creating'));
    const update = new UpdateUserPoolClientCommand({ UserPoolId: pool, ClientId: await client(), ...rights });
    expect(await refusal(house.sdk.send(update))).toBe(invalid(right, 'updating'));
  });

  it('may read the sub and what says that an address is verified, and write what is immutable', async () => {
    await client({
      ReadAttributes: ['sub', 'email_verified'],
      WriteAttributes: ['nickname', 'custom:badge'],
    });
  });
});
