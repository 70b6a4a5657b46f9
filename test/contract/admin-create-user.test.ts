import {
  AdminCreateUserCommand,
  type AdminCreateUserCommandInput,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

let house: House;
let pool: string;
let app: { ClientId: string };
let name: string;
let email: string;
let count = 0;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  app = await house.createClient(pool);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  count += 1;
  name = `user-${count}`;
  email = `${name}@example.com`;
});

const create = async (input: Partial<AdminCreateUserCommandInput> = {}) =>
  (await house.sdk.send(new AdminCreateUserCommand({ UserPoolId: pool, Username: name, ...input }))).User;
const attributesOf = async (UserPoolId: string, Username: string) => {
  const { UserAttributes } = await house.sdk.send(new AdminGetUserCommand({ UserPoolId, Username }));
  return Object.fromEntries((UserAttributes ?? []).map(({ Name, Value }) => [Name, Value]));
};
/** Nothing was sent to an address, as far as one that was sent after shows. */
async function nothingSent(address: string) {
  expect(await house.messages(address, 0)).toEqual([]);
}

describe('AdminCreateUser', () => {
  it('answers with a user who must change their password', async () => {
    const user = await create({
      UserAttributes: attributeList({ email, email_verified: 'true', name: 'Ann' }),
    });
    expect(user).toEqual({
      Username: name,
      Attributes: attributeList({
        sub: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        email,
        email_verified: 'true',
        name: 'Ann',
      }),
      UserCreateDate: expect.any(Date),
      UserLastModifiedDate: expect.any(Date),
      Enabled: true,
      UserStatus: 'FORCE_CHANGE_PASSWORD',
    });
  });

  it('needs neither an address nor a password', async () => {
    expect(await create()).toMatchObject({ Username: name, UserStatus: 'FORCE_CHANGE_PASSWORD' });
  });

  it('takes "True" for true', async () => {
    await create({ UserAttributes: attributeList({ email, email_verified: 'True' }) });
    expect(await attributesOf(pool, name)).toMatchObject({ email_verified: 'true' });
  });

  it('leaves out an attribute whose value is empty', async () => {
    await create({ UserAttributes: attributeList({ email, name: '' }) });
    expect(await attributesOf(pool, name)).not.toHaveProperty('name');
  });

  it('refuses a name that is taken', async () => {
    await create();
    expect(await refusal(create())).toBe('UsernameExistsException: User already exists');
  });

  it('has one winner among requests for one name', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => create()));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('holds the temporary password to the policy, in words of its own', async () => {
    for (const [password, reason] of [
      ['Ab1!', 'Password not long enough'],
      ['ABCDEFG1!', 'Password must have lowercase characters'],
      ['abcdefg1!', 'Password must have uppercase characters'],
      ['Abcdefgh!', 'Password must have numeric characters'],
      ['Abcdefg12', 'Password must have symbol characters'],
    ] as const)
      expect(await refusal(create({ TemporaryPassword: password }))).toBe(
        `InvalidPasswordException: Password did not conform with password policy: ${reason}`,
      );
  });

  it('refuses attributes that are not in the schema or do not fit it', async () => {
    expect(await refusal(create({ UserAttributes: attributeList({ 'custom:x': 'y' }) }))).toBe(
      'InvalidParameterException: Attributes did not conform to the schema: Type for attribute {custom:x} could not be determined',
    );
    expect(await refusal(create({ UserAttributes: attributeList({ email: 'nonsense' }) }))).toBe(
      'InvalidParameterException: Invalid email address format.',
    );
    expect(await refusal(create({ UserAttributes: attributeList({ email_verified: 'yes' }) }))).toMatch(
      /^InvalidParameterException: /,
    );
  });

  it('says so when the pool does not exist', async () => {
    expect(await refusal(create({ UserPoolId: 'us-east-1_nowhere00' }))).toBe(
      'ResourceNotFoundException: User pool us-east-1_nowhere00 does not exist.',
    );
  });
});

describe('the invitation', () => {
  it('goes by email where that is asked for, with the username and a temporary password that works', async () => {
    await create({ UserAttributes: attributeList({ email }), DesiredDeliveryMediums: ['EMAIL'] });
    const [message] = await house.messages(email);
    expect(message).toMatchObject({
      channel: 'EMAIL',
      subject: 'Your temporary password',
      triggerSource: 'CustomMessage_AdminCreateUser',
      username: name,
    });
    expect(message?.body).toContain(name);
    expect(message?.body.replaceAll('&amp;', '&')).toContain(message?.code);
    expect(await refusal(signIn(house, app.ClientId, name, message?.code))).toMatch('NEW_PASSWORD_REQUIRED');
  });

  it('tells the password that was given', async () => {
    await create({
      UserAttributes: attributeList({ email }),
      DesiredDeliveryMediums: ['EMAIL'],
      TemporaryPassword: PASSWORD,
    });
    expect(await house.code(email)).toBe(PASSWORD);
  });

  it('goes by SMS unless something else is asked for', async () => {
    const phone_number = `+1555${String(count).padStart(7, '0')}`;
    await create({ UserAttributes: attributeList({ email, phone_number }) });
    expect((await house.messages(phone_number))[0]).toMatchObject({ channel: 'SMS', username: name });
    await nothingSent(email);
  });

  it('goes by both', async () => {
    const phone_number = `+1556${String(count).padStart(7, '0')}`;
    await create({
      UserAttributes: attributeList({ email, phone_number }),
      DesiredDeliveryMediums: ['EMAIL', 'SMS'],
    });
    expect(await house.code(email)).toBe(await house.code(phone_number));
  });

  it('does not go when it is suppressed', async () => {
    await create({
      UserAttributes: attributeList({ email }),
      DesiredDeliveryMediums: ['EMAIL'],
      MessageAction: 'SUPPRESS',
    });
    await nothingSent(email);
  });

  it('leaves a user whom no password lets in until an administrator gives them one', async () => {
    await create({ MessageAction: 'SUPPRESS' });
    expect(await refusal(signIn(house, app.ClientId, name))).toMatch('Incorrect username or password.');
    await house.sdk.send(
      new AdminSetUserPasswordCommand({
        UserPoolId: pool,
        Username: name,
        Password: PASSWORD,
        Permanent: true,
      }),
    );
    expect((await signIn(house, app.ClientId, name)).AccessToken).toBeDefined();
  });

  it('does not go when the user could not be created', async () => {
    await create({ MessageAction: 'SUPPRESS' });
    await refusal(create({ UserAttributes: attributeList({ email }), DesiredDeliveryMediums: ['EMAIL'] }));
    await nothingSent(email);
  });

  it('is in the words of the pool', async () => {
    const UserPoolId = await house.createPool({
      AdminCreateUserConfig: {
        InviteMessageTemplate: {
          EmailSubject: 'Welcome',
          EmailMessage: 'Hello {username}, begin with {####}. Again: {####} for {username}.',
          SMSMessage: '{username}: {####}',
        },
      },
    });
    const phone_number = `+1557${String(count).padStart(7, '0')}`;
    await create({
      UserPoolId,
      TemporaryPassword: PASSWORD,
      UserAttributes: attributeList({ email, phone_number }),
      DesiredDeliveryMediums: ['EMAIL', 'SMS'],
    });
    expect((await house.messages(email))[0]).toMatchObject({
      subject: 'Welcome',
      body: `Hello ${name}, begin with ${PASSWORD}. Again: ${PASSWORD} for ${name}.`,
    });
    expect((await house.messages(phone_number))[0]?.body).toBe(`${name}: ${PASSWORD}`);
  });

  it('shows markup in a username as text, and takes no placeholder from it', async () => {
    const markup = `<img/src=x/onerror=alert(${count})>&"'`;
    await create({
      Username: markup,
      TemporaryPassword: PASSWORD,
      UserAttributes: attributeList({ email }),
      DesiredDeliveryMediums: ['EMAIL'],
    });
    const [message] = await house.messages(email);
    expect(message?.body).toContain(`&lt;img/src=x/onerror=alert(${count})&gt;&amp;&quot;&#39;`);
    expect(message?.body).not.toContain('<img');
    const tricky = `{####}-${count}`;
    email = `tricky-${email}`;
    await create({
      Username: tricky,
      TemporaryPassword: PASSWORD,
      UserAttributes: attributeList({ email }),
      DesiredDeliveryMediums: ['EMAIL'],
    });
    expect((await house.messages(email))[0]?.body.split(PASSWORD)).toHaveLength(2);
  });

  it('names the address in a pool of email addresses', async () => {
    const UserPoolId = await house.createPool({ UsernameAttributes: ['email'] });
    const user = await create({ UserPoolId, Username: email, DesiredDeliveryMediums: ['EMAIL'] });
    const sub = user?.Attributes?.find(({ Name }) => Name === 'sub')?.Value;
    expect(user?.Username).toBe(sub);
    expect((await house.messages(email))[0]?.body).toContain(email);
  });
});

describe('RESEND', () => {
  it('sends a new temporary password; the old one no longer works', async () => {
    await create({ UserAttributes: attributeList({ email }), DesiredDeliveryMediums: ['EMAIL'] });
    const first = await house.code(email);
    const user = await create({ MessageAction: 'RESEND', DesiredDeliveryMediums: ['EMAIL'] });
    expect(user).toMatchObject({ Username: name, UserStatus: 'FORCE_CHANGE_PASSWORD' });
    const second = await house.code(email);
    expect(second).not.toBe(first);
    expect(await refusal(signIn(house, app.ClientId, name, first))).toMatch(
      'Incorrect username or password.',
    );
    expect(await refusal(signIn(house, app.ClientId, name, second))).toMatch('NEW_PASSWORD_REQUIRED');
  });

  it('begins the time that a temporary password is good for anew', async () => {
    await using other = await openHouse();
    const UserPoolId = await other.createPool();
    const { ClientId } = await other.createClient(UserPoolId);
    const whose = { UserPoolId, Username: 'late', TemporaryPassword: PASSWORD };
    await other.sdk.send(new AdminCreateUserCommand(whose));
    await other.advance('P8D');
    expect(await refusal(signIn(other, ClientId, 'late'))).toMatch('Temporary password has expired');
    await other.sdk.send(new AdminCreateUserCommand({ ...whose, MessageAction: 'RESEND' }));
    expect(await refusal(signIn(other, ClientId, 'late'))).toMatch('NEW_PASSWORD_REQUIRED');
  });

  it('is refused for who does not exist or has chosen a password', async () => {
    expect(await refusal(create({ MessageAction: 'RESEND' }))).toBe(
      'UserNotFoundException: User does not exist.',
    );
    await house.createUser(pool, name);
    expect(await refusal(create({ MessageAction: 'RESEND' }))).toMatch(/^UnsupportedUserStateException: /);
  });
});

describe('aliases', () => {
  const verified = () => ({ UserAttributes: attributeList({ email, email_verified: 'true' }) });

  it('are taken from their holder by ForceAliasCreation alone, who keeps the address unverified', async () => {
    const UserPoolId = await house.createPool({ AliasAttributes: ['email'] });
    await create({ UserPoolId, Username: 'holder', ...verified() });
    expect(await refusal(create({ UserPoolId, Username: 'taker', ...verified() }))).toMatch(
      /^AliasExistsException: /,
    );
    await create({ UserPoolId, Username: 'taker', ...verified(), ForceAliasCreation: true });
    expect(await attributesOf(UserPoolId, 'holder')).toMatchObject({ email, email_verified: 'false' });
    const found = await house.sdk.send(new AdminGetUserCommand({ UserPoolId, Username: email }));
    expect(found.Username).toBe('taker');
  });

  it('that are not verified may be many', async () => {
    const UserPoolId = await house.createPool({ AliasAttributes: ['email'] });
    for (const Username of ['one', 'two'])
      await create({ UserPoolId, Username, UserAttributes: attributeList({ email }) });
  });

  it('are no usernames', async () => {
    const UserPoolId = await house.createPool({ AliasAttributes: ['email'] });
    expect(await refusal(create({ UserPoolId, Username: email }))).toBe(
      'InvalidParameterException: Username cannot be of email format, since user pool is configured for email alias.',
    );
  });
});
