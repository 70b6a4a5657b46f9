import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  AdminSetUserPasswordCommand,
  type AttributeType,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, secretHash, signIn } from '../support/sign-in.ts';

const INVALID_SESSION = 'NotAuthorizedException: Invalid session for the user.';

let house: House;
let pool: string;
let app: { ClientId: string };
let name: string;
let count = 0;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool({
    Schema: [
      { Name: 'email', Required: true },
      { Name: 'given_name', Required: true },
    ],
  });
  app = await house.createClient(pool);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  count += 1;
  name = `new-${count}`;
});

async function invite(attributes: AttributeType[] = [{ Name: 'given_name', Value: 'Ann' }]) {
  const command = new AdminCreateUserCommand({
    UserPoolId: pool,
    Username: name,
    TemporaryPassword: PASSWORD,
    MessageAction: 'SUPPRESS',
    UserAttributes: [{ Name: 'email', Value: `${name}@example.com` }, ...attributes],
  });
  await house.sdk.send(command);
}

const start = (clientId = app.ClientId, more: Record<string, string> = {}) =>
  house.sdk.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: name, PASSWORD, ...more },
    }),
  );

function respond(session: string | undefined, more: Record<string, string> = {}, clientId = app.ClientId) {
  return house.sdk.send(
    new RespondToAuthChallengeCommand({
      ClientId: clientId,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: session,
      ChallengeResponses: { USERNAME: name, NEW_PASSWORD, ...more },
    }),
  );
}

const status = async () =>
  (await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username: name }))).UserStatus;

describe('a sign-in with a temporary password', () => {
  it('meets NEW_PASSWORD_REQUIRED, which names the attributes that are missing and those that are there', async () => {
    await invite([]);
    const { ChallengeName, ChallengeParameters, AuthenticationResult, Session } = await start();
    expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    expect(AuthenticationResult).toBeUndefined();
    expect(Session).toMatch(/^[\w-]{20,2048}$/);
    expect({
      ...ChallengeParameters,
      requiredAttributes: JSON.parse(ChallengeParameters?.['requiredAttributes'] ?? ''),
      userAttributes: JSON.parse(ChallengeParameters?.['userAttributes'] ?? ''),
    }).toEqual({
      USER_ID_FOR_SRP: name,
      requiredAttributes: ['userAttributes.given_name'],
      userAttributes: { email: `${name}@example.com` },
    });
  });

  it('ends with tokens once the new password is set, and the user is CONFIRMED', async () => {
    await invite();
    const { Session } = await start();
    const { AuthenticationResult, ChallengeName } = await respond(Session);
    expect(ChallengeName).toBeUndefined();
    expect(claimsOf(AuthenticationResult?.AccessToken ?? '')['username']).toBe(name);
    expect(AuthenticationResult?.RefreshToken).toBeDefined();
    expect(await status()).toBe('CONFIRMED');
    await signIn(house, app.ClientId, name, NEW_PASSWORD);
    expect(await refusal(start())).toBe('NotAuthorizedException: Incorrect username or password.');
  });

  it('goes the same way through the operations of administrators', async () => {
    await invite();
    const { Session, ChallengeName } = await house.sdk.send(
      new AdminInitiateAuthCommand({
        UserPoolId: pool,
        ClientId: app.ClientId,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: name, PASSWORD },
      }),
    );
    expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    const { AuthenticationResult } = await house.sdk.send(
      new AdminRespondToAuthChallengeCommand({
        UserPoolId: pool,
        ClientId: app.ClientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME: name, NEW_PASSWORD },
      }),
    );
    expect(AuthenticationResult?.IdToken).toBeDefined();
  });

  it('asks a client with a secret for SECRET_HASH at both steps', async () => {
    await invite();
    const keeper = await house.createClient(pool, { GenerateSecret: true });
    const SECRET_HASH = secretHash(keeper, name);
    const { Session } = await start(keeper.ClientId, { SECRET_HASH });
    expect(await refusal(respond(Session, {}, keeper.ClientId))).toMatch('SECRET_HASH was not received');
    expect(await refusal(respond(Session, { SECRET_HASH: 'bm8=' }, keeper.ClientId))).toMatch(
      'Unable to verify secret hash',
    );
    const { AuthenticationResult } = await respond(Session, { SECRET_HASH }, keeper.ClientId);
    expect(AuthenticationResult).toBeDefined();
  });

  it('is refused once the temporary password has expired', async () => {
    await using other = await openHouse();
    const poolId = await other.createPool({
      Policies: { PasswordPolicy: { TemporaryPasswordValidityDays: 2 } },
    });
    const { ClientId } = await other.createClient(poolId);
    const command = new AdminCreateUserCommand({
      UserPoolId: poolId,
      Username: 'late',
      TemporaryPassword: PASSWORD,
    });
    await other.sdk.send(command);
    await other.advance('P1DT23H');
    expect(await refusal(signIn(other, ClientId, 'late'))).toMatch('NEW_PASSWORD_REQUIRED');
    await other.advance('PT1H');
    expect(await refusal(signIn(other, ClientId, 'late'))).toBe(
      'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.',
    );
    expect(await refusal(signIn(other, ClientId, 'late', 'Wrong-1-word'))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
  });
});

describe('the attributes that the answer brings along', () => {
  it('fill in what is required', async () => {
    await invite([]);
    const { Session } = await start();
    expect(await refusal(respond(Session))).toBe(
      'InvalidParameterException: Invalid attributes given, given_name is missing',
    );
    const { AuthenticationResult } = await respond(Session, {
      'userAttributes.given_name': 'Ann',
      'userAttributes.nickname': 'annie',
    });
    expect(claimsOf(AuthenticationResult?.IdToken ?? '')).toMatchObject({
      given_name: 'Ann',
      nickname: 'annie',
      email: `${name}@example.com`,
    });
  });

  it('may not change a required attribute that is there, nor even repeat it', async () => {
    await invite();
    const { Session } = await start();
    for (const email of ['mallory@example.com', `${name}@example.com`]) {
      expect(await refusal(respond(Session, { 'userAttributes.email': email }))).toBe(
        'NotAuthorizedException: Cannot modify an already provided email',
      );
    }
    expect((await respond(Session)).AuthenticationResult).toBeDefined();
  });

  it('may not declare an address verified', async () => {
    await invite();
    const { Session } = await start();
    expect(await refusal(respond(Session, { 'userAttributes.email_verified': 'true' }))).toBe(
      'InvalidParameterException: Cannot modify the non-mutable attribute email_verified',
    );
  });

  it('must be in the schema', async () => {
    await invite();
    const { Session } = await start();
    expect(await refusal(respond(Session, { 'userAttributes.__proto__': 'x' }))).toBe(
      'InvalidParameterException: user.__proto__: Attribute does not exist in the schema.\n',
    );
  });
});

describe('the session of the challenge', () => {
  it('outlives a password that is too weak', async () => {
    await invite();
    const { Session } = await start();
    expect(await refusal(respond(Session, { NEW_PASSWORD: 'short' }))).toBe(
      'InvalidPasswordException: Password does not conform to policy: Password not long enough',
    );
    expect(await refusal(respond(Session, { NEW_PASSWORD: 'nouppercase1!' }))).toBe(
      'InvalidPasswordException: Password does not conform to policy: Password must have uppercase characters',
    );
    expect((await respond(Session)).AuthenticationResult).toBeDefined();
  });

  it('is good for one answer', async () => {
    await invite();
    const { Session } = await start();
    await respond(Session);
    expect(await refusal(respond(Session, { NEW_PASSWORD: 'Another-1-password' }))).toBe(
      'NotAuthorizedException: Invalid session for the user, session can only be used once.',
    );
    await signIn(house, app.ClientId, name, NEW_PASSWORD);
  });

  it('has one winner among answers at the same time', async () => {
    await invite();
    const { Session } = await start();
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => respond(Session)));
    expect(answers.filter(({ status: outcome }) => outcome === 'fulfilled')).toHaveLength(1);
  });

  it('is of the client that began', async () => {
    await invite();
    const other = await house.createClient(pool);
    const { Session } = await start();
    expect(await refusal(respond(Session, {}, other.ClientId))).toBe(INVALID_SESSION);
  });

  it('must be there, and be one that this server made', async () => {
    await invite();
    const { Session = '' } = await start();
    const middle = Math.floor(Session.length / 2);
    const altered =
      Session.slice(0, middle) + (Session[middle] === 'A' ? 'B' : 'A') + Session.slice(middle + 1);
    expect(await refusal(respond(undefined))).toBe(
      'InvalidParameterException: Missing required parameter Session',
    );
    expect(await refusal(respond('garbage-garbage-garbage'))).toBe(INVALID_SESSION);
    expect(await refusal(respond(altered))).toBe(INVALID_SESSION);
  });

  it('is void when an administrator sets another temporary password meanwhile', async () => {
    await invite();
    const { Session } = await start();
    await house.sdk.send(
      new AdminSetUserPasswordCommand({ UserPoolId: pool, Username: name, Password: 'Second-temporary-1' }),
    );
    expect(await refusal(respond(Session))).toBe(INVALID_SESSION);
    expect(await status()).toBe('FORCE_CHANGE_PASSWORD');
  });

  it('is void when the user is disabled meanwhile', async () => {
    await invite();
    const { Session } = await start();
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: name }));
    expect(await refusal(respond(Session))).toBe(INVALID_SESSION);
  });

  it('ends with the AuthSessionValidity of the client', async () => {
    await invite();
    const patient = await house.createClient(pool, { AuthSessionValidity: 5 });
    const { Session } = await start();
    const { Session: longer } = await start(patient.ClientId);
    await house.advance('PT3M1S');
    expect(await refusal(respond(Session))).toBe(
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
    expect((await respond(longer, {}, patient.ClientId)).AuthenticationResult).toBeDefined();
  });
});

it('parameters that are missing are named', async () => {
  await invite();
  const { Session } = await start();
  expect(await refusal(respond(Session, { NEW_PASSWORD: '' }))).toBe(
    'InvalidParameterException: Missing required parameter NEW_PASSWORD',
  );
  expect(await refusal(respond(Session, { USERNAME: '' }))).toBe(
    'InvalidParameterException: Missing required parameter USERNAME',
  );
});
