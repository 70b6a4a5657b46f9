import { fileURLToPath } from 'node:url';
import {
  AdminCreateUserCommand,
  AdminUpdateUserAttributesCommand,
  ForgotPasswordCommand,
  GetUserAttributeVerificationCodeCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { readEncryptionHeader } from '../support/encryption-header.ts';
import { openFunctions, type TestFunctions, type TriggerEvent } from '../support/functions.ts';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';
import { signIn } from '../support/sign-in.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/7d1a3f9e-0000-4000-8000-123456789012';
const SENDER = fileURLToPath(new URL('../support/functions/decrypting-sender.mjs', import.meta.url));
const SMS_ROLE = { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms', ExternalId: 'x' };
const CLIENT_METADATA = { tenant: 'a tenant' };

/** What the function saw: the event, and what it decrypted. */
interface Sent extends TriggerEvent {
  opened: { code: string; context: Record<string, string> } | null;
}

let functions: TestFunctions;
let house: House;
let pool: string;
let ClientId: string;
beforeAll(async () => {
  // As a function has them on AWS; where its KMS is it hears from the server.
  process.env['KEY_ARN'] = KEY_ARN;
  process.env['KEY_ID'] = KEY_ARN.slice(KEY_ARN.indexOf('/') + 1);
  functions = await openFunctions();
  house = await openHouse({ function: `*=file:${SENDER}` });
  pool = await house.createPool({
    AutoVerifiedAttributes: ['email', 'phone_number'],
    SmsConfiguration: SMS_ROLE,
    LambdaConfig: senders(),
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP'] } },
  });
  const flows = ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH'] as const;
  ({ ClientId } = await house.createClient(pool, { ExplicitAuthFlows: [...flows] }));
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  functions.close();
});
beforeEach(() => functions.reset());

const senders = (KMSKeyID = KEY_ARN) => ({
  CustomEmailSender: { LambdaArn: functions.arn('email'), LambdaVersion: 'V1_0' as const },
  CustomSMSSender: { LambdaArn: functions.arn('sms'), LambdaVersion: 'V1_0' as const },
  CustomMessage: functions.arn('message'),
  KMSKeyID,
});

/** The only message that was sent with this source. */
async function sent(source: string): Promise<Sent> {
  const found = await vi.waitFor(
    () => {
      const [event] = functions.events(source);
      expect(event).toBeDefined();
      return event;
    },
    { timeout: 10_000, interval: 10 },
  );
  expect(functions.events(source)).toHaveLength(1);
  return found as Sent;
}

let phones = 0;
const addressOf = {
  EMAIL: (name: string) => ({ email: `${name}@example.com` }),
  SMS: () => ({ phone_number: `+1555555${String(++phones).padStart(4, '0')}` }),
};

interface User {
  name: string;
  attributes: Record<string, string>;
}
type Channel = keyof typeof addressOf;

/** A user with a verified address, to whom no message went. */
async function newUser(channel: Channel, password = false): Promise<User> {
  const name = newName();
  const [[attribute, address]] = Object.entries(addressOf[channel](name)) as [[string, string]];
  const attributes = { [attribute]: address, [`${attribute}_verified`]: 'true' };
  if (password) await house.createUser(pool, name, attributeList(attributes));
  else {
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: name,
        UserAttributes: attributeList(attributes),
        MessageAction: 'SUPPRESS',
      }),
    );
  }
  return { name, attributes };
}

async function signUp(channel: Channel): Promise<User> {
  const name = newName();
  const attributes = addressOf[channel](name);
  await house.sdk.send(
    new SignUpCommand({
      ClientId,
      Username: name,
      UserAttributes: attributeList(attributes),
      ClientMetadata: CLIENT_METADATA,
    }),
  );
  return { name, attributes };
}

/** Where each source comes from. `who` is told of as they are when the message leaves. */
const ways: Record<string, (channel: Channel) => Promise<User & { status: string; admin?: boolean }>> = {
  SignUp: async (channel) => ({ ...(await signUp(channel)), status: 'UNCONFIRMED' }),
  async ResendCode(channel) {
    const user = await signUp(channel);
    await house.sdk.send(
      new ResendConfirmationCodeCommand({ ClientId, Username: user.name, ClientMetadata: CLIENT_METADATA }),
    );
    return { ...user, status: 'UNCONFIRMED' };
  },
  async ForgotPassword(channel) {
    const user = await newUser(channel);
    await house.sdk.send(
      new ForgotPasswordCommand({ ClientId, Username: user.name, ClientMetadata: CLIENT_METADATA }),
    );
    return { ...user, status: 'CONFIRMED' };
  },
  async UpdateUserAttribute(channel) {
    const user = await newUser(channel, true);
    const { AccessToken } = await signIn(house, ClientId, user.name);
    const address = addressOf[channel](`new-${user.name}`);
    await house.sdk.send(
      new UpdateUserAttributesCommand({
        AccessToken,
        UserAttributes: attributeList(address),
        ClientMetadata: CLIENT_METADATA,
      }),
    );
    const [attribute] = Object.keys(address) as [string];
    return {
      ...user,
      attributes: { ...user.attributes, ...address, [`${attribute}_verified`]: 'false' },
      status: 'CONFIRMED',
    };
  },
  async VerifyUserAttribute(channel) {
    const user = await newUser(channel, true);
    const { AccessToken } = await signIn(house, ClientId, user.name);
    const [AttributeName] = Object.keys(user.attributes) as [string];
    await house.sdk.send(
      new GetUserAttributeVerificationCodeCommand({
        AccessToken,
        AttributeName,
        ClientMetadata: CLIENT_METADATA,
      }),
    );
    return { ...user, status: 'CONFIRMED' };
  },
  async AdminCreateUser(channel) {
    const name = newName();
    const attributes = addressOf[channel](name);
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: name,
        UserAttributes: attributeList(attributes),
        TemporaryPassword: PASSWORD,
        DesiredDeliveryMediums: [channel],
        ClientMetadata: CLIENT_METADATA,
      }),
    );
    return { name, attributes, status: 'FORCE_CHANGE_PASSWORD', admin: true };
  },
  async Authentication(channel) {
    const user = await newUser(channel);
    const challenge = await house.sdk.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_AUTH',
        AuthParameters: { USERNAME: user.name, PREFERRED_CHALLENGE: `${channel}_OTP` },
        ClientMetadata: { ...CLIENT_METADATA, not: 'told' },
      }),
    );
    expect(challenge.ChallengeName).toBe(`${channel}_OTP`);
    return { ...user, status: 'CONFIRMED' };
  },
};

const names = { EMAIL: 'CustomEmailSender', SMS: 'CustomSMSSender' };
const cases = (['EMAIL', 'SMS'] as const).flatMap((channel) =>
  Object.keys(ways).map((suffix) => ({ channel, suffix, source: `${names[channel]}_${suffix}` })),
);

describe.each(cases)('$source', ({ channel, suffix, source }) => {
  it('takes the message to the function, which decrypts the code with the AWS Encryption SDK', async () => {
    const { name, attributes, status, admin } = await (ways[suffix] as (typeof ways)[string])(channel);
    const { opened, ...event } = await sent(source);
    const told = /^(?:SignUp|ForgotPassword)$/.test(suffix);
    expect(event).toEqual({
      version: '1',
      triggerSource: source,
      region: 'us-east-1',
      userPoolId: pool,
      userName: name,
      callerContext: {
        awsSdkVersion: expect.stringMatching(/^aws-sdk-js-3\./),
        clientId: admin ? 'CLIENT_ID_NOT_APPLICABLE' : ClientId,
      },
      request: {
        type: channel === 'EMAIL' ? 'customEmailSenderRequestV1' : 'customSMSSenderRequestV1',
        code: expect.stringMatching(/^[A-Za-z0-9+/]{400,}={0,2}$/),
        clientMetadata: told ? CLIENT_METADATA : null,
        userAttributes: {
          sub: expect.any(String),
          'cognito:user_status': status,
          [`${channel === 'EMAIL' ? 'email' : 'phone_number'}_verified`]: 'false',
          ...attributes,
        },
      },
    });
    expect(opened?.code).toMatch(suffix === 'AdminCreateUser' ? /^Passw0rd!first$/ : /^\d{6,8}$/);
    expect(functions.calls().at(-1)?.arn).toBe(functions.arn(channel === 'EMAIL' ? 'email' : 'sms'));
  });
});

const ForgotPassword = 'CustomEmailSender_ForgotPassword';

const forgot = (user: User, ClientMetadata?: Record<string, string>) =>
  house.sdk.send(new ForgotPasswordCommand({ ClientId, Username: user.name, ClientMetadata }));

describe('the message', () => {
  it('has its keys in the order of Amazon Cognito, and nothing to fill in', async () => {
    await forgot(await newUser('EMAIL'));
    const { opened, ...event } = await sent(ForgotPassword);
    expect(Object.keys(event)).toEqual([
      'version',
      'triggerSource',
      'region',
      'userPoolId',
      'userName',
      'callerContext',
      'request',
    ]);
    expect(Object.keys(event.request)).toEqual(['type', 'code', 'clientMetadata', 'userAttributes']);
    expect(Object.keys(event.callerContext)).toEqual(['awsSdkVersion', 'clientId']);
  });

  it('carries the code as Amazon Cognito encrypts it: signed, framed, for one key, of this pool', async () => {
    await forgot(await newUser('EMAIL'));
    const { opened, request } = await sent(ForgotPassword);
    const header = readEncryptionHeader(Buffer.from(request.code, 'base64'));
    const publicKey = header.context['aws-crypto-public-key'];
    expect(header).toEqual({
      version: 1,
      type: 0x80,
      algorithm: 0x0378,
      context: { 'aws-crypto-public-key': expect.stringMatching(/^.{68}$/), 'userpool-id': pool },
      keys: [{ provider: 'aws-kms', info: KEY_ARN, length: expect.any(Number) }],
      contentType: 2,
      frameLength: 4096,
    });
    expect(opened?.context).toEqual({ 'aws-crypto-public-key': publicKey, 'userpool-id': pool });
  });

  it('brings a code that resets the password, and one that signs in', async () => {
    const user = await newUser('EMAIL');
    await forgot(user);
    const { opened } = await sent(ForgotPassword);
    await recoveryCalls(house, { ClientId }).confirm(user.name, opened?.code as string);
    const { Session, ChallengeName } = await house.sdk.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_AUTH',
        AuthParameters: { USERNAME: user.name, PREFERRED_CHALLENGE: 'EMAIL_OTP' },
      }),
    );
    const EMAIL_OTP_CODE = (await sent('CustomEmailSender_Authentication')).opened?.code as string;
    const { AuthenticationResult } = await house.sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId,
        ChallengeName,
        Session,
        ChallengeResponses: { USERNAME: user.name, EMAIL_OTP_CODE },
      }),
    );
    expect(AuthenticationResult?.AccessToken).toBeDefined();
  });

  it('leaves CustomMessage with nothing to do', async () => {
    await forgot(await newUser('EMAIL'));
    await sent(ForgotPassword);
    expect(functions.events().map(({ triggerSource }) => triggerSource)).toEqual([ForgotPassword]);
  });

  it('has what < > and & of a temporary password are in HTML, and its other characters as they are', async () => {
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: newName(),
        UserAttributes: attributeList({ email: 'anybody@example.com' }),
        TemporaryPassword: `<b>"A'1&z</b>`,
        DesiredDeliveryMediums: ['EMAIL'],
      }),
    );
    const { opened } = await sent('CustomEmailSender_AdminCreateUser');
    expect(opened?.code).toBe(`&lt;b&gt;"A'1&amp;z&lt;/b&gt;`);
  });

  it('has no code where there is none: the welcome of somebody without a password', async () => {
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: newName(),
        UserAttributes: attributeList({ email: 'welcome@example.com', email_verified: 'true' }),
        DesiredDeliveryMediums: ['EMAIL'],
      }),
    );
    expect((await sent('CustomEmailSender_AdminCreateUser')).request.code).toBeNull();
  });

  it('is addressed to the new address where that is the one to be proven, and calls it unproven', async () => {
    const before = await house.createPool({
      AutoVerifiedAttributes: ['email'],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
      LambdaConfig: senders(),
    });
    await house.createUser(before, 'mover');
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: before,
        Username: 'mover',
        UserAttributes: attributeList({ email: 'moved@example.com' }),
      }),
    );
    const { request, callerContext } = await sent('CustomEmailSender_UpdateUserAttribute');
    expect(request.userAttributes).toMatchObject({ email: 'moved@example.com', email_verified: 'false' });
    expect(callerContext.clientId).toBe('CLIENT_ID_NOT_APPLICABLE');
  });

  it('tells the attributes of the moment at which it leaves', async () => {
    const user = await newUser('EMAIL');
    functions.does(ForgotPassword, { throws: 'Not now.' });
    await forgot(user);
    await sent(ForgotPassword);
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: pool,
        Username: user.name,
        UserAttributes: attributeList({ locale: 'fr' }),
      }),
    );
    functions.reset();
    await house.advance('PT2S');
    expect((await sent(ForgotPassword)).request.userAttributes).toMatchObject({
      ...user.attributes,
      locale: 'fr',
    });
  });
});
