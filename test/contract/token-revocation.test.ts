import {
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminUserGlobalSignOutCommand,
  DeleteUserCommand,
  DeleteUserPoolClientCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { refresh, signIn } from '../support/sign-in.ts';

const ACCESS_REVOKED = 'NotAuthorizedException: Access Token has been revoked';
const REFRESH_REVOKED = 'NotAuthorizedException: Refresh Token has been revoked';

let house: House;
let pool: string;
let app: { ClientId: string };
let name: string;
let count = 0;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  app = await house.createClient(pool);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  count += 1;
  name = `user-${count}`;
  await house.createUser(pool, name);
});

const getUser = (token: string) => house.sdk.send(new GetUserCommand({ AccessToken: token }));
const revoke = (Token: string, ClientId = app.ClientId, ClientSecret?: string) =>
  house.sdk.send(new RevokeTokenCommand({ Token, ClientId, ...(ClientSecret && { ClientSecret }) }));

describe('RevokeToken', () => {
  it('ends the refresh token and every access token made from it, and no other session', async () => {
    const session = await signIn(house, app.ClientId, name);
    const other = await signIn(house, app.ClientId, name);
    const made = await refresh(house, app.ClientId, session.RefreshToken);
    await revoke(session.RefreshToken);
    expect(await refusal(refresh(house, app.ClientId, session.RefreshToken))).toBe(REFRESH_REVOKED);
    for (const token of [session.AccessToken, made.AccessToken])
      expect(await refusal(getUser(token))).toBe(ACCESS_REVOKED);
    expect((await getUser(other.AccessToken)).Username).toBe(name);
    expect((await refresh(house, app.ClientId, other.RefreshToken)).AccessToken).toBeDefined();
  });

  it('may be asked twice', async () => {
    const { RefreshToken } = await signIn(house, app.ClientId, name);
    await revoke(RefreshToken);
    await revoke(RefreshToken);
  });

  it('succeeds for a token that nobody issued, which is as ended as can be', async () => {
    const { RefreshToken, AccessToken } = await signIn(house, app.ClientId, name);
    await revoke('garbage');
    await revoke(`${RefreshToken.slice(0, -3)}AAA`);
    expect((await getUser(AccessToken)).Username).toBe(name);
  });

  it('is refused to another client, and the session lives on', async () => {
    const { RefreshToken, AccessToken } = await signIn(house, app.ClientId, name);
    const other = await house.createClient(pool);
    expect(await refusal(revoke(RefreshToken, other.ClientId))).toMatch(/^UnauthorizedException: /);
    expect((await getUser(AccessToken)).Username).toBe(name);
  });

  it('asks a client with a secret for it', async () => {
    const keeper = await house.createClient(pool, { GenerateSecret: true });
    for (const secret of [undefined, 'wrongwrongwrongwrongwrong'])
      expect(await refusal(revoke('garbage', keeper.ClientId, secret))).toMatch(/^UnauthorizedException: /);
    await revoke('garbage', keeper.ClientId, keeper.ClientSecret);
  });

  it('takes no access or ID token', async () => {
    const { AccessToken, IdToken } = await signIn(house, app.ClientId, name);
    for (const token of [AccessToken, IdToken])
      expect(await refusal(revoke(token))).toMatch(/^UnsupportedTokenTypeException: /);
  });

  it('is refused to a client that has revocation switched off', async () => {
    const plain = await house.createClient(pool, { EnableTokenRevocation: false });
    const { RefreshToken } = await signIn(house, plain.ClientId, name);
    expect(await refusal(revoke(RefreshToken, plain.ClientId))).toMatch(/^UnsupportedOperationException: /);
  });
});

describe('GlobalSignOut', () => {
  it('revokes every access and refresh token of the user, whatever client it is of', async () => {
    const other = await house.createClient(pool);
    const sessions = [
      { clientId: app.ClientId, ...(await signIn(house, app.ClientId, name)) },
      { clientId: other.ClientId, ...(await signIn(house, other.ClientId, name)) },
    ];
    await house.sdk.send(new GlobalSignOutCommand({ AccessToken: sessions[0]?.AccessToken }));
    for (const { clientId, AccessToken, RefreshToken } of sessions) {
      expect(await refusal(getUser(AccessToken))).toBe(ACCESS_REVOKED);
      expect(await refusal(refresh(house, clientId, RefreshToken))).toBe(REFRESH_REVOKED);
    }
    const again = await signIn(house, app.ClientId, name);
    expect((await getUser(again.AccessToken)).Username).toBe(name);
  });

  it('is refused with a token that was revoked', async () => {
    const { AccessToken } = await signIn(house, app.ClientId, name);
    await house.sdk.send(new GlobalSignOutCommand({ AccessToken }));
    expect(await refusal(house.sdk.send(new GlobalSignOutCommand({ AccessToken })))).toBe(ACCESS_REVOKED);
  });

  it('leaves other users alone', async () => {
    await house.createUser(pool, `${name}-b`);
    const [mine, theirs] = [
      await signIn(house, app.ClientId, name),
      await signIn(house, app.ClientId, `${name}-b`),
    ];
    await house.sdk.send(new GlobalSignOutCommand({ AccessToken: mine.AccessToken }));
    expect((await getUser(theirs.AccessToken)).Username).toBe(`${name}-b`);
  });

  it('reaches the tokens of a client that has revocation switched off', async () => {
    const plain = await house.createClient(pool, { EnableTokenRevocation: false });
    const { AccessToken, RefreshToken } = await signIn(house, plain.ClientId, name);
    await house.sdk.send(new GlobalSignOutCommand({ AccessToken }));
    expect(await refusal(getUser(AccessToken))).toBe(ACCESS_REVOKED);
    expect(await refusal(refresh(house, plain.ClientId, RefreshToken))).toBe(REFRESH_REVOKED);
  });
});

describe('AdminUserGlobalSignOut', () => {
  it('revokes every access and refresh token of the user', async () => {
    const { AccessToken, RefreshToken } = await signIn(house, app.ClientId, name);
    await house.sdk.send(new AdminUserGlobalSignOutCommand({ UserPoolId: pool, Username: name }));
    expect(await refusal(getUser(AccessToken))).toBe(ACCESS_REVOKED);
    expect(await refusal(refresh(house, app.ClientId, RefreshToken))).toBe(REFRESH_REVOKED);
  });

  it('says so when the user does not exist', async () => {
    const command = new AdminUserGlobalSignOutCommand({ UserPoolId: pool, Username: 'nobody' });
    expect(await refusal(house.sdk.send(command))).toBe('UserNotFoundException: User does not exist.');
  });
});

describe('the tokens of a user', () => {
  it('who is disabled are refused, and stay revoked when the user is enabled again', async () => {
    const { AccessToken, RefreshToken } = await signIn(house, app.ClientId, name);
    const whose = { UserPoolId: pool, Username: name };
    await house.sdk.send(new AdminDisableUserCommand(whose));
    expect(await refusal(getUser(AccessToken))).toBe('NotAuthorizedException: User is disabled.');
    await house.sdk.send(new AdminEnableUserCommand(whose));
    expect(await refusal(getUser(AccessToken))).toBe(ACCESS_REVOKED);
    expect(await refusal(refresh(house, app.ClientId, RefreshToken))).toBe(REFRESH_REVOKED);
    expect((await signIn(house, app.ClientId, name)).AccessToken).toBeDefined();
  });

  it('who was deleted speak for nobody', async () => {
    const { AccessToken, RefreshToken } = await signIn(house, app.ClientId, name);
    await house.sdk.send(new DeleteUserCommand({ AccessToken }));
    expect(await refusal(getUser(AccessToken))).toBe('UserNotFoundException: User does not exist.');
    expect(await refusal(refresh(house, app.ClientId, RefreshToken))).toBe(
      'NotAuthorizedException: Invalid Refresh Token',
    );
  });

  it('do not pass to another user who takes the name', async () => {
    const { AccessToken } = await signIn(house, app.ClientId, name);
    await house.sdk.send(new DeleteUserCommand({ AccessToken }));
    await house.createUser(pool, name);
    expect(await refusal(getUser(AccessToken))).toBe('UserNotFoundException: User does not exist.');
  });

  it('end with their client', async () => {
    const short = await house.createClient(pool);
    const { AccessToken } = await signIn(house, short.ClientId, name);
    const command = { UserPoolId: pool, ClientId: short.ClientId };
    await house.sdk.send(new DeleteUserPoolClientCommand(command));
    expect(await refusal(getUser(AccessToken))).toBe(
      `ResourceNotFoundException: User pool client ${short.ClientId} does not exist.`,
    );
  });
});
