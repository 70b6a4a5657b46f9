import { readFileSync } from 'node:fs';
import {
  AdminDisableUserCommand,
  AdminInitiateAuthCommand,
  AdminResetUserPasswordCommand,
  type AuthFlowType,
  InitiateAuthCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, secretHash, signIn } from '../support/sign-in.ts';

const WRONG = 'NotAuthorizedException: Incorrect username or password.';

let house: House;
let pool: string;
let app: { ClientId: string };
/** A client whose answers do not tell who exists. */
let discreet: { ClientId: string };
let secretive: { ClientId: string; ClientSecret?: string };
let server: { ClientId: string };

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  app = await house.createClient(pool);
  discreet = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
  secretive = await house.createClient(pool, { GenerateSecret: true });
  server = await house.createClient(pool, {
    ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  });
});
afterAll(() => house[Symbol.asyncDispose]());

const initiate = (ClientId: string, AuthFlow: AuthFlowType, AuthParameters: Record<string, string>) =>
  house.sdk.send(new InitiateAuthCommand({ ClientId, AuthFlow, AuthParameters }));
const adminInitiate = (ClientId: string, AuthFlow: AuthFlowType, AuthParameters: Record<string, string>) =>
  house.sdk.send(new AdminInitiateAuthCommand({ UserPoolId: pool, ClientId, AuthFlow, AuthParameters }));
const byPassword = (ClientId: string, USERNAME: string, password = PASSWORD) =>
  initiate(ClientId, 'USER_PASSWORD_AUTH', { USERNAME, PASSWORD: password });

describe('USER_PASSWORD_AUTH', () => {
  it('answers the right password with the three tokens', async () => {
    await house.createUser(pool, 'ann');
    const answer = await byPassword(app.ClientId, 'ann');
    expect(answer).toMatchObject({
      ChallengeParameters: {},
      AuthenticationResult: { ExpiresIn: 3600, TokenType: 'Bearer' },
    });
    expect(Object.keys(answer.AuthenticationResult ?? {}).sort()).toEqual(
      ['AccessToken', 'ExpiresIn', 'IdToken', 'RefreshToken', 'TokenType'].sort(),
    );
    expect(answer.ChallengeName).toBeUndefined();
    expect(answer.Session).toBeUndefined();
  });

  it('refuses a wrong password', async () => {
    await house.createUser(pool, 'bob');
    expect(await refusal(byPassword(app.ClientId, 'bob', 'Wrong-1-word'))).toBe(WRONG);
  });

  it('takes the sub for the username', async () => {
    await house.createUser(pool, 'by-sub');
    const { sub } = claimsOf((await signIn(house, app.ClientId, 'by-sub')).AccessToken);
    expect(claimsOf((await signIn(house, app.ClientId, sub as string)).AccessToken)['username']).toBe(
      'by-sub',
    );
  });

  it('names the parameter that is missing', async () => {
    expect(await refusal(initiate(app.ClientId, 'USER_PASSWORD_AUTH', { PASSWORD }))).toBe(
      'InvalidParameterException: Missing required parameter USERNAME',
    );
    expect(await refusal(initiate(app.ClientId, 'USER_PASSWORD_AUTH', { USERNAME: 'ann' }))).toBe(
      'InvalidParameterException: Missing required parameter PASSWORD',
    );
  });

  it('does not take a parameter by the name of an inherited property for one that was sent', async () => {
    expect(
      await refusal(initiate(app.ClientId, 'USER_PASSWORD_AUTH', { ['__proto__']: 'x', PASSWORD })),
    ).toBe('InvalidParameterException: Missing required parameter USERNAME');
  });
});

describe('ADMIN_USER_PASSWORD_AUTH', () => {
  it.each(['ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'] as const)('%s signs in', async (flow) => {
    await house.createUser(pool, flow);
    const { AuthenticationResult } = await adminInitiate(server.ClientId, flow, { USERNAME: flow, PASSWORD });
    expect(claimsOf(AuthenticationResult?.AccessToken ?? '')).toMatchObject({ username: flow });
  });

  it('is for AdminInitiateAuth alone, as USER_PASSWORD_AUTH is for InitiateAuth', async () => {
    const text = 'InvalidParameterException: Initiate Auth method not supported.';
    const parameters = { USERNAME: 'ann', PASSWORD };
    expect(await refusal(initiate(app.ClientId, 'ADMIN_USER_PASSWORD_AUTH', parameters))).toBe(text);
    expect(await refusal(initiate(app.ClientId, 'ADMIN_NO_SRP_AUTH', parameters))).toBe(text);
    expect(await refusal(adminInitiate(app.ClientId, 'USER_PASSWORD_AUTH', parameters))).toBe(text);
  });

  it('knows the clients of its own pool alone', async () => {
    const elsewhere = await house.createClient(await house.createPool());
    expect(
      await refusal(adminInitiate(elsewhere.ClientId, 'ADMIN_NO_SRP_AUTH', { USERNAME: 'ann', PASSWORD })),
    ).toBe(`ResourceNotFoundException: User pool client ${elsewhere.ClientId} does not exist.`);
  });

  it('says so when the pool does not exist', async () => {
    const command = new AdminInitiateAuthCommand({
      UserPoolId: 'us-east-1_nowhere00',
      ClientId: app.ClientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'ann', PASSWORD },
    });
    expect(await refusal(house.sdk.send(command))).toBe(
      'ResourceNotFoundException: User pool us-east-1_nowhere00 does not exist.',
    );
  });
});

describe('REFRESH_TOKEN', () => {
  it.each(['REFRESH_TOKEN_AUTH', 'REFRESH_TOKEN'] as const)(
    '%s gives an access and an ID token, and no new refresh token',
    async (flow) => {
      await house.createUser(pool, flow);
      const { RefreshToken } = await signIn(house, app.ClientId, flow);
      for (const send of [initiate, adminInitiate]) {
        const { AuthenticationResult } = await send(app.ClientId, flow, { REFRESH_TOKEN: RefreshToken });
        expect(Object.keys(AuthenticationResult ?? {}).sort()).toEqual(
          ['AccessToken', 'ExpiresIn', 'IdToken', 'TokenType'].sort(),
        );
      }
    },
  );

  it('is refused where it is garbage, altered, or of another client', async () => {
    await house.createUser(pool, 'refresher');
    const { RefreshToken } = await signIn(house, app.ClientId, 'refresher');
    const refresh = (clientId: string, token: string) =>
      refusal(initiate(clientId, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: token }));
    const invalid = 'NotAuthorizedException: Invalid Refresh Token';
    const altered = RefreshToken.slice(0, -2) + (RefreshToken.at(-2) === 'A' ? 'BA' : 'AA');
    expect(await refresh(app.ClientId, 'garbage')).toBe(invalid);
    expect(await refresh(app.ClientId, altered)).toBe(invalid);
    expect(await refresh(discreet.ClientId, RefreshToken)).toBe(invalid);
    const accepted = await initiate(app.ClientId, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken });
    expect(accepted.AuthenticationResult?.AccessToken).toMatch(/^ey/);
  });

  it('is refused for a disabled user', async () => {
    await house.createUser(pool, 'gone');
    const { RefreshToken } = await signIn(house, app.ClientId, 'gone');
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: 'gone' }));
    expect(
      await refusal(initiate(app.ClientId, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken })),
    ).toMatch(/^NotAuthorizedException: /);
  });
});

describe('a flow that the client does not allow', () => {
  it.each([
    ['USER_PASSWORD_AUTH', { USERNAME: 'ann', PASSWORD }],
    ['USER_SRP_AUTH', { USERNAME: 'ann', SRP_A: 'abc' }],
    ['REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: 'x' }],
    ['CUSTOM_AUTH', { USERNAME: 'ann' }],
    ['USER_AUTH', { USERNAME: 'ann' }],
  ] as const)('%s is refused by its name', async (flow, parameters) => {
    const { ClientId } = await house.createClient(pool, {
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'],
    });
    expect(await refusal(initiate(ClientId, flow, parameters))).toBe(
      `InvalidParameterException: ${flow} flow not enabled for this client`,
    );
  });

  it('ADMIN_USER_PASSWORD_AUTH is refused without its name', async () => {
    const { ClientId } = await house.createClient(pool, { ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] });
    expect(
      await refusal(adminInitiate(ClientId, 'ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'ann', PASSWORD })),
    ).toBe('InvalidParameterException: Auth flow not enabled for this client');
  });

  it('a client that names none allows SRP, custom auth and refresh', async () => {
    const { ClientId } = await house.createClient(pool, { ExplicitAuthFlows: undefined });
    expect(await refusal(byPassword(ClientId, 'ann'))).toMatch('USER_PASSWORD_AUTH flow not enabled');
    const { ChallengeName } = await initiate(ClientId, 'USER_SRP_AUTH', { USERNAME: 'ann', SRP_A: 'abc123' });
    expect(ChallengeName).toBe('PASSWORD_VERIFIER');
  });
});

describe('ExplicitAuthFlows of the old style', () => {
  it('USER_PASSWORD_AUTH allows passwords, and SRP and refresh besides', async () => {
    await house.createUser(pool, 'old-style');
    const { ClientId } = await house.createClient(pool, { ExplicitAuthFlows: ['USER_PASSWORD_AUTH'] });
    const { RefreshToken } = await signIn(house, ClientId, 'old-style');
    const refreshed = await initiate(ClientId, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken });
    expect(refreshed.AuthenticationResult?.AccessToken).toBeDefined();
    const srp = await initiate(ClientId, 'USER_SRP_AUTH', { USERNAME: 'old-style', SRP_A: 'abc123' });
    expect(srp.ChallengeName).toBe('PASSWORD_VERIFIER');
  });

  it('ADMIN_NO_SRP_AUTH allows administrators the password, by both names of the flow', async () => {
    await house.createUser(pool, 'old-admin');
    const { ClientId } = await house.createClient(pool, { ExplicitAuthFlows: ['ADMIN_NO_SRP_AUTH'] });
    for (const flow of ['ADMIN_NO_SRP_AUTH', 'ADMIN_USER_PASSWORD_AUTH'] as const) {
      const answer = await adminInitiate(ClientId, flow, { USERNAME: 'old-admin', PASSWORD });
      expect(answer.AuthenticationResult?.IdToken).toBeDefined();
    }
    expect(await refusal(byPassword(ClientId, 'old-admin'))).toMatch('USER_PASSWORD_AUTH flow not enabled');
  });

  it('CUSTOM_AUTH_FLOW_ONLY allows neither passwords nor SRP', async () => {
    const { ClientId } = await house.createClient(pool, { ExplicitAuthFlows: ['CUSTOM_AUTH_FLOW_ONLY'] });
    expect(await refusal(byPassword(ClientId, 'ann'))).toMatch('USER_PASSWORD_AUTH flow not enabled');
    expect(await refusal(initiate(ClientId, 'USER_SRP_AUTH', { USERNAME: 'ann', SRP_A: 'abc' }))).toMatch(
      'USER_SRP_AUTH flow not enabled',
    );
  });
});

describe('a user who does not exist', () => {
  it('is told of as LEGACY', async () => {
    const text = 'UserNotFoundException: User does not exist.';
    expect(await refusal(byPassword(app.ClientId, 'nobody'))).toBe(text);
    const parameters = { USERNAME: 'nobody', PASSWORD };
    expect(await refusal(adminInitiate(app.ClientId, 'ADMIN_USER_PASSWORD_AUTH', parameters))).toBe(text);
  });

  it('is told of in the words that Amazon Cognito was recorded with', async () => {
    const file = '../recorded/initiate-auth.srp.unknown-user.json';
    const { request, error } = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
    const answer = initiate(app.ClientId, request.AuthFlow, request.AuthParameters);
    const met = await answer.catch((reason) => reason);
    expect({ name: met.name, message: met.message, status: met.$metadata.httpStatusCode }).toEqual({
      name: error.name,
      message: error.message,
      status: error.$metadata.httpStatusCode,
    });
  });

  it('is like a wrong password as ENABLED', async () => {
    expect(await refusal(byPassword(discreet.ClientId, 'nobody'))).toBe(WRONG);
  });
});

describe('a state in which the right password does not sign in', () => {
  it('a disabled user is told so', async () => {
    await house.createUser(pool, 'disabled');
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: 'disabled' }));
    expect(await refusal(byPassword(app.ClientId, 'disabled'))).toBe(
      'NotAuthorizedException: User is disabled.',
    );
  });

  it('a user who has not confirmed hears of it with the right password alone', async () => {
    await house.sdk.send(
      new SignUpCommand({
        ClientId: app.ClientId,
        Username: 'unconfirmed',
        Password: PASSWORD,
        UserAttributes: [{ Name: 'email', Value: 'unconfirmed@example.com' }],
      }),
    );
    for (const { ClientId } of [app, discreet]) {
      expect(await refusal(byPassword(ClientId, 'unconfirmed', 'Wrong-1-word'))).toBe(WRONG);
      expect(await refusal(byPassword(ClientId, 'unconfirmed'))).toBe(
        'UserNotConfirmedException: User is not confirmed.',
      );
    }
  });

  it('a user whose password was reset must choose a new one', async () => {
    await house.createUser(pool, 'reset');
    await house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: 'reset' }));
    expect(await refusal(byPassword(app.ClientId, 'reset'))).toBe(
      'PasswordResetRequiredException: Password reset required for the user',
    );
  });

  it('a client that hides users tells no state to who does not know the password', async () => {
    await house.createUser(pool, 'discreetly-disabled');
    await house.createUser(pool, 'discreetly-reset');
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: 'discreetly-disabled' }));
    await house.sdk.send(
      new AdminResetUserPasswordCommand({ UserPoolId: pool, Username: 'discreetly-reset' }),
    );
    expect(await refusal(byPassword(discreet.ClientId, 'discreetly-disabled', 'Wrong-1-word'))).toBe(WRONG);
    expect(await refusal(byPassword(discreet.ClientId, 'discreetly-reset', 'Wrong-1-word'))).toBe(WRONG);
  });
});

describe('a client with a secret', () => {
  const parameters = { USERNAME: 'keeper', PASSWORD };
  const withHash = (hash: string | undefined) =>
    initiate(secretive.ClientId, 'USER_PASSWORD_AUTH', {
      ...parameters,
      ...(hash !== undefined && { SECRET_HASH: hash }),
    });

  it('must send SECRET_HASH', async () => {
    await house.createUser(pool, 'keeper');
    expect(await refusal(withHash(undefined))).toBe(
      `NotAuthorizedException: Client ${secretive.ClientId} is configured with secret but SECRET_HASH was not received`,
    );
  });

  it('must send the right one', async () => {
    expect(await refusal(withHash('bm90IHRoZSBoYXNo'))).toBe(
      `NotAuthorizedException: Unable to verify secret hash for client ${secretive.ClientId}`,
    );
    expect(await refusal(withHash(secretHash(secretive, 'somebody-else')))).toMatch('Unable to verify');
    expect((await withHash(secretHash(secretive, 'keeper'))).AuthenticationResult).toBeDefined();
  });

  it('is asked for it before anything is told of the user', async () => {
    const unknown = { USERNAME: 'nobody', PASSWORD };
    expect(await refusal(initiate(secretive.ClientId, 'USER_PASSWORD_AUTH', unknown))).toMatch(
      'SECRET_HASH was not received',
    );
  });

  it('sends the hash of the real username with a refresh token', async () => {
    const signedIn = await withHash(secretHash(secretive, 'keeper'));
    const token = signedIn.AuthenticationResult?.RefreshToken ?? '';
    const refresh = (hash: Record<string, string>) =>
      initiate(secretive.ClientId, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: token, ...hash });
    expect(await refusal(refresh({}))).toMatch('SECRET_HASH was not received');
    const answer = await refresh({ SECRET_HASH: secretHash(secretive, 'keeper') });
    expect(answer.AuthenticationResult?.AccessToken).toBeDefined();
  });
});

it('a client that does not exist is told of', async () => {
  expect(await refusal(byPassword('nosuchclient', 'ann'))).toBe(
    'ResourceNotFoundException: User pool client nosuchclient does not exist.',
  );
});
