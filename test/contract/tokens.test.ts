import { createHmac, generateKeyPairSync, KeyObject } from 'node:crypto';
import {
  AdminUpdateUserAttributesCommand,
  type CreateUserPoolClientCommandInput,
  DeleteUserCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  GlobalSignOutCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CognitoJwtVerifier, JwtRsaVerifier } from 'aws-jwt-verify';
import type { Jwks } from 'aws-jwt-verify/jwk';
import { createRemoteJWKSet, decodeProtectedHeader, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, refresh, signIn, type Tokens } from '../support/sign-in.ts';

const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const INVALID = 'NotAuthorizedException: Invalid Access Token';

let house: House;
let pool: string;
let app: { ClientId: string };
let tokens: Tokens;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool({
    Schema: [
      { Name: 'tenant', AttributeDataType: 'String', Mutable: true },
      { Name: 'seats', AttributeDataType: 'Number', Mutable: true },
      { Name: 'beta', AttributeDataType: 'Boolean', Mutable: true },
    ],
  });
  app = await house.createClient(pool);
  await house.createUser(pool, 'ann', [
    { Name: 'email', Value: 'ann@example.com' },
    { Name: 'email_verified', Value: 'True' },
    { Name: 'phone_number', Value: '+15550100' },
    { Name: 'phone_number_verified', Value: 'false' },
    { Name: 'address', Value: '1 High Street' },
    { Name: 'updated_at', Value: '1700000000' },
    { Name: 'custom:tenant', Value: 'blue' },
    { Name: 'custom:seats', Value: '12' },
    { Name: 'custom:beta', Value: 'true' },
  ]);
  tokens = await signIn(house, app.ClientId, 'ann');
});
afterAll(() => house[Symbol.asyncDispose]());

const getUser = (token: string) => house.sdk.send(new GetUserCommand({ AccessToken: token }));
const issuer = () => `${house.url}/${pool}`;
const jwks = async (at = house, poolId = pool) =>
  (await (await fetch(`${at.url}/${poolId}/.well-known/jwks.json`)).json()) as Jwks;

async function signInAs(input: Partial<CreateUserPoolClientCommandInput>) {
  const client = await house.createClient(pool, input);
  return { ...client, tokens: await signIn(house, client.ClientId, 'ann') };
}

describe('the claims', () => {
  it('of an access token', () => {
    const claims = claimsOf(tokens.AccessToken);
    expect(claims).toEqual({
      sub: UUID,
      iss: issuer(),
      client_id: app.ClientId,
      origin_jti: UUID,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      auth_time: claims.iat,
      exp: (claims.iat ?? 0) + 3600,
      iat: expect.any(Number),
      jti: UUID,
      username: 'ann',
    });
    expect(Math.abs((claims.iat ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  it('of an ID token, the attributes with their types among them', () => {
    const claims = claimsOf(tokens.IdToken);
    expect(claims).toEqual({
      sub: claimsOf(tokens.AccessToken).sub,
      iss: issuer(),
      aud: app.ClientId,
      'cognito:username': 'ann',
      origin_jti: claimsOf(tokens.AccessToken)['origin_jti'],
      token_use: 'id',
      auth_time: claims.iat,
      exp: (claims.iat ?? 0) + 3600,
      iat: expect.any(Number),
      jti: UUID,
      email: 'ann@example.com',
      email_verified: true,
      phone_number: '+15550100',
      phone_number_verified: false,
      address: { formatted: '1 High Street' },
      updated_at: 1_700_000_000,
      'custom:tenant': 'blue',
      'custom:seats': '12',
      'custom:beta': 'true',
    });
    expect(claims.jti).not.toBe(claimsOf(tokens.AccessToken).jti);
  });

  it('leave out jti and origin_jti where the client has revocation switched off', async () => {
    const plain = (await signInAs({ EnableTokenRevocation: false })).tokens;
    for (const token of [plain.AccessToken, plain.IdToken]) {
      expect(claimsOf(token)).not.toHaveProperty('jti');
      expect(claimsOf(token)).not.toHaveProperty('origin_jti');
    }
  });

  it('tell of no attribute that the client may not read', async () => {
    const limited = await signInAs({ ReadAttributes: ['email', 'custom:tenant'] });
    const names = Object.keys(claimsOf(limited.tokens.IdToken));
    expect(names).toEqual(expect.arrayContaining(['email', 'custom:tenant', 'sub']));
    for (const hidden of ['email_verified', 'phone_number', 'address', 'custom:seats'])
      expect(names).not.toContain(hidden);
  });

  it('name the sub as the username in a pool of email addresses', async () => {
    const byEmail = await house.createPool({ UsernameAttributes: ['email'] });
    const { ClientId } = await house.createClient(byEmail);
    await house.createUser(byEmail, 'x@example.com', [{ Name: 'email', Value: 'x@example.com' }]);
    const { AccessToken, IdToken } = await signIn(house, ClientId, 'x@example.com');
    const { sub } = claimsOf(AccessToken);
    expect(claimsOf(AccessToken)['username']).toBe(sub);
    expect(claimsOf(IdToken)['cognito:username']).toBe(sub);
  });

  it('show attributes as they are now after a refresh, and auth_time as it was', async () => {
    await using other = await openHouse();
    const poolId = await other.createPool();
    const { ClientId } = await other.createClient(poolId);
    await other.createUser(poolId, 'ben');
    const first = await signIn(other, ClientId, 'ben');
    await other.advance('PT10M');
    const change = { UserPoolId: poolId, Username: 'ben', UserAttributes: [{ Name: 'name', Value: 'Ben' }] };
    await other.sdk.send(new AdminUpdateUserAttributesCommand(change));
    const next = await refresh(other, ClientId, first.RefreshToken);
    expect(claimsOf(next.IdToken)['name']).toBe('Ben');
    for (const [before, after] of [
      [claimsOf(first.AccessToken), claimsOf(next.AccessToken)],
      [claimsOf(first.IdToken), claimsOf(next.IdToken)],
    ] as const) {
      expect(after['auth_time']).toBe(before['auth_time']);
      expect(after['origin_jti']).toBe(before['origin_jti']);
      expect(after.jti).not.toBe(before.jti);
      expect((after.iat ?? 0) - (before.iat ?? 0)).toBeGreaterThanOrEqual(600);
    }
  });
});

describe('how long tokens are good for', () => {
  it('is in the units of the client', async () => {
    const { tokens: short } = await signInAs({
      AccessTokenValidity: 10,
      IdTokenValidity: 600,
      RefreshTokenValidity: 2,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'seconds', RefreshToken: 'hours' },
    });
    const lifetime = (token: string) => (claimsOf(token).exp ?? 0) - (claimsOf(token).iat ?? 0);
    expect(short.ExpiresIn).toBe(600);
    expect(lifetime(short.AccessToken)).toBe(600);
    expect(lifetime(short.IdToken)).toBe(600);
    const { tokens: long } = await signInAs({
      AccessTokenValidity: 1,
      TokenValidityUnits: { AccessToken: 'days' },
    });
    expect(lifetime(long.AccessToken)).toBe(86_400);
    expect(lifetime(long.IdToken)).toBe(3600);
  });

  it('ends by the clock', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    await using other = await openHouse();
    const poolId = await other.createPool();
    const { ClientId } = await other.createClient(poolId, { RefreshTokenValidity: 2 });
    await other.createUser(poolId, 'ben');
    const { AccessToken, RefreshToken } = await signIn(other, ClientId, 'ben');
    await other.advance('PT59M');
    await other.sdk.send(new GetUserCommand({ AccessToken }));
    await other.advance('PT1M');
    expect(await refusal(other.sdk.send(new GetUserCommand({ AccessToken })))).toBe(
      'NotAuthorizedException: Access Token has expired',
    );
    await other.advance('P1DT22H59M');
    const last = await refresh(other, ClientId, RefreshToken);
    await other.advance('PT1M');
    expect(await refusal(refresh(other, ClientId, RefreshToken))).toBe(
      'NotAuthorizedException: Refresh Token has expired',
    );
    // An access token may outlive the refresh token that it was made from, and what the janitor clears away.
    vi.advanceTimersByTime(60_000);
    await other.createUser(poolId, 'after-the-janitor');
    await other.sdk.send(new GetUserCommand({ AccessToken: last.AccessToken }));
  });
});

describe('the keys', () => {
  it('are two, one for ID and one for access tokens, without their private parts', async () => {
    const { keys } = await jwks();
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      expect(key).toMatchObject({ alg: 'RS256', kty: 'RSA', use: 'sig' });
    }
    const kids = [tokens.IdToken, tokens.AccessToken].map((token) => decodeProtectedHeader(token));
    expect(new Set(kids.map(({ kid }) => kid)).size).toBe(2);
    expect(keys.map(({ kid }) => kid).sort()).toEqual(kids.map(({ kid }) => kid).sort());
    expect(kids.map((header) => Object.keys(header))).toEqual([
      ['kid', 'alg'],
      ['kid', 'alg'],
    ]);
  });

  it('are where the discovery document says', async () => {
    const response = await fetch(`${issuer()}/.well-known/openid-configuration`);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const discovery = (await response.json()) as Record<string, unknown>;
    expect(discovery).toMatchObject({
      issuer: issuer(),
      jwks_uri: `${issuer()}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: ['RS256'],
    });
    expect((await fetch(discovery['jwks_uri'] as string)).status).toBe(200);
  });

  it('of a pool that does not exist are not there', async () => {
    for (const document of ['jwks.json', 'openid-configuration'])
      for (const name of ['us-east-1_nowhere00', 'a%00b'])
        expect((await fetch(`${house.url}/${name}/.well-known/${document}`)).status).toBe(404);
  });

  it('verify with jose', async () => {
    const keys = createRemoteJWKSet(new URL(`${issuer()}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(tokens.IdToken, keys, { issuer: issuer(), audience: app.ClientId });
    expect(payload['token_use']).toBe('id');
    await jwtVerify(tokens.AccessToken, keys, { issuer: issuer() });
  });

  it('verify with the JwtRsaVerifier of aws-jwt-verify', async () => {
    const verifier = JwtRsaVerifier.create({ issuer: issuer(), audience: app.ClientId });
    verifier.cacheJwks(await jwks());
    expect((await verifier.verify(tokens.IdToken)).sub).toBe(claimsOf(tokens.IdToken).sub);
  });

  it('verify with its CognitoJwtVerifier where the issuer is that of AWS', async () => {
    await using aws = await openHouse({ issuer: 'aws' });
    const userPoolId = await aws.createPool();
    const { ClientId: clientId } = await aws.createClient(userPoolId);
    await aws.createUser(userPoolId, 'ben');
    const { AccessToken, IdToken } = await signIn(aws, clientId, 'ben');
    for (const [tokenUse, token] of [
      ['access', AccessToken],
      ['id', IdToken],
    ] as const) {
      const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse });
      verifier.cacheJwks(await jwks(aws, userPoolId));
      expect((await verifier.verify(token)).iss).toBe(
        `https://cognito-idp.us-east-1.amazonaws.com/${userPoolId}`,
      );
    }
    await aws.sdk.send(new GetUserCommand({ AccessToken }));
  });
});

describe('an access token that was not issued', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const partsOf = (token: string) => token.split('.') as [string, string, string];

  it('is refused without a signature (alg none)', async () => {
    const [, payload] = partsOf(tokens.AccessToken);
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = encode({ ...decodeProtectedHeader(tokens.AccessToken), alg });
      expect(await refusal(getUser(`${header}.${payload}.`))).toBe(INVALID);
      expect(await refusal(getUser(`${header}.${payload}.AAAA`))).toBe(INVALID);
    }
  });

  it('is refused with the public key as an HMAC secret', async () => {
    const { keys } = await jwks();
    const [, payload] = partsOf(tokens.AccessToken);
    for (const jwk of keys) {
      const pem = KeyObject.from((await importJWK(jwk as JWK, 'RS256')) as CryptoKey).export({
        type: 'spki',
        format: 'pem',
      });
      const signed = `${encode({ alg: 'HS256', kid: jwk.kid })}.${payload}`;
      for (const secret of [pem, JSON.stringify(jwk)]) {
        const signature = createHmac('sha256', secret).update(signed).digest('base64url');
        expect(await refusal(getUser(`${signed}.${signature}`))).toBe(INVALID);
      }
    }
  });

  it('is refused with an altered payload', async () => {
    const [header, , signature] = partsOf(tokens.AccessToken);
    const payload = encode({ ...claimsOf(tokens.AccessToken), username: 'mallory' });
    expect(await refusal(getUser(`${header}.${payload}.${signature}`))).toBe(INVALID);
  });

  it('is refused when signed by another key under our kid', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { kid } = decodeProtectedHeader(tokens.AccessToken);
    const forged = await new SignJWT(claimsOf(tokens.AccessToken))
      .setProtectedHeader({ alg: 'RS256', kid: kid as string })
      .sign(privateKey);
    expect(await refusal(getUser(forged))).toBe(INVALID);
  });

  it('is refused when another pool issued it for itself and it names this one', async () => {
    const stranger = await house.createPool();
    const { ClientId } = await house.createClient(stranger);
    await house.createUser(stranger, 'ann');
    const [header, payload, signature] = partsOf((await signIn(house, ClientId, 'ann')).AccessToken);
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const renamed = encode({ ...claims, iss: issuer() });
    expect(await refusal(getUser(`${header}.${renamed}.${signature}`))).toBe(INVALID);
  });

  it('is refused when it is an ID token, or a refresh token', async () => {
    expect(await refusal(getUser(tokens.IdToken))).toBe(INVALID);
    expect(await refusal(getUser(tokens.RefreshToken))).toBe(INVALID);
  });

  it.each([
    ['no token at all', 'garbage'],
    ['three dots', 'a.b.c'],
    ['an issuer that is a number', `${encode({ alg: 'RS256' })}.${encode({ iss: 5 })}.AAAA`],
    ['an issuer that is a list', `${encode({ alg: 'RS256' })}.${encode({ iss: ['a/b'] })}.AAAA`],
    ['an issuer that is an object', `${encode({ alg: 'RS256' })}.${encode({ iss: {} })}.AAAA`],
    ['no issuer', `${encode({ alg: 'RS256' })}.${encode({})}.AAAA`],
    ['a payload that is a list', `${encode({ alg: 'RS256' })}.${encode([])}.AAAA`],
    ['a payload that is null', `${encode({ alg: 'RS256' })}.${encode(null)}.AAAA`],
    ['a header that is no object', `${encode(7)}.${encode({ iss: 'x/us-east-1_a' })}.AAAA`],
    ['a critical header', `${encode({ alg: 'RS256', crit: ['x'] })}.${encode({ iss: 'x/y' })}.AAAA`],
    [
      'the issuer of a pool that does not exist',
      `${encode({ alg: 'RS256' })}.${encode({ iss: 'a/us-east-1_none00000' })}.AAAA`,
    ],
  ])('is refused when it is %s', async (_, token) => {
    expect(await refusal(getUser(token))).toBe(INVALID);
  });

  it('is refused by every operation that takes one', async () => {
    const AccessToken = 'garbage';
    for (const answer of [
      house.sdk.send(new DeleteUserCommand({ AccessToken })),
      house.sdk.send(new GlobalSignOutCommand({ AccessToken })),
      house.sdk.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: 'email' })),
    ].map(refusal))
      expect(await answer).toBe(INVALID);
  });
});
