import { readFileSync } from 'node:fs';
import {
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  ConfirmSignUpCommand,
  ResendConfirmationCodeCommand,
  type SchemaAttributeType,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { newName, recoveryCalls, secretHash, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const UNKNOWN = 'UserNotFoundException: Username/client id combination not found.';

let house: House;
let pool: string;
let ClientId: string;
let HidingId: string;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  ({ ClientId } = await house.createClient(pool));
  HidingId = (await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' })).ClientId;
});
afterAll(() => house[Symbol.asyncDispose]());

function signUp(Username: string, attributes: Record<string, string> = {}, client: object = { ClientId }) {
  const UserAttributes = attributeList(attributes);
  return house.sdk.send(
    new SignUpCommand({ ClientId, ...client, Username, Password: PASSWORD, UserAttributes }),
  );
}
const confirm = (Username: string, ConfirmationCode: string, more: object = {}) =>
  house.sdk.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode, ...more }));
const resend = (Username: string, more: object = {}) =>
  house.sdk.send(new ResendConfirmationCodeCommand({ ClientId, Username, ...more }));

async function userOf(Username: string, UserPoolId = pool) {
  const user = await house.sdk.send(new AdminGetUserCommand({ UserPoolId, Username }));
  const attributes = Object.fromEntries(user.UserAttributes?.map(({ Name, Value }) => [Name, Value]) ?? []);
  return { username: user.Username, status: user.UserStatus, attributes };
}

describe('the answers that were recorded from AWS [C]', () => {
  const recorded = (file: string) => {
    const url = new URL(`../support/aws-recorded/${file}.json`, import.meta.url);
    return JSON.parse(readFileSync(url, 'utf8'));
  };
  /** The recorded request, sent to this pool. */
  const withOwnClient = <Input extends object>(request: Input) => ({ ...request, ClientId });
  const named = ({ error }: { error: Error }) => `${error.name}: ${error.message}`;

  it('of a sign-up and all that follows', async () => {
    const first = recorded('sign-up.happy');
    const { $metadata, ...answer } = await house.sdk.send(new SignUpCommand(withOwnClient(first.request)));
    const { $metadata: theirs, ...expected } = first.response;
    expect(answer).toEqual({ ...expected, UserSub: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect($metadata.httpStatusCode).toBe(theirs.httpStatusCode);

    const again = recorded('sign-up.error.username-exists');
    expect(await refusal(house.sdk.send(new SignUpCommand(withOwnClient(again.request))))).toBe(named(again));

    const wrong = recorded('confirm-sign-up.error.code-mismatch');
    const ConfirmationCode = wrongCode(await house.code(wrong.request.Username));
    const guess = { ...withOwnClient(wrong.request), ConfirmationCode };
    expect(await refusal(house.sdk.send(new ConfirmSignUpCommand(guess)))).toBe(named(wrong));

    // Two resends about a second apart both succeeded.
    for (const file of ['resend-confirmation.happy', 'resend-confirmation.error.rate-limit']) {
      const { request, response } = recorded(file);
      const { CodeDeliveryDetails } = await house.sdk.send(
        new ResendConfirmationCodeCommand(withOwnClient(request)),
      );
      expect(CodeDeliveryDetails).toEqual(response.CodeDeliveryDetails);
    }
  });
});

describe('SignUp', () => {
  it('makes an UNCONFIRMED user who can sign in once confirmed', async () => {
    const name = newName();
    const calls = recoveryCalls(house, { ClientId });
    const { UserSub } = await signUp(name, { email: `${name}@example.com`, given_name: 'Given' });
    expect(await userOf(name)).toEqual({
      username: name,
      status: 'UNCONFIRMED',
      attributes: { sub: UserSub, email: `${name}@example.com`, given_name: 'Given' },
    });
    expect(await refusal(calls.signIn(name))).toBe('UserNotConfirmedException: User is not confirmed.');

    const [message] = await house.messages(`${name}@example.com`);
    expect(message).toMatchObject({ triggerSource: 'CustomMessage_SignUp', channel: 'EMAIL' });
    const answer = await confirm(name, message?.code as string);
    expect(Object.keys(answer)).toEqual(['$metadata']);
    expect(await userOf(name)).toMatchObject({
      status: 'CONFIRMED',
      attributes: { email_verified: 'true' },
    });
    await calls.signIn(name);
  });

  it.each<[string, ('email' | 'phone_number')[], Record<string, string>, string | undefined]>([
    [
      'the phone before the email [D]',
      ['email', 'phone_number'],
      { email: 'x@example.com', phone_number: '+12065550001' },
      'phone_number',
    ],
    ['the email where no phone is given [D]', ['email', 'phone_number'], { email: 'x@example.com' }, 'email'],
    ['nothing where the attribute is not given [V]', ['email'], { phone_number: '+12065550001' }, undefined],
    ['nothing where the pool verifies nothing [V]', [], { email: 'x@example.com' }, undefined],
  ])('verifies %s', async (_, AutoVerifiedAttributes, attributes, expected) => {
    const verifying = await house.createPool({ AutoVerifiedAttributes });
    const answer = await signUp('alice', attributes, await house.createClient(verifying));
    expect(answer.CodeDeliveryDetails?.AttributeName).toBe(expected);
    expect('CodeDeliveryDetails' in answer).toBe(expected !== undefined);
  });

  it.each([
    ['Passw0!', 'Password not long enough'],
    ['passw0rd!', 'Password must have uppercase characters'],
    ['PASSW0RD!', 'Password must have lowercase characters'],
    ['Password!', 'Password must have numeric characters'],
    ['Passw0rdd', 'Password must have symbol characters'],
  ])('refuses the password %s: %s [Q]', async (Password, reason) => {
    expect(await refusal(house.sdk.send(new SignUpCommand({ ClientId, Username: 'weak', Password })))).toBe(
      `InvalidPasswordException: Password did not conform with policy: ${reason}`,
    );
  });

  it('is closed where only administrators create users', async () => {
    const closed = await house.createPool({ AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
    expect(await refusal(signUp('alice', {}, await house.createClient(closed)))).toBe(
      'NotAuthorizedException: SignUp is not permitted for this user pool',
    );
  });

  it('with a secret needs its hash over the name', async () => {
    const client = await house.createClient(pool, { GenerateSecret: true });
    const name = newName();
    const text = `NotAuthorizedException: Unable to verify secret hash for client ${client.ClientId}`;
    expect(await refusal(signUp(name, {}, client))).toBe(text);
    expect(await refusal(signUp(name, {}, { ...client, SecretHash: 'AAAA' }))).toBe(text);
    await signUp(name, { email: `${name}@example.com` }, { ...client, SecretHash: secretHash(client, name) });
    expect(await refusal(confirm(name, '123456', client))).toBe(text);
    expect(await refusal(resend(name, client))).toBe(text);
    await resend(name, { ...client, SecretHash: secretHash(client, name) });
  });

  it('tells of a taken name even where the client hides users: who signs up must know', async () => {
    const name = newName();
    await signUp(name);
    expect(await refusal(signUp(name, {}, { ClientId: HidingId }))).toBe(
      'UsernameExistsException: User already exists',
    );
  });

  it('takes an empty attribute as none', async () => {
    const name = newName();
    const { CodeDeliveryDetails } = await signUp(name, { email: '', nickname: '' });
    expect(CodeDeliveryDetails).toBeUndefined();
    expect(Object.keys((await userOf(name)).attributes)).toEqual(['sub']);
  });
});

describe('the attributes of a sign-up', () => {
  const Schema: SchemaAttributeType[] = [
    { Name: 'preferred_username', Required: true, Mutable: true },
    {
      Name: 'tier',
      AttributeDataType: 'String',
      StringAttributeConstraints: { MinLength: '2', MaxLength: '4' },
    },
    {
      Name: 'age',
      AttributeDataType: 'Number',
      NumberAttributeConstraints: { MinValue: '18', MaxValue: '150' },
    },
    { Name: 'member', AttributeDataType: 'Boolean' },
    { Name: 'since', AttributeDataType: 'DateTime' },
  ];
  const SCHEMA = 'InvalidParameterException: Attributes did not conform to the schema: ';
  const fine = { preferred_username: 'al' };
  let client: { ClientId: string };
  let limited: { ClientId: string };
  beforeAll(async () => {
    const strict = await house.createPool({ Schema });
    client = await house.createClient(strict);
    limited = await house.createClient(strict, { WriteAttributes: ['preferred_username', 'custom:tier'] });
  });

  it.each([
    ['a required one is missing [Q]', {}, `${SCHEMA}preferred_username: The attribute is required\n`],
    [
      'one is not in the schema',
      { ...fine, 'custom:no': 'x' },
      `${SCHEMA}Type for attribute {custom:no} could not be determined`,
    ],
    ['a custom one has no prefix', { ...fine, tier: 'gold' }, /^InvalidParameterException/],
    ['a text is too short', { ...fine, 'custom:tier': 'x' }, /custom:tier/],
    ['a text is too long', { ...fine, 'custom:tier': 'xxxxx' }, /custom:tier/],
    ['a number is no number', { ...fine, 'custom:age': 'old' }, /custom:age/],
    ['a number is too small', { ...fine, 'custom:age': '17' }, /custom:age/],
    ['a number is too large', { ...fine, 'custom:age': '151' }, /custom:age/],
    ['a boolean is neither', { ...fine, 'custom:member': 'perhaps' }, /custom:member/],
    ['a time is none', { ...fine, 'custom:since': 'yesterday' }, /custom:since/],
    [
      'the email is none',
      { ...fine, email: 'nobody' },
      /^InvalidParameterException: Invalid email address format\./,
    ],
    [
      'the phone number is none',
      { ...fine, phone_number: '0123' },
      /^InvalidParameterException: Invalid phone number format\./,
    ],
    ['sub is chosen', { ...fine, sub: 'me' }, /^InvalidParameterException.*sub/],
    [
      'an address claims to be verified',
      { ...fine, email: 'a@b.c', email_verified: 'true' },
      /^NotAuthorizedException/,
    ],
  ])('are refused when %s', async (_, attributes, expected) => {
    const text = await refusal(signUp(newName(), attributes as Record<string, string>, client));
    if (typeof expected === 'string') expect(text).toBe(expected);
    else expect(text).toMatch(expected);
  });

  it('are taken within the limits of the schema', async () => {
    const custom = { 'custom:tier': 'gold', 'custom:age': '18', 'custom:member': 'true' };
    await signUp(newName(), { ...fine, ...custom, 'custom:since': '2026-01-31T00:00:00Z' }, client);
  });

  it('are those that the client may write [D]', async () => {
    await signUp(newName(), { ...fine, 'custom:tier': 'gold' }, limited);
    expect(await refusal(signUp(newName(), { ...fine, 'custom:age': '20' }, limited))).toBe(
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
    );
  });
});

describe('ConfirmSignUp', () => {
  it('of an unknown user says so where LEGACY [Q], and is expired like any other where ENABLED', async () => {
    expect(await refusal(confirm('nobody', '123456'))).toBe(UNKNOWN);
    expect(await refusal(confirm('nobody', '123456', { ClientId: HidingId }))).toBe(EXPIRED);
  });

  it('of a confirmed user says so [Q]', async () => {
    const name = newName();
    await house.createUser(pool, name);
    expect(await refusal(confirm(name, '123456'))).toBe(
      'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
    );
    expect(await refusal(confirm(name, '123456', { ClientId: HidingId }))).toBe(EXPIRED);
  });

  it('takes a code for a day [D], and once', async () => {
    const name = newName();
    await signUp(name, { email: `${name}@example.com` });
    const code = await house.code(`${name}@example.com`);
    await house.advance('PT23H59M');
    expect(await refusal(confirm(name, wrongCode(code)))).toBe(MISMATCH);
    await house.advance('PT2M');
    expect(await refusal(confirm(name, code))).toBe(EXPIRED);
    await resend(name);
    await confirm(name, await house.code(`${name}@example.com`));
  });

  it('is possible 15 times an hour [D]', async () => {
    const name = newName();
    await signUp(name, { email: `${name}@example.com` });
    const code = await house.code(`${name}@example.com`);
    for (let guess = 0; guess < 15; guess++) expect(await refusal(confirm(name, 'x'))).toBe(MISMATCH);
    expect(await refusal(confirm(name, code))).toBe(LIMITED);
    await house.advance('PT1H1S');
    await confirm(name, code);
  });

  it('by an administrator verifies nothing and ends the code', async () => {
    const name = newName();
    await signUp(name, { email: `${name}@example.com` });
    await house.sdk.send(new AdminConfirmSignUpCommand({ UserPoolId: pool, Username: name }));
    expect(await userOf(name)).toMatchObject({ status: 'CONFIRMED' });
    expect((await userOf(name)).attributes).not.toHaveProperty('email_verified', 'true');
  });

  it('does not confirm somebody else who is waiting for a first password', async () => {
    const name = newName();
    await house.sdk.send(
      new AdminCreateUserCommand({ UserPoolId: pool, Username: name, TemporaryPassword: NEW_PASSWORD }),
    );
    expect(await refusal(confirm(name, '123456'))).toBe(
      'NotAuthorizedException: User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD',
    );
  });
});

describe('ResendConfirmationCode', () => {
  it('sends a new code; the one before no longer works', async () => {
    const name = newName();
    await signUp(name, { email: `${name}@example.com` });
    const first = await house.code(`${name}@example.com`);
    await resend(name);
    const [message] = await house.messages(`${name}@example.com`);
    expect(message?.triggerSource).toBe('CustomMessage_ResendCode');
    if (message?.code !== first) expect(await refusal(confirm(name, first))).toBe(MISMATCH);
    await confirm(name, message?.code as string);
  });

  it('of a confirmed user says so where LEGACY [Q], and seems to send where ENABLED [Q]', async () => {
    const name = newName();
    await house.createUser(pool, name);
    expect(await refusal(resend(name))).toBe('InvalidParameterException: User is already confirmed.');
    expect(await resend(name, { ClientId: HidingId })).toHaveProperty('CodeDeliveryDetails');
    expect(await house.messages(`${name}@example.com`, 0)).toEqual([]);
  });

  it('of an unknown user says so where LEGACY [Q], and seems to send where ENABLED [D]', async () => {
    expect(await refusal(resend('nobody'))).toBe(UNKNOWN);
    const answer = await resend('nobody@example.com', { ClientId: HidingId });
    expect(answer.CodeDeliveryDetails).toEqual({
      AttributeName: 'email',
      DeliveryMedium: 'EMAIL',
      Destination: 'n***@e***',
    });
  });

  it('simulates what the pool verifies: an email, even for a phone number, where it verifies emails alone', async () => {
    const { CodeDeliveryDetails } = await resend('+12065550001', { ClientId: HidingId });
    expect(CodeDeliveryDetails?.DeliveryMedium).toBe('EMAIL');
  });

  it('of a disabled user says so where LEGACY, and sends nothing where ENABLED [D]', async () => {
    const name = newName();
    await signUp(name, { email: `${name}@example.com` });
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: name }));
    expect(await refusal(resend(name))).toBe('NotAuthorizedException: User is disabled.');
    expect(await resend(name, { ClientId: HidingId })).toHaveProperty('CodeDeliveryDetails');
    expect(await house.messages(`${name}@example.com`, 0)).toHaveLength(1);
  });

  it('is refused in a pool that verifies nothing [Q]', async () => {
    const client = await house.createClient(await house.createPool({ AutoVerifiedAttributes: [] }));
    await signUp('alice', { email: 'alice@example.com' }, client);
    expect(await refusal(resend('alice', client))).toBe(
      'NotAuthorizedException: Cannot resend codes. Auto verification not turned on.',
    );
  });

  it('is possible five times an hour [D]', async () => {
    const name = newName();
    await signUp(name, { email: `${name}@example.com` });
    for (let request = 0; request < 5; request++) await resend(name);
    expect(await refusal(resend(name))).toBe(LIMITED);
    await house.advance('PT1H1S');
    await resend(name);
  });
});
