import {
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminRespondToAuthChallengeCommand,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const SignUp = 'PostConfirmation_ConfirmSignUp';
const ForgotPassword = 'PostConfirmation_ConfirmForgotPassword';
const FAILED = 'UserLambdaValidationException: PostConfirmation failed with error No.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';

let house: FunctionHouse;
let pool: string;
let ClientId: string;
let calls: RecoveryCalls;
beforeAll(async () => {
  house = await openFunctionHouse();
  const LambdaConfig = house.functions.config('PostConfirmation', 'CustomMessage');
  pool = await house.createPool({ LambdaConfig });
  ({ ClientId } = await house.createClient(pool));
  calls = recoveryCalls(house, { ClientId });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const addressOf = (name: string) => `${name}@example.com`;
async function signedUp() {
  const name = newName();
  const UserAttributes = attributeList({ email: addressOf(name) });
  const command = new SignUpCommand({ ClientId, Username: name, Password: PASSWORD, UserAttributes });
  const { UserSub: sub } = await house.sdk.send(command);
  return { name, sub, code: await house.code(addressOf(name)) };
}
async function forgetful() {
  const name = newName();
  await house.createUser(pool, name);
  await calls.forgot(name);
  return { name, code: await house.code(addressOf(name)) };
}
const confirm = (Username: string, ConfirmationCode: string, more: object = {}) =>
  house.sdk.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode, ...more }));
const statusOf = async (Username: string) =>
  (await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username }))).UserStatus;
const oneOf = async (attempts: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(attempts)).filter(({ status }) => status === 'fulfilled').length;

describe('ConfirmSignUp', () => {
  it('tells the function of the user, as confirmed by now [C]', async () => {
    const { name, sub, code } = await signedUp();
    await confirm(name, code);
    const event = house.functions.last(SignUp);
    const expected = {
      version: '1',
      region: 'us-east-1',
      userPoolId: pool,
      userName: name,
      callerContext: { awsSdkVersion: expect.stringMatching(/^aws-sdk-js-3\./), clientId: ClientId },
      triggerSource: SignUp,
      request: {
        userAttributes: {
          sub,
          'cognito:user_status': 'CONFIRMED',
          email: addressOf(name),
          email_verified: 'true',
        },
      },
      response: {},
    };
    expect(event).toEqual(expected);
    expect(Object.keys(event)).toEqual(Object.keys(expected));
  });

  it('hands ClientMetadata on', async () => {
    const { name, code } = await signedUp();
    await confirm(name, code, { ClientMetadata: { step: 'last' } });
    expect(house.functions.last(SignUp).request.clientMetadata).toEqual({ step: 'last' });
  });

  it('says nothing of wrong codes', async () => {
    const { name, code } = await signedUp();
    await refusal(confirm(name, wrongCode(code)));
    expect(house.functions.events(SignUp)).toEqual([]);
  });

  it('by many at once is told once', async () => {
    const { name, code } = await signedUp();
    expect(await oneOf(Array.from({ length: 10 }, () => confirm(name, code)))).toBe(1);
    expect(house.functions.events(SignUp)).toHaveLength(1);
  });

  it('stands when the function fails: the user is confirmed, and told so at the next try', async () => {
    house.functions.fail(SignUp, 'No');
    const { name, code } = await signedUp();
    expect(await refusal(confirm(name, code))).toBe(FAILED);
    expect(await statusOf(name)).toBe('CONFIRMED');
    expect(await refusal(confirm(name, code))).toBe(
      'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
    );
    await calls.signIn(name);
    expect(house.functions.events(SignUp)).toHaveLength(1);
  });

  it.each([
    ['nothing', { returnsNothing: true }, 'Invalid lambda function output : Invalid JSON'],
    ['no response', { returns: { version: '1' } }, 'Unrecognizable lambda output'],
    ['a response that is none', { response: 'done' }, 'Unrecognizable lambda output'],
  ])('is no less told that the function answers %s', async (_, behaviour, message) => {
    house.functions.does(SignUp, behaviour);
    const { name, code } = await signedUp();
    expect(await refusal(confirm(name, code))).toBe(`InvalidLambdaResponseException: ${message}`);
    expect(await statusOf(name)).toBe('CONFIRMED');
  });
});

describe('AdminConfirmSignUp', () => {
  it('tells of an administrator by a client of null, and proves no address [C]', async () => {
    const { name, sub } = await signedUp();
    const ClientMetadata = { by: 'hand' };
    await house.sdk.send(new AdminConfirmSignUpCommand({ UserPoolId: pool, Username: name, ClientMetadata }));
    const { callerContext, request } = house.functions.last(SignUp);
    expect(callerContext.clientId).toBeNull();
    expect(request.clientMetadata).toEqual(ClientMetadata);
    expect(request.userAttributes).toEqual({
      sub,
      'cognito:user_status': 'CONFIRMED',
      email_verified: 'false',
      email: addressOf(name),
    });
  });
});

describe('who sets a password of their own after an invitation', () => {
  it('has signed up nowhere: the function is not told [D]', async () => {
    const name = newName();
    const TemporaryPassword = PASSWORD;
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: name,
        TemporaryPassword,
        MessageAction: 'SUPPRESS',
      }),
    );
    const { Session } = await calls.signIn(name);
    await house.sdk.send(
      new AdminRespondToAuthChallengeCommand({
        UserPoolId: pool,
        ClientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME: name, NEW_PASSWORD },
      }),
    );
    expect(await statusOf(name)).toBe('CONFIRMED');
    expect(house.functions.events(SignUp)).toEqual([]);
  });
});

describe('ConfirmForgotPassword', () => {
  const reset = (Username: string, ConfirmationCode: string, ClientMetadata?: Record<string, string>) =>
    house.sdk.send(
      new ConfirmForgotPasswordCommand({
        ClientId,
        Username,
        ConfirmationCode,
        Password: NEW_PASSWORD,
        ClientMetadata,
      }),
    );

  it('tells the function, and hands ClientMetadata on', async () => {
    const { name, code } = await forgetful();
    // No setting of the pool makes these keys anything but the app's own.
    const metadata = { channel: 'web', SMS_MFA_CODE: 'x' };
    await reset(name, code, metadata);
    const { request, callerContext, userName, response } = house.functions.last(ForgotPassword);
    expect({ userName, clientId: callerContext.clientId, response }).toEqual({
      userName: name,
      clientId: ClientId,
      response: {},
    });
    expect(request).toEqual({
      userAttributes: {
        sub: expect.any(String),
        'cognito:user_status': 'CONFIRMED',
        email: addressOf(name),
        email_verified: 'true',
      },
      clientMetadata: metadata,
    });
  });

  it('tells of a user who had to reset the password as of one who has', async () => {
    const name = newName();
    await house.createUser(pool, name);
    await house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: name }));
    await reset(name, await house.code(addressOf(name)));
    const { userAttributes } = house.functions.last(ForgotPassword).request;
    expect(userAttributes['cognito:user_status']).toBe('CONFIRMED');
  });

  it('stands when the function fails: the password is set, the code used, and the record says so', async () => {
    house.functions.fail(ForgotPassword, 'No');
    const { name, code } = await forgetful();
    expect(await refusal(reset(name, code))).toBe(FAILED);
    await calls.signIn(name, NEW_PASSWORD);
    expect(await refusal(reset(name, code))).toBe(EXPIRED);
    const query = new URLSearchParams({ userPoolId: pool, username: name });
    const { recoveries } = (await house.operator(`recoveries?${query}`)) as {
      recoveries: { outcome: string; operation: string }[];
    };
    const outcomes = recoveries.map(({ operation, outcome }) => `${operation} ${outcome}`);
    expect(outcomes).toContain('ConfirmForgotPassword password-set');
    expect(house.functions.events(ForgotPassword)).toHaveLength(1);
  });

  it('by many at once is told once, and by wrong codes never', async () => {
    const { name, code } = await forgetful();
    await refusal(reset(name, wrongCode(code)));
    expect(house.functions.events(ForgotPassword)).toEqual([]);
    // Of the hour's attempts three are left.
    expect(await oneOf(Array.from({ length: 5 }, () => reset(name, code)))).toBe(1);
    expect(house.functions.events(ForgotPassword)).toHaveLength(1);
  });

  it('of nobody is told to nobody', async () => {
    const hiding = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
    const hidden = recoveryCalls(house, hiding);
    await refusal(hidden.confirm('nobody', '123456'));
    expect(house.functions.events(ForgotPassword)).toEqual([]);
  });
});

describe('ClientMetadata that this server reads itself', () => {
  const settings = (recovery: object) =>
    house.operator(`pools/${pool}/settings`, { method: 'PUT', json: { recovery } });
  const ForgotMessage = 'CustomMessage_ForgotPassword';
  const OWN = {
    channel: 'EMAIL',
    SOFTWARE_TOKEN_MFA_CODE: '123456',
    SMS_MFA_CODE: '123456',
    EMAIL_OTP_CODE: '123456',
    RECOVERY_CODE: 'abcd-efgh',
  };

  it('is kept from the functions of a recovery', async () => {
    await settings({ chooseChannel: true, secondFactor: true });
    const name = newName();
    await house.createUser(pool, name);
    const forgot = (ClientMetadata: Record<string, string>) =>
      house.sdk.send(new ForgotPasswordCommand({ ClientId, Username: name, ClientMetadata }));
    await forgot({ ...OWN, theme: 'dark' });
    expect(house.functions.last(ForgotMessage).request.clientMetadata).toEqual({ theme: 'dark' });
    await forgot(OWN);
    expect(house.functions.last(ForgotMessage).request).not.toHaveProperty('clientMetadata');
    await house.sdk.send(
      new ConfirmForgotPasswordCommand({
        ClientId,
        Username: name,
        ConfirmationCode: await house.code(addressOf(name)),
        Password: NEW_PASSWORD,
        ClientMetadata: { ...OWN, theme: 'dark' },
      }),
    );
    expect(house.functions.last(ForgotPassword).request.clientMetadata).toEqual({ theme: 'dark' });
    await settings({ chooseChannel: false, secondFactor: false });
  });
});
