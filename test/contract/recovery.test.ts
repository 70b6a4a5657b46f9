import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  type AttributeType,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD, raw } from '../support/house.ts';
import {
  newName,
  type RecoveryCalls,
  recoveryCalls,
  secretHash,
  wrongCode,
} from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';
const WRONG_STATE = 'NotAuthorizedException: User password cannot be reset in the current state.';
const UNKNOWN = 'UserNotFoundException: Username/client id combination not found.';
const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';

const email = (address: string, verified = true): AttributeType[] => [
  { Name: 'email', Value: address },
  { Name: 'email_verified', Value: String(verified) },
];

let house: House;
let pool: string;
let client: { ClientId: string };
let legacy: RecoveryCalls;
let hiding: RecoveryCalls;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  client = await house.createClient(pool);
  legacy = recoveryCalls(house, client);
  hiding = recoveryCalls(house, await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' }));
});
afterAll(() => house[Symbol.asyncDispose]());

const statusOf = async (name: string) =>
  (await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username: name }))).UserStatus;
const disable = (name: string) =>
  house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: name }));
const isQuiet = async (to: string) => expect(await house.messages(to, 0)).toEqual([]);

describe('a forgotten password', () => {
  it('becomes a new one: request, code by email, confirm, sign in', async () => {
    const name = newName();
    const to = `${name}@example.com`;
    await house.createUser(pool, name);

    const { CodeDeliveryDetails } = await legacy.forgot(name);
    expect(CodeDeliveryDetails).toEqual({
      Destination: 'u***@e***',
      DeliveryMedium: 'EMAIL',
      AttributeName: 'email',
    });
    const [message, ...more] = await house.messages(to);
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      userPoolId: pool,
      username: name,
      channel: 'EMAIL',
      to,
      subject: 'Your verification code',
      triggerSource: 'CustomMessage_ForgotPassword',
    });
    expect(message?.code).toMatch(/^\d{6}$/);
    expect(message?.body).toBe(`Your password reset code is ${message?.code}`);

    expect(await statusOf(name)).toBe('CONFIRMED');
    await legacy.signIn(name, PASSWORD);
    const { $metadata, ...answer } = await legacy.confirm(name, message?.code as string);
    expect(answer).toEqual({});
    expect(await statusOf(name)).toBe('CONFIRMED');
    await legacy.signIn(name, NEW_PASSWORD);
    expect(await refusal(legacy.signIn(name, PASSWORD))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
  });

  it('answers exactly these bytes [Q]', async () => {
    const name = newName();
    await house.createUser(pool, name, email('user@yopmail.com'));
    const forgot = await raw(house.url, 'ForgotPassword', { ...client, Username: name });
    expect(forgot.status).toBe(200);
    expect(forgot.text).toBe(
      '{"CodeDeliveryDetails":{"AttributeName":"email","DeliveryMedium":"EMAIL","Destination":"u***@y***"}}',
    );
    const confirm = { ...client, Username: name, Password: NEW_PASSWORD };
    const ConfirmationCode = await house.code('user@yopmail.com');
    const confirmed = await raw(house.url, 'ConfirmForgotPassword', { ...confirm, ConfirmationCode });
    expect({ status: confirmed.status, text: confirmed.text }).toEqual({ status: 200, text: '{}' });
  });

  it('may be asked for by sub', async () => {
    const name = newName();
    await house.createUser(pool, name);
    const { UserAttributes } = await house.sdk.send(
      new AdminGetUserCommand({ UserPoolId: pool, Username: name }),
    );
    const sub = UserAttributes?.find((attribute) => attribute.Name === 'sub')?.Value as string;
    await legacy.forgot(sub);
    await legacy.confirm(sub, await house.code(`${name}@example.com`));
    await legacy.signIn(name, NEW_PASSWORD);
  });

  it("cannot be reached through a username that is somebody else's sub", async () => {
    const [victim, thief] = [newName(), newName()];
    await house.createUser(pool, victim);
    const user = await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username: victim }));
    const sub = user.UserAttributes?.find((attribute) => attribute.Name === 'sub')?.Value as string;
    const given = [{ Name: 'email', Value: `${thief}@example.com` }];
    await house.sdk.send(
      new SignUpCommand({ ...client, Username: sub, Password: PASSWORD, UserAttributes: given }),
    );
    await house.sdk.send(
      new AdminSetUserPasswordCommand({
        UserPoolId: pool,
        Username: victim,
        Password: NEW_PASSWORD,
        Permanent: true,
      }),
    );
    await legacy.signIn(victim, NEW_PASSWORD);
    await legacy.forgot(sub);
    expect((await house.messages(`${victim}@example.com`))[0]?.triggerSource).toBe(
      'CustomMessage_ForgotPassword',
    );
  });
});

describe('an app client', () => {
  it('that does not exist is named [Q]', async () => {
    const nobody = recoveryCalls(house, { ClientId: 'nobody123' });
    const text = 'ResourceNotFoundException: User pool client nobody123 does not exist.';
    expect(await refusal(nobody.forgot('alice'))).toBe(text);
    expect(await refusal(nobody.confirm('alice', '123456'))).toBe(text);
  });

  describe('with a secret', () => {
    let aliases: string;
    let secretClient: { ClientId: string; ClientSecret?: string };
    let calls: RecoveryCalls;
    beforeAll(async () => {
      aliases = await house.createPool({ AliasAttributes: ['email'] });
      secretClient = await house.createClient(aliases, { GenerateSecret: true });
      calls = recoveryCalls(house, secretClient);
      await house.createUser(aliases, 'sam');
    });

    it.each([
      ['missing [Q for siblings]', () => undefined],
      ['wrong [Q]', () => 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='],
      ['of another user [I]', () => secretHash(secretClient, 'somebody')],
      ['not even a hash', () => 'x'],
    ])('refuses a SecretHash that is %s, known user or not', async (_, hash) => {
      const text = `NotAuthorizedException: Unable to verify secret hash for client ${secretClient.ClientId}`;
      expect(await refusal(calls.forgot('sam', hash()))).toBe(text);
      expect(await refusal(calls.forgot('nobody', hash()))).toBe(text);
      expect(await refusal(calls.confirm('sam', '123456', NEW_PASSWORD, hash()))).toBe(text);
    });

    it.each([
      ['the username [D]', '', ''],
      ['the alias that was typed [Q, V]', '@example.com', '@example.com'],
      ['the username behind the alias that was typed [I]', '@example.com', ''],
    ])('takes a SecretHash over %s', async (_, typedAs, hashedAs) => {
      const { username } = await house.createUser(aliases, newName());
      const typed = username + typedAs;
      const hash = secretHash(secretClient, username + hashedAs);
      await calls.forgot(typed, hash);
      expect(await refusal(calls.confirm(typed, '000', NEW_PASSWORD, hash))).toBe(MISMATCH);
    });

    it('tells an unknown user from a known one only to who has the secret', async () => {
      expect(await refusal(calls.forgot('nobody', secretHash(secretClient, 'nobody')))).toBe(UNKNOWN);
    });
  });
});

describe('an unknown user', () => {
  it('is told so where the client is LEGACY [C]', async () => {
    expect(await refusal(legacy.forgot('fixture@example.com'))).toBe(UNKNOWN);
    expect(await refusal(legacy.confirm('fixture@example.com', '123456'))).toBe(UNKNOWN);
  });

  it.each([
    ['an email address', 'nobody@example.com', { AttributeName: 'email', Destination: 'n***@e***' }],
    ['a phone number', '+12065550123', { AttributeName: 'phone_number', Destination: '+*******0123' }],
    [
      'a plain name',
      'nobody',
      { AttributeName: 'email', Destination: expect.stringMatching(/^\w\*{3}@\w\*{3}$/) },
    ],
  ])(
    'typed as %s gets a simulated answer, the same each time, where it is ENABLED [D]',
    async (_, name, shown) => {
      const { CodeDeliveryDetails: first } = await hiding.forgot(name);
      expect(first).toEqual({
        ...shown,
        DeliveryMedium: shown.AttributeName === 'email' ? 'EMAIL' : 'SMS',
      });
      expect((await hiding.forgot(name)).CodeDeliveryDetails).toEqual(first);
      await isQuiet(name);
    },
  );

  it('gets the same simulated answer in whatever case, where names have none', async () => {
    const folding = await house.createPool({ UsernameConfiguration: { CaseSensitive: false } });
    const calls = recoveryCalls(
      house,
      await house.createClient(folding, { PreventUserExistenceErrors: 'ENABLED' }),
    );
    for (const [one, other] of [
      ['nobody', 'NoBody'],
      ['nobody@example.com', 'NoBody@Example.com'],
    ] as const) {
      expect((await calls.forgot(one)).CodeDeliveryDetails).toEqual(
        (await calls.forgot(other)).CodeDeliveryDetails,
      );
    }
  });

  it('enters codes like a known one whose code is wrong, where the client is ENABLED [D]', async () => {
    const [known, unknown] = [newName(), 'stranger'];
    await house.createUser(pool, known);
    for (const name of [known, unknown]) {
      expect(await refusal(hiding.confirm(name, '123456'))).toBe(EXPIRED);
      await hiding.forgot(name);
    }
    const wrong = wrongCode(await house.code(`${known}@example.com`));
    for (const name of [known, unknown]) expect(await refusal(hiding.confirm(name, wrong))).toBe(MISMATCH);
    await house.advance('PT1H1S');
    for (const name of [known, unknown]) expect(await refusal(hiding.confirm(name, wrong))).toBe(EXPIRED);
  });
});

describe('the state of a user', () => {
  const simulated = { DeliveryMedium: 'EMAIL', Destination: expect.stringMatching(/^\w\*{3}@\w\*{3}$/) };

  it('FORCE_CHANGE_PASSWORD cannot recover, even with a verified email [Q x5]', async () => {
    const name = newName();
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: name,
        MessageAction: 'SUPPRESS',
        UserAttributes: email(`${name}@example.com`),
      }),
    );
    expect(await refusal(legacy.forgot(name))).toBe(WRONG_STATE);
    expect(await refusal(hiding.forgot(name))).toBe(WRONG_STATE);
  });

  it('UNCONFIRMED, with nothing verified, cannot recover [Q]', async () => {
    const name = newName();
    await house.sdk.send(
      new SignUpCommand({
        ...client,
        Username: name,
        Password: PASSWORD,
        UserAttributes: [{ Name: 'email', Value: `${name}@example.com` }],
      }),
    );
    expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
    expect((await hiding.forgot(name)).CodeDeliveryDetails).toMatchObject(simulated);
    expect(await house.messages(`${name}@example.com`, 0)).toHaveLength(1);
  });

  it('UNCONFIRMED, with an email that an administrator verified, recovers and is confirmed by it (undetermined on AWS)', async () => {
    const name = newName();
    await house.sdk.send(new SignUpCommand({ ...client, Username: name, Password: PASSWORD }));
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: pool,
        Username: name,
        UserAttributes: email(`${name}@example.com`),
      }),
    );
    await legacy.forgot(name);
    await legacy.confirm(name, await house.code(`${name}@example.com`));
    expect(await statusOf(name)).toBe('CONFIRMED');
  });

  it('disabled is told so where the client is LEGACY [Q], and simulated where it is ENABLED [D]', async () => {
    const name = newName();
    await house.createUser(pool, name);
    await legacy.forgot(name);
    const code = await house.code(`${name}@example.com`);
    await disable(name);
    expect(await refusal(legacy.forgot(name))).toBe('NotAuthorizedException: User is disabled.');
    expect(await refusal(legacy.confirm(name, code))).toBe('NotAuthorizedException: User is disabled.');
    expect((await hiding.forgot(name)).CodeDeliveryDetails).toMatchObject(simulated);
    expect(await refusal(hiding.confirm(name, '000'))).toBe(MISMATCH);
    expect(await house.messages(`${name}@example.com`, 0)).toHaveLength(1);
  });

  it('disabled, with the right code, does not get a new password [D]', async () => {
    const name = newName();
    await house.createUser(pool, name);
    await hiding.forgot(name);
    await disable(name);
    expect(await refusal(hiding.confirm(name, await house.code(`${name}@example.com`)))).toBe(MISMATCH);
  });

  it.each([
    ['an unverified email', () => email('unproven@example.com', false)],
    ['no address at all', () => []],
    ['a verified flag without an address', () => [{ Name: 'email_verified', Value: 'true' }]],
  ])('CONFIRMED with %s: refused where LEGACY [Q], simulated where ENABLED [D]', async (_, attributes) => {
    const name = newName();
    await house.createUser(pool, name, attributes());
    expect(await refusal(legacy.forgot(name))).toBe(NO_ADDRESS);
    expect((await hiding.forgot(name)).CodeDeliveryDetails).toMatchObject(simulated);
    await isQuiet('unproven@example.com');
  });
});
