import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  type AttributeType,
  ChangePasswordCommand,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  DescribeUserPoolCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD, raw } from '../support/house.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { refresh, secretHash, signIn } from '../support/sign-in.ts';

// The rules of what surrounds recovery, as `recovery-rules.test.ts` has those of recovery itself: a row begins with the
// section of the collected facts that it comes from, and with the confidence there.

const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const WRONG_PASSWORD = 'NotAuthorizedException: Incorrect username or password.';

let house: House;
let pool: string;
let ClientId: string;
let hiding: string;
let confidential: { ClientId: string; ClientSecret?: string };
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  ({ ClientId } = await house.createClient(pool));
  hiding = (await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' })).ClientId;
  confidential = await house.createClient(pool, { GenerateSecret: true });
});
afterAll(() => house[Symbol.asyncDispose]());

const email = (name: string): AttributeType[] => [{ Name: 'email', Value: `${name}@example.com` }];
const signUp = (Username: string, UserAttributes = email(Username), client = ClientId) =>
  house.sdk.send(new SignUpCommand({ ClientId: client, Username, Password: PASSWORD, UserAttributes }));
const resend = (Username: string, client = ClientId) =>
  house.sdk.send(new ResendConfirmationCodeCommand({ ClientId: client, Username }));
const confirmSignUp = (Username: string, ConfirmationCode: string) =>
  house.sdk.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode }));
const byPassword = (USERNAME: string, secret: Record<string, string> = {}, client = ClientId) =>
  house.sdk.send(
    new InitiateAuthCommand({
      ClientId: client,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD, ...secret },
    }),
  );

async function user(): Promise<string> {
  const name = newName('rule');
  await house.createUser(pool, name);
  return name;
}
async function newcomer(): Promise<string> {
  const name = newName('fresh');
  await signUp(name);
  return name;
}

/** What a row's call comes to: the error, or `accepted`. */
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

/** `[rule, call, what it comes to]` */
type Row = readonly [string, () => Promise<unknown>, string];
function table(rows: readonly Row[]): void {
  it.each(rows)('%s', async (_, call, expected) => expect(await outcome(call())).toBe(expected));
}

async function repeated(times: number, call: () => Promise<unknown>): Promise<unknown> {
  for (let index = 0; index < times; index += 1) await call().catch(() => {});
  return call();
}

describe('signing up', () => {
  table([
    [
      '§0 C: a username that is taken',
      async () => signUp(await user()),
      'UsernameExistsException: User already exists',
    ],
    [
      '§0 Q: a required attribute that is missing',
      async () => {
        const Schema = [{ Name: 'preferred_username', Required: true }];
        const strict = await house.createClient(await house.createPool({ Schema }));
        return signUp(newName(), [], strict.ClientId);
      },
      'InvalidParameterException: Attributes did not conform to the schema: preferred_username: The attribute is required\n',
    ],
    [
      '§0 Q: confirming a confirmed user',
      async () => confirmSignUp(await user(), '123456'),
      'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
    ],
    ['§0 C, Q: a wrong code', async () => confirmSignUp(await newcomer(), '12345'), MISMATCH],
    [
      '§0 Q: a code that was never asked for',
      async () => {
        const silent = await house.createPool({ AutoVerifiedAttributes: [] });
        const client = await house.createClient(silent);
        const name = newName();
        await signUp(name, email(name), client.ClientId);
        const confirm = { ClientId: client.ClientId, Username: name, ConfirmationCode: '123456' };
        return house.sdk.send(new ConfirmSignUpCommand(confirm));
      },
      EXPIRED,
    ],
    [
      '§0 Q: signing in before',
      async () => byPassword(await newcomer()),
      'UserNotConfirmedException: User is not confirmed.',
    ],
  ]);

  it('§3 V: without AutoVerifiedAttributes the answer has no CodeDeliveryDetails', async () => {
    const silent = await house.createClient(await house.createPool({ AutoVerifiedAttributes: [] }));
    expect(await signUp(newName(), [], silent.ClientId)).not.toHaveProperty('CodeDeliveryDetails');
  });

  it('§3 D: with email and phone to verify, the code goes by SMS alone', async () => {
    const both = await house.createPool({ AutoVerifiedAttributes: ['email', 'phone_number'] });
    const client = await house.createClient(both);
    const name = newName();
    const attributes = [...email(name), { Name: 'phone_number', Value: '+12065550123' }];
    const { CodeDeliveryDetails } = await signUp(name, attributes, client.ClientId);
    expect(CodeDeliveryDetails).toEqual({
      AttributeName: 'phone_number',
      DeliveryMedium: 'SMS',
      Destination: '+*******0123',
    });
    expect(await house.messages(`${name}@example.com`, 0)).toEqual([]);
  });
});

describe('asking for the code again', () => {
  table([
    ['§3 C: twice at once', async () => repeated(1, resend.bind(null, await newcomer())), 'accepted'],
    [
      '§0 Q: of a confirmed user',
      async () => resend(await user()),
      'InvalidParameterException: User is already confirmed.',
    ],
    ['§3 Q: the same, ENABLED', async () => resend(await user(), hiding), 'accepted'],
    ['§3 D: of nobody, ENABLED', () => resend('nobody-at-all', hiding), 'accepted'],
    [
      '§0 Q: of nobody, LEGACY',
      () => resend('nobody-at-all'),
      'UserNotFoundException: Username/client id combination not found.',
    ],
    [
      '§0 Q: in a pool that verifies nothing',
      async () => {
        const silent = await house.createClient(await house.createPool({ AutoVerifiedAttributes: [] }));
        const name = newName();
        await signUp(name, [], silent.ClientId);
        return resend(name, silent.ClientId);
      },
      'NotAuthorizedException: Cannot resend codes. Auto verification not turned on.',
    ],
    ['§11 D: six times in an hour', async () => repeated(5, resend.bind(null, await newcomer())), LIMITED],
  ]);
});

describe('signed-in users', () => {
  const change = async (PreviousPassword: string) => {
    const { AccessToken } = await signIn(house, ClientId, await user());
    return () =>
      house.sdk.send(
        new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword: NEW_PASSWORD }),
      );
  };
  table([
    [
      '§3 I: ChangePassword with a wrong password',
      async () => (await change('Wr0ng!word'))(),
      WRONG_PASSWORD,
    ],
    ['§3 Q: six times in an hour', async () => repeated(5, await change('Wr0ng!word')), LIMITED],
    [
      '§3 D: VerifyUserAttribute without a code',
      async () => {
        const { AccessToken } = await signIn(house, ClientId, await user());
        const verify = { AccessToken, AttributeName: 'email', Code: '123456' };
        return house.sdk.send(new VerifyUserAttributeCommand(verify));
      },
      EXPIRED,
    ],
    [
      '§0 D: after a global sign-out',
      async () => {
        const name = await user();
        const { AccessToken } = await signIn(house, ClientId, name);
        await house.sdk.send(new AdminUserGlobalSignOutCommand({ UserPoolId: pool, Username: name }));
        return house.sdk.send(new GetUserCommand({ AccessToken }));
      },
      'NotAuthorizedException: Access Token has been revoked',
    ],
    [
      '§0 Q: refreshing after it',
      async () => {
        const name = await user();
        const { RefreshToken } = await signIn(house, ClientId, name);
        await house.sdk.send(new AdminUserGlobalSignOutCommand({ UserPoolId: pool, Username: name }));
        return refresh(house, ClientId, RefreshToken);
      },
      'NotAuthorizedException: Refresh Token has been revoked',
    ],
  ]);
});

describe('signing in', () => {
  const reset = async () => {
    const name = await user();
    await house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: name }));
    return name;
  };
  table([
    [
      '§0 C: nobody, LEGACY',
      () => byPassword('nobody-at-all'),
      'UserNotFoundException: User does not exist.',
    ],
    ['§0 D: nobody, ENABLED', () => byPassword('nobody-at-all', {}, hiding), WRONG_PASSWORD],
    [
      "§0 Q: after an administrator's reset",
      async () => byPassword(await reset()),
      'PasswordResetRequiredException: Password reset required for the user',
    ],
    [
      '§0 Q: with a temporary password that ended',
      async () => {
        const name = newName();
        const create = { UserPoolId: pool, Username: name, TemporaryPassword: PASSWORD };
        await house.sdk.send(new AdminCreateUserCommand({ ...create, MessageAction: 'SUPPRESS' }));
        await house.advance('P8D');
        return byPassword(name);
      },
      'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.',
    ],
    [
      '§0 Q: by a flow that is off',
      async () => {
        const narrow = await house.createClient(pool, { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] });
        return byPassword('ann', {}, narrow.ClientId);
      },
      'InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client',
    ],
    [
      '§0 Q, §11 D: after five wrong passwords',
      async () => {
        const name = await user();
        const wrong = () => signIn(house, ClientId, name, 'Wr0ng!word');
        return repeated(5, wrong);
      },
      'NotAuthorizedException: Password attempts exceeded',
    ],
  ]);
});

describe('clients, pools and secrets', () => {
  const forgot = (Username: string, SecretHash?: string) =>
    house.sdk.send(new ForgotPasswordCommand({ ClientId: confidential.ClientId, Username, SecretHash }));
  table([
    [
      '§0 Q: a client that is none',
      () => house.sdk.send(new ForgotPasswordCommand({ ClientId: 'a'.repeat(26), Username: 'ann' })),
      `ResourceNotFoundException: User pool client ${'a'.repeat(26)} does not exist.`,
    ],
    [
      '§0 E: a pool that is none',
      () => house.sdk.send(new DescribeUserPoolCommand({ UserPoolId: 'us-east-1_AAAAAAAAA' })),
      'ResourceNotFoundException: User pool us-east-1_AAAAAAAAA does not exist.',
    ],
    [
      '§0 Q: a user that is none, for an administrator',
      () => house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username: 'nobody-at-all' })),
      'UserNotFoundException: User does not exist.',
    ],
    [
      '§4 D: the hash of the name as sent',
      async () => {
        const name = await user();
        return forgot(name, secretHash(confidential, name));
      },
      'accepted',
    ],
    [
      '§4 D: the hash of the username, sent with the sub',
      async () => {
        const name = await user();
        const found = await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username: name }));
        const sub = found.UserAttributes?.find(({ Name }) => Name === 'sub')?.Value as string;
        return forgot(sub, secretHash(confidential, name));
      },
      'accepted',
    ],
  ]);

  it('§0 Q: a secret hash that is missing or wrong', async () => {
    const name = await user();
    const text = `NotAuthorizedException: Unable to verify secret hash for client ${confidential.ClientId}`;
    expect(await refusal(forgot(name))).toBe(text);
    expect(await refusal(forgot(name, secretHash(confidential, 'else')))).toBe(text);
    expect(await refusal(byPassword(name, {}, confidential.ClientId))).toBe(
      `NotAuthorizedException: Client ${confidential.ClientId} is configured with secret but SECRET_HASH was not received`,
    );
  });
});

describe('the wire', () => {
  const said = async (operation: string, body: object) => {
    const { status, headers, json } = await raw(house.url, operation, body);
    return { status, type: headers.get('x-amzn-errortype'), message: json.message };
  };
  const VALIDATION = { status: 400, type: 'InvalidParameterException:' };

  it('§10.2 Q: an error is 400, with its type and text in headers and body', async () => {
    const { status, headers, json } = await raw(house.url, 'InitiateAuth', {
      ClientId: hiding,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'nobody-at-all', PASSWORD },
    });
    expect(status).toBe(400);
    expect(json).toEqual({ __type: 'NotAuthorizedException', message: 'Incorrect username or password.' });
    expect(headers.get('x-amzn-errortype')).toBe('NotAuthorizedException:');
    expect(headers.get('x-amzn-errormessage')).toBe('Incorrect username or password.');
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('§10.3 Q: any page may read it', async () => {
    const { headers } = await raw(house.url, 'ForgotPassword', { ClientId, Username: 'nobody-at-all' });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toBe(
      'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date',
    );
  });

  it('§10.4 Q: violations are listed, the pattern before the length, and sensitive values are not shown', async () => {
    const empty = await said('ForgotPassword', { ClientId, Username: '' });
    expect(empty).toMatchObject(VALIDATION);
    expect(empty.message).toContain("Value at 'username' failed to satisfy constraint:");
    expect(empty.message).toMatch(/^2 validation errors detected: .*regular expression.*; .*length greater/);
  });

  it('§10.4 Q: a member that is missing must not be null', async () => {
    const confirm = { ClientId, Username: 'ann', Password: PASSWORD };
    expect(await said('ConfirmForgotPassword', confirm)).toEqual({
      ...VALIDATION,
      message:
        "1 validation error detected: Value null at 'confirmationCode' failed to satisfy constraint: Member must not be null",
    });
  });

  it('§2.2 Q: a code of five digits is a wrong code, not a wrong form', async () => {
    const name = await user();
    await house.sdk.send(new ForgotPasswordCommand({ ClientId, Username: name }));
    const confirm = { ClientId, Username: name, ConfirmationCode: '12345', Password: NEW_PASSWORD };
    expect(await refusal(house.sdk.send(new ConfirmForgotPasswordCommand(confirm)))).toBe(MISMATCH);
  });

  it('§10.5 D: nobody signs a request to recover', async () => {
    const name = await user();
    const { status } = await raw(house.url, 'ForgotPassword', { ClientId, Username: name });
    expect(status).toBe(200);
  });
});
