import {
  AdminDeleteUserAttributesCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  ConfirmSignUpCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const UNKNOWN = 'UserNotFoundException: Username/client id combination not found.';
const TAKEN = 'UsernameExistsException: User already exists';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** A pool with one app client, and what its users do. */
async function open(options: Parameters<House['createPool']>[0]) {
  const pool = await house.createPool(options);
  const { ClientId } = await house.createClient(pool);
  const calls: RecoveryCalls = recoveryCalls(house, { ClientId });
  return {
    ...calls,
    pool,
    signUp: (Username: string, attributes: Record<string, string> = {}) =>
      house.sdk.send(
        new SignUpCommand({
          ClientId,
          Username,
          Password: PASSWORD,
          UserAttributes: attributeList(attributes),
        }),
      ),
    confirmSignUp: async (Username: string, address: string, ForceAliasCreation?: boolean) =>
      house.sdk.send(
        new ConfirmSignUpCommand({
          ClientId,
          Username,
          ConfirmationCode: await house.code(address),
          ForceAliasCreation,
        }),
      ),
    async user(Username: string) {
      const user = await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username }));
      const attributes = Object.fromEntries(user.UserAttributes?.map((a) => [a.Name, a.Value]) ?? []);
      return { username: user.Username, status: user.UserStatus, attributes };
    },
  };
}

describe('a pool with AliasAttributes', () => {
  let shop: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    shop = await open({ AliasAttributes: ['email', 'phone_number', 'preferred_username'] });
  });

  it('knows an email only once it is verified [D]', async () => {
    const name = newName();
    await shop.signUp(name, { email: `${name}@example.com` });
    expect(await refusal(shop.forgot(`${name}@example.com`))).toBe(UNKNOWN);
    await shop.confirmSignUp(name, `${name}@example.com`);
    await shop.signIn(`${name}@example.com`);
    await shop.forgot(`${name}@example.com`);
    await shop.confirm(`${name}@example.com`, await house.code(`${name}@example.com`));
    await shop.signIn(name, NEW_PASSWORD);
  });

  it('knows a preferred_username once the user is confirmed [D]', async () => {
    const name = newName();
    await shop.signUp(name, { email: `${name}@example.com`, preferred_username: `the-${name}` });
    expect(await refusal(shop.signIn(`the-${name}`))).not.toMatch(/^UserNotConfirmed/);
    await shop.confirmSignUp(name, `${name}@example.com`);
    await shop.signIn(`the-${name}`);
  });

  it('knows it as well when it is a recovery that confirms the user', async () => {
    const name = newName();
    await shop.signUp(name, { preferred_username: `the-${name}` });
    const verified = [
      { Name: 'email', Value: `${name}@example.com` },
      { Name: 'email_verified', Value: 'true' },
    ];
    const named = { UserPoolId: shop.pool, Username: name };
    await house.sdk.send(new AdminUpdateUserAttributesCommand({ ...named, UserAttributes: verified }));
    await shop.forgot(name);
    await shop.confirm(name, await house.code(`${name}@example.com`));
    await shop.signIn(`the-${name}`, NEW_PASSWORD);
  });

  it('keeps the first owner of an address unless ForceAliasCreation moves it [D]', async () => {
    const [first, second] = [newName(), newName()];
    const email = `shared-${first}@example.com`;
    await shop.signUp(first, { email });
    await shop.confirmSignUp(first, email);
    await shop.signUp(second, { email });
    expect(await refusal(shop.confirmSignUp(second, email))).toBe(
      'AliasExistsException: An account with the email already exists.',
    );
    expect((await shop.user(email)).username).toBe(first);
    // The refused code still works: only the owner of the address has it.
    await shop.confirmSignUp(second, email, true);
    expect((await shop.user(email)).username).toBe(second);
    expect((await shop.user(first)).attributes).toMatchObject({ email, email_verified: 'false' });
    expect(await refusal(shop.forgot(first))).toMatch(/no registered\/verified email/);
    await shop.signIn(first);
  });

  it.each([
    [
      'email',
      'somebody@example.com',
      'Username cannot be of email format, since user pool is configured for email alias.',
      'Q',
    ],
    [
      'phone number',
      '+12065550001',
      'Username cannot be of phone number format, since user pool is configured for phone number alias.',
      'I',
    ],
  ])('refuses a username in the form of an %s: %s', async (_, name, text) => {
    expect(await refusal(shop.signUp(name))).toBe(`InvalidParameterException: ${text}`);
  });
});

describe('a pool with UsernameAttributes', () => {
  let mail: Awaited<ReturnType<typeof open>>;
  let either: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    mail = await open({ UsernameAttributes: ['email'] });
    either = await open({ UsernameAttributes: ['email', 'phone_number'] });
  });

  it('gives a username that is the sub, and the address as attribute [D, V]', async () => {
    const { UserSub } = await mail.signUp('one@example.com');
    expect(await mail.user('one@example.com')).toMatchObject({
      username: UserSub,
      attributes: { sub: UserSub, email: 'one@example.com' },
    });
  });

  it('lets the address in before it is verified [D], to sign in and to recover once it is', async () => {
    const name = 'two@example.com';
    await mail.signUp(name);
    expect(await refusal(mail.signIn(name))).toBe('UserNotConfirmedException: User is not confirmed.');
    await mail.confirmSignUp(name, name);
    await mail.signIn(name);
    await mail.forgot(name);
    await mail.confirm(name, await house.code(name));
    await mail.signIn(name, NEW_PASSWORD);
  });

  it('has each address once, from sign-up on [D, C]', async () => {
    await mail.signUp('three@example.com');
    expect(await refusal(mail.signUp('three@example.com'))).toBe(TAKEN);
  });

  it('names the attribute when it is another than the typed one that is taken [Q]', async () => {
    await either.signUp('four@example.com');
    expect(await refusal(either.signUp('four@example.com'))).toBe(TAKEN);
    expect(await refusal(either.signUp('+12065550004', { email: 'four@example.com' }))).toBe(
      'UsernameExistsException: An account with the given email already exists.',
    );
  });

  it('refuses a name of another form [E]', async () => {
    const text = 'InvalidParameterException: Username should be';
    expect(await refusal(mail.signUp('alice'))).toBe(`${text} an email.`);
    expect(await refusal(mail.signUp('+12065550001'))).toBe(`${text} an email.`);
    expect(await refusal(either.signUp('alice'))).toBe(`${text} either an email or a phone number.`);
  });

  it('does not let an attribute contradict the name', async () => {
    expect(await refusal(mail.signUp('five@example.com', { email: 'other@example.com' }))).toMatch(
      /^InvalidParameterException: The attribute email must be/,
    );
    await mail.signUp('five@example.com', { email: '' });
    expect((await mail.user('five@example.com')).attributes).toHaveProperty('email', 'five@example.com');
  });

  it('leaves a user with at least one address to sign in by', async () => {
    await house.createUser(mail.pool, 'last-address@example.com', []);
    const remove = new AdminDeleteUserAttributesCommand({
      UserPoolId: mail.pool,
      Username: 'last-address@example.com',
      UserAttributeNames: ['email'],
    });
    expect(await refusal(house.sdk.send(remove))).toMatch(/needs .*email.* to sign in/);
  });

  it('frees the address with its user', async () => {
    await mail.signUp('six@example.com');
    const command = new AdminDeleteUserCommand({ UserPoolId: mail.pool, Username: 'six@example.com' });
    await house.sdk.send(command);
    expect(await refusal(mail.forgot('six@example.com'))).toBe(UNKNOWN);
    await mail.signUp('six@example.com');
  });
});

describe('the case of names', () => {
  it('matters by default [D]', async () => {
    const strict = await open({});
    await strict.signUp('Alice');
    await strict.signUp('alice');
    expect(await refusal(strict.forgot('ALICE'))).toBe(UNKNOWN);
  });

  it('does not matter with CaseSensitive false, for usernames [D]', async () => {
    const folding = await open({ UsernameConfiguration: { CaseSensitive: false } });
    await folding.signUp('Alice', { email: 'Alice@Example.com' });
    expect(await refusal(folding.signUp('aLICE'))).toBe(TAKEN);
    expect((await folding.user('ALICE')).attributes).toHaveProperty('email', 'Alice@Example.com');
    await folding.confirmSignUp('ALICE', 'Alice@Example.com');
    await folding.signIn('aliCE');
  });

  it('does not matter with CaseSensitive false, for email aliases and email usernames [D]', async () => {
    const aliases = await open({
      AliasAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
    });
    await aliases.signUp('bob', { email: 'Bob@Example.com' });
    await aliases.confirmSignUp('bob', 'Bob@Example.com');
    await aliases.signIn('bOB@eXAMPLE.com');

    const emails = await open({
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
    });
    await emails.signUp('Carol@Example.com');
    expect(await refusal(emails.signUp('carol@example.com'))).toBe(TAKEN);
    await emails.confirmSignUp('CAROL@example.com', 'Carol@Example.com');
    await emails.forgot('carol@EXAMPLE.com');
    await emails.confirm('carol@example.com', await house.code('Carol@Example.com'));
    await emails.signIn('Carol@Example.com', NEW_PASSWORD);
  });
});
