import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  ForgotPasswordCommand,
  GetUserAttributeVerificationCodeCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type FunctionHouse, openFunctionHouse, type TriggerEvent } from '../support/functions.ts';
import { NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

const ForgotPassword = 'CustomMessage_ForgotPassword';
const UNRECOGNIZABLE = 'InvalidLambdaResponseException: Unrecognizable lambda output';
const violated = (member: string, constraint: string) =>
  `InvalidParameterException: 1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${constraint}`;
const CLASS = '[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s*]*';
const EMAIL_PATTERN = violated('emailBody', `satisfy regular expression pattern: ${CLASS}\\{####\\}${CLASS}`);

let house: FunctionHouse;
let pool: string;
let ClientId: string;
let calls: RecoveryCalls;
beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await house.createPool({
    AliasAttributes: ['email'],
    AutoVerifiedAttributes: ['email', 'phone_number'],
    LambdaConfig: house.functions.config('CustomMessage'),
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
  });
  const ExplicitAuthFlows = ['ALLOW_USER_AUTH' as const, 'ALLOW_USER_PASSWORD_AUTH' as const];
  ({ ClientId } = await house.createClient(pool, { ExplicitAuthFlows }));
  calls = recoveryCalls(house, { ClientId });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const addressOf = (name: string) => `${name}@example.com`;
/** Who signs in by codes: no password is hashed for them. */
async function newUser() {
  const name = newName();
  const UserAttributes = attributeList({ email: addressOf(name), email_verified: 'true' });
  await house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: pool,
      Username: name,
      UserAttributes,
      MessageAction: 'SUPPRESS',
    }),
  );
  return name;
}
const newUserWithPassword = async () => (await house.createUser(pool, newName())).username;
const signUp = (Username: string, more: object = {}, phone?: string) =>
  house.sdk.send(
    new SignUpCommand({
      ClientId,
      Username,
      Password: PASSWORD,
      UserAttributes: attributeList(phone ? { phone_number: phone } : { email: addressOf(Username) }),
      ...more,
    }),
  );
const get = (Username: string) => house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username }));
const invite = (Username: string, more: object = {}) =>
  house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: pool,
      Username,
      UserAttributes: attributeList({ email: addressOf(Username) }),
      TemporaryPassword: 'Passw0rd!temporary',
      DesiredDeliveryMediums: ['EMAIL'],
      ...more,
    }),
  );
const recentCalls = async () =>
  (await house.operator(`triggers?userPoolId=${pool}&limit=1`)) as {
    invocations: { outcome: string; reason: string | null }[];
  };
const messageTo = async (address: string) => (await house.messages(address))[0];

describe('what the function is told', () => {
  it('is the event that was logged of AWS, key by key', async () => {
    const name = await newUser();
    const sub = (await get(name)).UserAttributes?.find(({ Name }) => Name === 'sub')?.Value as string;
    await calls.forgot(addressOf(name));
    const event = house.functions.last(ForgotPassword);
    const expected = {
      version: '1',
      region: 'us-east-1',
      userPoolId: pool,
      userName: name,
      callerContext: { awsSdkVersion: expect.stringMatching(/^aws-sdk-js-3\./), clientId: ClientId },
      triggerSource: ForgotPassword,
      request: {
        userAttributes: {
          sub,
          'cognito:email_alias': addressOf(name),
          'cognito:user_status': 'CONFIRMED',
          email_verified: 'true',
          email: addressOf(name),
        },
        codeParameter: '{####}',
        linkParameter: '{##Click Here##}',
        usernameParameter: null,
      },
      response: { smsMessage: null, emailMessage: null, emailSubject: null },
    };
    expect(event).toEqual(expected);
    expect(Object.keys(event)).toEqual(Object.keys(expected));
    expect(Object.keys(event.request)).toEqual(Object.keys(expected.request));
  });

  const ClientMetadata = { from: 'a test' };
  interface Told {
    readonly clientId: () => string;
    readonly status: string;
    /** Of the operations whose ClientMetadata is for it [D]. */
    readonly metadata: boolean;
    readonly username?: string;
  }
  const byApp = { clientId: () => ClientId, status: 'CONFIRMED', metadata: true };
  const byAdmin = { ...byApp, clientId: () => 'CLIENT_ID_NOT_APPLICABLE' };
  async function newSignedIn() {
    const name = await newUserWithPassword();
    return { name, AccessToken: (await signIn(house, ClientId, name)).AccessToken };
  }
  it.each<[string, string, (name: string) => Promise<unknown>, Told]>([
    [
      'ForgotPassword',
      'ForgotPassword',
      (Username) => house.sdk.send(new ForgotPasswordCommand({ ClientId, Username, ClientMetadata })),
      byApp,
    ],
    [
      'AdminResetUserPassword',
      'ForgotPassword',
      (Username) =>
        house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool, Username, ClientMetadata })),
      byAdmin,
    ],
    ['SignUp', 'SignUp', () => signUp(newName(), { ClientMetadata }), { ...byApp, status: 'UNCONFIRMED' }],
    [
      'ResendConfirmationCode',
      'ResendCode',
      async () => {
        const Username = newName();
        await signUp(Username);
        await house.sdk.send(new ResendConfirmationCodeCommand({ ClientId, Username, ClientMetadata }));
      },
      { ...byApp, status: 'UNCONFIRMED' },
    ],
    [
      'AdminCreateUser',
      'AdminCreateUser',
      () => invite(newName(), { ClientMetadata }),
      { ...byAdmin, status: 'FORCE_CHANGE_PASSWORD', metadata: false, username: '{username}' },
    ],
    [
      'UpdateUserAttributes',
      'UpdateUserAttribute',
      async () => {
        const { name, AccessToken } = await newSignedIn();
        const UserAttributes = attributeList({ email: `new-${addressOf(name)}` });
        await house.sdk.send(
          new UpdateUserAttributesCommand({ AccessToken, UserAttributes, ClientMetadata }),
        );
      },
      byApp,
    ],
    [
      'AdminUpdateUserAttributes',
      'UpdateUserAttribute',
      (Username) =>
        house.sdk.send(
          new AdminUpdateUserAttributesCommand({
            UserPoolId: pool,
            Username,
            UserAttributes: attributeList({ email: `new-${addressOf(Username)}` }),
            ClientMetadata,
          }),
        ),
      byAdmin,
    ],
    [
      'GetUserAttributeVerificationCode',
      'VerifyUserAttribute',
      async () => {
        const { AccessToken } = await newSignedIn();
        await house.sdk.send(
          new GetUserAttributeVerificationCodeCommand({
            AccessToken,
            AttributeName: 'email',
            ClientMetadata,
          }),
        );
      },
      byApp,
    ],
    [
      'InitiateAuth',
      'Authentication',
      (USERNAME) =>
        house.sdk.send(
          new InitiateAuthCommand({
            ClientId,
            AuthFlow: 'USER_AUTH',
            AuthParameters: { USERNAME, PREFERRED_CHALLENGE: 'EMAIL_OTP' },
            ClientMetadata,
          }),
        ),
      { ...byApp, metadata: false },
    ],
  ])('of %s', async (_, source, call, told) => {
    await call(await newUser());
    const { request, callerContext } = house.functions.last(`CustomMessage_${source}`);
    expect(callerContext.clientId).toBe(told.clientId());
    expect(request.userAttributes['cognito:user_status']).toBe(told.status);
    expect(request.usernameParameter).toBe(told.username ?? null);
    expect(request.clientMetadata).toEqual(told.metadata ? ClientMetadata : undefined);
  });
});

describe('what the function answers', () => {
  const forgot = async (response: object | ((event: TriggerEvent) => object)) => {
    house.functions.answer(ForgotPassword, response);
    const name = await newUser();
    await calls.forgot(name);
    return messageTo(addressOf(name));
  };

  it('is the message: HTML as it stands, with the code in the body and not in the subject', async () => {
    const message = await forgot(({ request, userName }) => ({
      emailSubject: `Code ${request.codeParameter} for ${userName}`,
      emailMessage: `<a href="https://example.com/?a=1&code=${request.codeParameter}">${request.codeParameter}</a>`,
    }));
    expect(message?.subject).toBe(`Code {####} for ${message?.username}`);
    expect(message?.body).toBe(
      `<a href="https://example.com/?a=1&code=${message?.code}">${message?.code}</a>`,
    );
  });

  it.each<[string, object, { subject?: string; body?: string }]>([
    ['all that it leaves null', { smsMessage: null, emailMessage: null, emailSubject: null }, {}],
    ['all that it leaves out', {}, {}],
    ['a body alone', { emailMessage: 'Yours: {####}' }, { body: 'Yours: ' }],
    ['a subject alone', { emailSubject: 'Yours' }, { subject: 'Yours' }],
  ])('leaves the rest to the pool: %s', async (_, response, own) => {
    const message = await forgot(response);
    expect(message).toMatchObject({
      subject: own.subject ?? 'Your verification code',
      body: `${own.body ?? 'Your password reset code is '}${message?.code}`,
    });
  });

  it('says nothing of the channel that the message does not take', async () => {
    const message = await forgot({ smsMessage: 'x'.repeat(1000), emailMessage: 'Yours: {####}' });
    expect(message?.body).toBe(`Yours: ${message?.code}`);
  });

  it('is the message of an SMS, lines and all', async () => {
    house.functions.answer('CustomMessage_SignUp', {
      smsMessage: '{####} is your code.\n\n@example.com #{####}',
      emailMessage: 'no code',
      emailSubject: '',
    });
    await signUp(newName(), {}, '+12065550111');
    const message = await messageTo('+12065550111');
    expect(message?.body).toBe(`${message?.code} is your code.\n\n@example.com #${message?.code}`);
  });

  it('adds no header to a mail: line breaks in a subject are spaces', async () => {
    const message = await forgot({ emailSubject: 'Hello\r\nBcc: everybody@example.com\n' });
    expect(message?.subject).toBe('Hello Bcc: everybody@example.com ');
  });

  const LONG = 'x'.repeat(19_995);
  const SUBJECT = violated(
    'emailSubject',
    'satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s]+',
  );
  it.each([
    ['without the code', { emailMessage: 'secret words' }, EMAIL_PATTERN],
    ['with a character of no sight', { emailMessage: '{####}\u200b' }, EMAIL_PATTERN],
    ['with half a character', { emailMessage: '{####}\ud800' }, EMAIL_PATTERN],
    ['that is empty', { emailMessage: '' }, 'InvalidParameterException: The message is empty.'],
    [
      'of 20,001 characters',
      { emailMessage: `${LONG}{####}` },
      violated('emailBody', 'have length less than or equal to 20000'),
    ],
    ['with an empty subject', { emailSubject: '' }, SUBJECT],
    ['with a control character in its subject', { emailSubject: 'a\u0000b' }, SUBJECT],
    [
      'with a subject of 141 characters',
      { emailSubject: 'x'.repeat(141) },
      violated('emailSubject', 'have length less than or equal to 140'),
    ],
    ['that is a number', { emailMessage: 5 }, UNRECOGNIZABLE],
    ['that is a list', { emailMessage: ['{####}'] }, UNRECOGNIZABLE],
    ['whose subject is an object', { emailSubject: {} }, UNRECOGNIZABLE],
  ])('is refused: a message %s', async (_, response, expected) => {
    house.functions.answer(ForgotPassword, response);
    const name = await newUser();
    expect(await refusal(calls.forgot(name))).toBe(expected);
    expect(await house.messages(addressOf(name), 0)).toEqual([]);
  });

  it.each([
    [
      'without the code',
      { smsMessage: 'Hello' },
      violated('smsBody', 'satisfy regular expression pattern: .*\\{####\\}.*'),
    ],
    [
      'of 141 characters',
      { smsMessage: `{####}${'x'.repeat(135)}` },
      violated('smsBody', 'have length less than or equal to 140'),
    ],
    ['that is empty', { smsMessage: '' }, 'InvalidParameterException: The message is empty.'],
  ])('is refused: an SMS %s', async (_, response, expected) => {
    house.functions.answer('CustomMessage_SignUp', response);
    expect(await refusal(signUp(newName(), {}, '+12065550112'))).toBe(expected);
  });

  it('is told to operators without the words', async () => {
    house.functions.answer(ForgotPassword, { emailMessage: 'secret words' });
    await refusal(calls.forgot(await newUser()));
    const { invocations } = await recentCalls();
    expect(invocations[0]).toMatchObject({
      outcome: 'bad-answer',
      reason: expect.stringContaining("'emailBody'"),
    });
    expect(JSON.stringify(invocations)).not.toContain('secret words');
  });
});

describe('a function that fails', () => {
  const FAILED = 'UserLambdaValidationException: CustomMessage failed with error No.';
  const fail = (source: string) => house.functions.fail(`CustomMessage_${source}`, 'No');

  it('leaves no user of SignUp and AdminCreateUser behind', async () => {
    fail('SignUp');
    fail('AdminCreateUser');
    const name = newName();
    for (const creation of [signUp, invite]) {
      expect(await refusal(creation(name))).toBe(FAILED);
      expect(await refusal(get(name))).toBe('UserNotFoundException: User does not exist.');
      expect(await house.messages(addressOf(name), 0)).toEqual([]);
    }
    house.functions.reset();
    await signUp(name);
  });

  it('leaves the code before it good, and costs no attempt', async () => {
    const name = await newUserWithPassword();
    await calls.forgot(name);
    const code = await house.code(addressOf(name));
    fail('ForgotPassword');
    for (let attempt = 0; attempt < 6; attempt++) expect(await refusal(calls.forgot(name))).toBe(FAILED);
    await calls.confirm(name, code);
    await calls.signIn(name, NEW_PASSWORD);
  });

  it('leaves a user whom an administrator resets, and attributes, as they are', async () => {
    const name = await newUserWithPassword();
    fail('ForgotPassword');
    fail('UpdateUserAttribute');
    const command = new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: name });
    expect(await refusal(house.sdk.send(command))).toBe(FAILED);
    const { AccessToken } = await signIn(house, ClientId, name);
    const UserAttributes = attributeList({ email: 'other@example.com' });
    const update = new UpdateUserAttributesCommand({ AccessToken, UserAttributes });
    expect(await refusal(house.sdk.send(update))).toBe(FAILED);
    const { UserStatus, UserAttributes: kept } = await get(name);
    expect(UserStatus).toBe('CONFIRMED');
    expect(kept).toContainEqual({ Name: 'email', Value: addressOf(name) });
  });
});
