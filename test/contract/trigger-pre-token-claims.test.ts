import { GetUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import type { Jwks } from 'aws-jwt-verify/jwk';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../support/refusal.ts';
import { claimsOf } from '../support/sign-in.ts';
import { AT_REFRESH, openTokenHouse, SIGNED_IN_SCOPE, type TokenHouse } from '../support/token-house.ts';

const UNRECOGNIZABLE = 'InvalidLambdaResponseException: Unrecognizable lambda output';

let tokens: TokenHouse;
beforeAll(async () => {
  tokens = await openTokenHouse();
});
afterAll(() => tokens.house[Symbol.asyncDispose]());
beforeEach(() => tokens.house.functions.reset());

const changes = (
  details: { id?: object; access?: object; groupOverrideDetails?: object | null } = {},
): object => ({
  claimsAndScopeOverrideDetails: {
    idTokenGeneration: details.id ?? null,
    accessTokenGeneration: details.access ?? null,
    ...('groupOverrideDetails' in details && { groupOverrideDetails: details.groupOverrideDetails }),
  },
});

describe.each([
  ['V2_0', '2'],
  ['V3_0', '3'],
] as const)('%s', (LambdaVersion, version) => {
  beforeAll(() => tokens.configure(tokens.functionOf(LambdaVersion)));

  it('hears of the scopes, too', async () => {
    await tokens.renewed();
    const { version: told, request, response } = tokens.house.functions.last(AT_REFRESH);
    expect(told).toBe(version);
    expect(Object.keys(request)).toEqual(['userAttributes', 'groupConfiguration', 'scopes']);
    expect(request.scopes).toEqual([SIGNED_IN_SCOPE]);
    expect(JSON.stringify(response)).toBe('{"claimsAndScopeOverrideDetails":null}');
  });

  it('changes the claims of each token, to whatever JSON can say, and the signature is right', async () => {
    const added = {
      text: 'ä"\\',
      whole: 9007199254740991,
      large: 1.7976931348623157e308,
      yes: true,
      list: ['a', 1, false, null],
      object: { deep: { deeper: [{}] } },
    };
    tokens.house.functions.answer(
      AT_REFRESH,
      changes({
        id: {
          claimsToAddOrOverride: { ...added, email: 'other@example.com' },
          claimsToSuppress: ['email_verified'],
        },
        access: { claimsToAddOrOverride: { ...added, email: 'ann@example.com' } },
      }),
    );
    const made = await tokens.renewed();
    const jwksUrl = `${tokens.house.url}/${tokens.poolId}/.well-known/jwks.json`;
    const verifier = CognitoJwtVerifier.create({
      userPoolId: tokens.poolId,
      clientId: tokens.app.ClientId,
      tokenUse: null,
    });
    verifier.cacheJwks((await (await fetch(jwksUrl)).json()) as Jwks);
    const keys = createRemoteJWKSet(new URL(jwksUrl));
    for (const token of [made.IdToken, made.AccessToken]) {
      expect(await verifier.verify(token)).toMatchObject(added);
      expect((await jwtVerify(token, keys)).payload).toMatchObject(added);
    }
    expect(claimsOf(made.IdToken)).toMatchObject({ email: 'other@example.com', sub: tokens.sub });
    expect(claimsOf(made.IdToken)).not.toHaveProperty('email_verified');
    expect(claimsOf(made.AccessToken)).toMatchObject({ email: 'ann@example.com', sub: tokens.sub });
    expect(await tokens.reason()).toBeNull();
  });
});

describe('V2_0, in particular', () => {
  beforeAll(() => tokens.configure(tokens.functionOf('V2_0')));

  it('what is both suppressed and overridden is suppressed', async () => {
    const both = {
      claimsToAddOrOverride: { tenant: 'blue', email: 'x@y' },
      claimsToSuppress: ['tenant', 'email'],
    };
    const { id, access } = await tokens.claimsFor(changes({ id: both, access: both }));
    for (const claims of [id, access]) {
      expect(claims).not.toHaveProperty('tenant');
      expect(claims).not.toHaveProperty('email');
    }
  });

  it('a claim of null is none', async () => {
    const { id } = await tokens.claimsFor(
      changes({ id: { claimsToAddOrOverride: { tenant: null, email: null } } }),
    );
    expect(id).not.toHaveProperty('tenant');
    expect(id['email']).toBe('ann@example.com');
  });

  it('adds scopes after the one that is there, each once', async () => {
    const { access, id } = await tokens.claimsFor(
      changes({ access: { scopesToAdd: ['openid', 'orders/read', 'openid', SIGNED_IN_SCOPE] } }),
    );
    expect(access['scope']).toBe(`${SIGNED_IN_SCOPE} openid orders/read`);
    expect(id).not.toHaveProperty('scope');
  });

  it('one scope cannot be two: blanks are refused, the rest stays', async () => {
    const { access } = await tokens.claimsFor(
      changes({ access: { scopesToAdd: ['orders admin', 'a\tb', '', ' ', 'fine'] } }),
    );
    expect(access['scope']).toBe(`${SIGNED_IN_SCOPE} fine`);
    expect(await tokens.reason()).toBe('A scope must have no blanks.');
  });

  it.each([
    [
      'the scope of signed-in users',
      { scopesToAdd: ['openid'], scopesToSuppress: [SIGNED_IN_SCOPE] },
      'openid',
    ],
    ['every scope', { scopesToSuppress: [SIGNED_IN_SCOPE, 'other'] }, undefined],
    [
      'what it adds itself',
      { scopesToAdd: [SIGNED_IN_SCOPE], scopesToSuppress: [SIGNED_IN_SCOPE] },
      undefined,
    ],
  ])('suppresses %s: the token no longer serves the user operations', async (_, access, scope) => {
    tokens.house.functions.answer(AT_REFRESH, changes({ access }));
    const { AccessToken } = await tokens.renewed();
    expect(claimsOf(AccessToken)['scope']).toBe(scope);
    expect(await refusal(tokens.house.sdk.send(new GetUserCommand({ AccessToken })))).toBe(
      'NotAuthorizedException: Access Token does not have required scopes',
    );
  });

  it('groups are in both tokens, and may be suppressed in each', async () => {
    const groupOverrideDetails = {
      groupsToOverride: ['admins'],
      iamRolesToOverride: ['arn:role'],
      preferredRole: 'arn:role',
    };
    const shown = await tokens.claimsFor(changes({ groupOverrideDetails }));
    expect(shown.id).toMatchObject({ 'cognito:groups': ['admins'], 'cognito:roles': ['arn:role'] });
    expect(shown.access).toMatchObject({ 'cognito:groups': ['admins'] });
    const claimsToSuppress = ['cognito:groups'];
    const hidden = await tokens.claimsFor(
      changes({ groupOverrideDetails, id: { claimsToSuppress }, access: { claimsToSuppress } }),
    );
    for (const claims of [hidden.id, hidden.access]) {
      expect(Object.keys(claims).filter((name) => /^cognito:[^u]/.test(name))).toEqual([]);
    }
    expect(hidden.id['cognito:username']).toBe('ann');
  });

  it('what says who the token is for, and until when, is not a function’s to change', async () => {
    const fixed = [
      ...['username', 'sub', 'identities', 'aud', 'client_id', 'event_id', 'device_key', 'version', 'acr'],
      ...['amr', 'at_hash', 'auth_time', 'azp', 'exp', 'iat', 'iss', 'jti', 'nbf', 'nonce', 'origin_jti'],
      ...['token_use', 'scope', 'cognito:username', 'cognito:groups', 'cognito:anything', 'dev:custom:x'],
    ];
    const forged = {
      claimsToAddOrOverride: Object.fromEntries(fixed.map((name) => [name, 'forged'])),
      claimsToSuppress: fixed.filter((name) => name !== 'cognito:groups' && !name.startsWith('dev:')),
    };
    const { id, access } = await tokens.claimsFor(changes({ id: forged, access: forged }));
    const passing = { iat: expect.any(Number), exp: expect.any(Number), jti: expect.any(String) };
    expect(id).toEqual({ ...claimsOf(tokens.plain.IdToken), ...passing });
    expect(access).toEqual({ ...claimsOf(tokens.plain.AccessToken), ...passing });
    expect(await tokens.reason()).toMatch(
      /^No function changes these of the ID token: username, sub, .* No function changes these of the access token: /,
    );
  });

  it('an access token gets an audience when it is the app client', async () => {
    const aud = (value: string) => changes({ access: { claimsToAddOrOverride: { aud: value } } });
    expect((await tokens.claimsFor(aud(tokens.app.ClientId))).access.aud).toBe(tokens.app.ClientId);
    expect((await tokens.claimsFor(aud('another'))).access).not.toHaveProperty('aud');
  });

  it('email_verified and its like are no lists and no objects in an ID token', async () => {
    const claimsToAddOrOverride = { email_verified: [true], phone_number_verified: {}, address: { a: 1 } };
    const { id, access } = await tokens.claimsFor(
      changes({ id: { claimsToAddOrOverride }, access: { claimsToAddOrOverride } }),
    );
    expect(id['email_verified']).toBe(true);
    expect(id).not.toHaveProperty('phone_number_verified');
    expect(access).toMatchObject(claimsToAddOrOverride);
    const plainly = await tokens.claimsFor(
      changes({ id: { claimsToAddOrOverride: { email_verified: false } } }),
    );
    expect(plainly.id['email_verified']).toBe(false);
  });

  it('names that mean something to JavaScript are claims like any', async () => {
    const strange = JSON.parse('{"__proto__":{"sub":"forged"},"constructor":"c","toString":"t"}');
    const { id } = await tokens.claimsFor(changes({ id: { claimsToAddOrOverride: strange } }));
    expect(id.sub).toBe(tokens.sub);
    expect(JSON.stringify(id)).toContain('"constructor":"c"');
  });

  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  it.each<[string, object]>([
    ['a list for claims', { claimsAndScopeOverrideDetails: [] }],
    ['a text for claims', { claimsAndScopeOverrideDetails: 'all' }],
    ['a list of claims', changes({ id: { claimsToAddOrOverride: ['a'] } })],
    ['a text to suppress', changes({ id: { claimsToSuppress: 'email' } })],
    ['numbers to suppress', changes({ access: { claimsToSuppress: [1] } })],
    ['scopes that are objects', changes({ access: { scopesToAdd: [{}] } })],
    ['one text for scopes', changes({ access: { scopesToSuppress: SIGNED_IN_SCOPE } })],
    ['one text for groups', changes({ groupOverrideDetails: { groupsToOverride: 'admins' } })],
    ['a number for a role', changes({ groupOverrideDetails: { preferredRole: 7 } })],
    ['what no header carries', changes({ id: { claimsToAddOrOverride: { long: 'x'.repeat(16_384) } } })],
    ['as long scopes', changes({ access: { scopesToAdd: Array(2000).fill('scope-scope') } })],
    [
      'as many groups',
      changes({ groupOverrideDetails: { groupsToOverride: Array(2000).fill('group-group') } }),
    ],
    ['what is nested deeply', changes({ access: { claimsToAddOrOverride: { deep: nested(40) } } })],
    [
      'what is nested too deeply to be written',
      changes({ id: { claimsToAddOrOverride: { deep: nested(3000) } } }),
    ],
  ])('an answer with %s is not recognized', async (_, response) => {
    tokens.house.functions.answer(AT_REFRESH, response);
    expect(await refusal(tokens.renewed())).toBe(UNRECOGNIZABLE);
    expect(await tokens.reason()).toMatch(/^(?:response|The answer)/);
  });

  it('an answer without a response is not recognized; what it does not know it ignores', async () => {
    tokens.house.functions.does(AT_REFRESH, (event) => ({ returns: { ...event, response: null } }));
    expect(await refusal(tokens.renewed())).toBe(UNRECOGNIZABLE);
    const { id } = await tokens.claimsFor({
      claimsOverrideDetails: { claimsToAddOrOverride: { tenant: 'blue' } },
    });
    expect(id).not.toHaveProperty('tenant');
  });

  it('each of many at once gets the answer to their own event', async () => {
    tokens.house.functions.answer(AT_REFRESH, () =>
      changes({ id: { claimsToAddOrOverride: { n: Math.random() } } }),
    );
    const many = await Promise.all(Array.from({ length: 20 }, tokens.renewed));
    expect(new Set(many.map(({ IdToken }) => claimsOf(IdToken)['n'])).size).toBe(20);
  });
});
