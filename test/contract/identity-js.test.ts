import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
  type CognitoUserSession,
} from 'amazon-cognito-identity-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { call, failing, memoryStorage } from '../support/identity-js.ts';
import { refusal } from '../support/refusal.ts';
import { refresh } from '../support/sign-in.ts';

let house: House;
let poolId: string;
let clientId: string;

beforeAll(async () => {
  house = await openHouse();
  poolId = await house.createPool();
  clientId = (await house.createClient(poolId, { ExplicitAuthFlows: undefined })).ClientId;
});
afterAll(() => house[Symbol.asyncDispose]());

function userOf(name: string, pool = poolId, client = clientId): CognitoUser {
  const Storage = memoryStorage();
  const Pool = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint: house.url, Storage });
  return new CognitoUser({ Username: name, Pool, Storage });
}

function authenticate(user: CognitoUser, name: string, password = PASSWORD): Promise<CognitoUserSession> {
  return new Promise((resolve, reject) => {
    const details = new AuthenticationDetails({ Username: name, Password: password });
    user.authenticateUser(details, {
      onSuccess: resolve,
      onFailure: reject,
      newPasswordRequired: (attributes, required) =>
        reject({ code: 'newPasswordRequired', attributes, required }),
    });
  });
}

async function recover(user: CognitoUser, address: string, password: string): Promise<unknown> {
  const details = await new Promise((resolve, reject) =>
    user.forgotPassword({ onSuccess: resolve, onFailure: reject, inputVerificationCode: resolve }),
  );
  const code = await house.code(address);
  await new Promise((resolve, reject) =>
    user.confirmPassword(code, password, { onSuccess: resolve, onFailure: reject }),
  );
  return details;
}

describe('amazon-cognito-identity-js', () => {
  it('signs in by SRP', async () => {
    await house.createUser(poolId, 'ann');
    const session = await authenticate(userOf('ann'), 'ann');
    expect(session.isValid()).toBe(true);
    expect(session.getAccessToken().payload).toMatchObject({ username: 'ann', token_use: 'access' });
    expect(session.getIdToken().payload).toMatchObject({ email: 'ann@example.com', token_use: 'id' });
  });

  it('is told of a wrong password', async () => {
    await house.createUser(poolId, 'bob');
    expect(await failing(authenticate(userOf('bob'), 'bob', 'Wrong-1-word'))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
  });

  it('recovers an account: a code by email, a new password, a sign-in with it', async () => {
    await house.createUser(poolId, 'carol');
    const user = userOf('carol');
    expect(await recover(user, 'carol@example.com', NEW_PASSWORD)).toEqual({
      CodeDeliveryDetails: { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'c***@e***' },
    });
    expect(await failing(authenticate(userOf('carol'), 'carol'))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
    expect((await authenticate(userOf('carol'), 'carol', NEW_PASSWORD)).isValid()).toBe(true);
  });

  it('is told of a wrong code', async () => {
    await house.createUser(poolId, 'dave');
    const user = userOf('dave');
    await new Promise((resolve, reject) => user.forgotPassword({ onSuccess: resolve, onFailure: reject }));
    const wrong = (await house.code('dave@example.com')) === '000000' ? '000001' : '000000';
    const confirm = new Promise((resolve, reject) =>
      user.confirmPassword(wrong, NEW_PASSWORD, { onSuccess: resolve, onFailure: reject }),
    );
    expect(await failing(confirm)).toBe(
      'CodeMismatchException: Invalid verification code provided, please try again.',
    );
  });

  it('signs up, confirms by the code, and signs in', async () => {
    const user = userOf('erin');
    const Pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint: house.url });
    const email = new CognitoUserAttribute({ Name: 'email', Value: 'erin@example.com' });
    await call((callback) => Pool.signUp('erin', PASSWORD, [email], [], callback));
    const code = await house.code('erin@example.com');
    expect(await call((callback) => user.confirmRegistration(code, false, callback))).toBe('SUCCESS');
    expect((await authenticate(user, 'erin')).isValid()).toBe(true);
  });

  it('changes a password', async () => {
    await house.createUser(poolId, 'frank');
    const user = userOf('frank');
    await authenticate(user, 'frank');
    expect(
      await failing(call((callback) => user.changePassword('Wrong-1-word', NEW_PASSWORD, callback))),
    ).toBe('NotAuthorizedException: Incorrect username or password.');
    expect(await call((callback) => user.changePassword(PASSWORD, NEW_PASSWORD, callback))).toBe('SUCCESS');
    expect((await authenticate(userOf('frank'), 'frank', NEW_PASSWORD)).isValid()).toBe(true);
  });

  it('reads the attributes of the user', async () => {
    await house.createUser(poolId, 'grace');
    const user = userOf('grace');
    await authenticate(user, 'grace');
    const attributes = await call<CognitoUserAttribute[]>((callback) => user.getUserAttributes(callback));
    const values = Object.fromEntries((attributes ?? []).map((a) => [a.getName(), a.getValue()]));
    expect(values).toEqual({
      sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: 'grace@example.com',
      email_verified: 'true',
    });
  });

  it('verifies a changed attribute', async () => {
    await house.createUser(poolId, 'heidi');
    const user = userOf('heidi');
    await authenticate(user, 'heidi');
    const email = new CognitoUserAttribute({ Name: 'email', Value: 'heidi@example.org' });
    await call((callback) => user.updateAttributes([email], callback));
    const code = await house.code('heidi@example.org');
    const verified = new Promise((resolve, reject) =>
      user.verifyAttribute('email', code, { onSuccess: resolve, onFailure: reject }),
    );
    expect(await verified).toBe('SUCCESS');
  });

  it('refreshes its session', async () => {
    await house.createUser(poolId, 'ivan');
    const user = userOf('ivan');
    const session = await authenticate(user, 'ivan');
    const next = await call<CognitoUserSession>((callback) =>
      user.refreshSession(session.getRefreshToken(), callback),
    );
    expect(next?.getAccessToken().payload['auth_time']).toBe(session.getAccessToken().payload['auth_time']);
    expect(next?.getAccessToken().getJwtToken()).not.toBe(session.getAccessToken().getJwtToken());
  });

  it('signs out everywhere', async () => {
    await house.createUser(poolId, 'judy');
    const [user, elsewhere] = [userOf('judy'), userOf('judy')];
    await authenticate(user, 'judy');
    const session = await authenticate(elsewhere, 'judy');
    await new Promise((onSuccess, onFailure) => user.globalSignOut({ onSuccess, onFailure }));
    expect(await failing(call((callback) => elsewhere.getUserAttributes(callback)))).toBe(
      'NotAuthorizedException: Access Token has been revoked',
    );
    expect(await refusal(refresh(house, clientId, session.getRefreshToken().getToken()))).toBe(
      'NotAuthorizedException: Refresh Token has been revoked',
    );
  });

  it('revokes its tokens at signOut', async () => {
    await house.createUser(poolId, 'kim');
    const user = userOf('kim');
    const session = await authenticate(user, 'kim');
    await new Promise<void>((resolve) => user.signOut(resolve));
    expect(await refusal(refresh(house, clientId, session.getRefreshToken().getToken()))).toBe(
      'NotAuthorizedException: Refresh Token has been revoked',
    );
  });

  it('completes NEW_PASSWORD_REQUIRED', async () => {
    const command = { UserPoolId: poolId, Username: 'leo', TemporaryPassword: PASSWORD };
    await house.sdk.send(new AdminCreateUserCommand({ ...command, MessageAction: 'SUPPRESS' }));
    const user = userOf('leo');
    const challenge = await authenticate(user, 'leo').catch((reason) => reason);
    expect(challenge).toEqual({ code: 'newPasswordRequired', attributes: {}, required: [] });
    const session = await new Promise<CognitoUserSession>((onSuccess, onFailure) =>
      user.completeNewPasswordChallenge(NEW_PASSWORD, { email: 'leo@example.com' }, { onSuccess, onFailure }),
    );
    expect(session.getIdToken().payload).toMatchObject({ email: 'leo@example.com', email_verified: false });
    expect((await authenticate(userOf('leo'), 'leo', NEW_PASSWORD)).isValid()).toBe(true);
  });

  it('must choose a new password after a reset by an administrator to a temporary one', async () => {
    await house.createUser(poolId, 'mia');
    const reset = { UserPoolId: poolId, Username: 'mia', Password: NEW_PASSWORD, Permanent: false };
    await house.sdk.send(new AdminSetUserPasswordCommand(reset));
    const challenge = await authenticate(userOf('mia'), 'mia', NEW_PASSWORD).catch((reason) => reason);
    expect(challenge.code).toBe('newPasswordRequired');
  });

  it('deletes the user', async () => {
    await house.createUser(poolId, 'nina');
    const user = userOf('nina');
    await authenticate(user, 'nina');
    expect(await call((callback) => user.deleteUser(callback))).toBe('SUCCESS');
    expect(await failing(authenticate(userOf('nina'), 'nina'))).toBe(
      'UserNotFoundException: User does not exist.',
    );
  });
});

describe('names other than the username', () => {
  it('a pool whose usernames are email addresses is signed in to, and recovered, by email', async () => {
    const pool = await house.createPool({ UsernameAttributes: ['email'] });
    const { ClientId } = await house.createClient(pool);
    const email = 'oscar@example.com';
    await house.createUser(pool, email, [
      { Name: 'email', Value: email },
      { Name: 'email_verified', Value: 'true' },
    ]);
    const session = await authenticate(userOf(email, pool, ClientId), email);
    const { username, sub } = session.getAccessToken().payload;
    expect(username).toBe(sub);
    await recover(userOf(email, pool, ClientId), email, NEW_PASSWORD);
    expect((await authenticate(userOf(email, pool, ClientId), email, NEW_PASSWORD)).isValid()).toBe(true);
  });

  it('an alias signs in once it is verified', async () => {
    const pool = await house.createPool({ AliasAttributes: ['email', 'preferred_username'] });
    const { ClientId } = await house.createClient(pool);
    await house.createUser(pool, 'peggy', [
      { Name: 'email', Value: 'peggy@example.com' },
      { Name: 'email_verified', Value: 'true' },
      { Name: 'preferred_username', Value: 'peg' },
    ]);
    await house.createUser(pool, 'quentin', [{ Name: 'email', Value: 'quentin@example.com' }]);
    for (const name of ['peggy@example.com', 'peg', 'peggy']) {
      const session = await authenticate(userOf(name, pool, ClientId), name);
      expect(session.getAccessToken().payload['username']).toBe('peggy');
    }
    const unverified = 'quentin@example.com';
    expect(await failing(authenticate(userOf(unverified, pool, ClientId), unverified))).toBe(
      'UserNotFoundException: User does not exist.',
    );
  });

  it('a pool that ignores case takes the name in any', async () => {
    const pool = await house.createPool({ UsernameConfiguration: { CaseSensitive: false } });
    const { ClientId } = await house.createClient(pool);
    await house.createUser(pool, 'Rupert');
    const session = await authenticate(userOf('RUPERT', pool, ClientId), 'RUPERT');
    expect(session.getAccessToken().payload['username']).toBe('rupert');
  });
});
