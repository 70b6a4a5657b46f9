import {
  AdminCreateUserCommand,
  DescribeUserPoolCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  type LambdaConfigType,
  type PreTokenGenerationLambdaVersionType,
  RespondToAuthChallengeCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import type { Jwks } from 'aws-jwt-verify/jwk';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, refresh, signIn, type Tokens } from '../support/sign-in.ts';

const SIGN_IN = 'TokenGeneration_Authentication';
const REFRESH = 'TokenGeneration_RefreshTokens';
const SIGNED_IN_SCOPE = 'aws.cognito.signin.user.admin';
const UNRECOGNIZABLE = 'InvalidLambdaResponseException: Unrecognizable lambda output';

let house: FunctionHouse;
let poolId: string;
let app: { ClientId: string };
let sub: string;
/** Of a sign-in before there was a function. */
let plain: Tokens;

beforeAll(async () => {
  // What aws-jwt-verify insists on.
  house = await openFunctionHouse({ issuer: 'aws' });
  poolId = await house.createPool();
  app = await house.createClient(poolId);
  await house.createUser(poolId, 'ann');
  plain = await signIn(house, app.ClientId, 'ann');
  sub = claimsOf(plain.IdToken).sub as string;
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const functionOf = (LambdaVersion: PreTokenGenerationLambdaVersionType): LambdaConfigType => {
  const arn = house.functions.arn('tokens');
  return LambdaVersion === 'V1_0'
    ? { PreTokenGeneration: arn }
    : { PreTokenGenerationConfig: { LambdaVersion, LambdaArn: arn } };
};

const configure = (LambdaConfig: LambdaConfigType) =>
  house.sdk.send(
    new UpdateUserPoolCommand({ UserPoolId: poolId, AutoVerifiedAttributes: ['email'], LambdaConfig }),
  );

const renewed = () => refresh(house, app.ClientId, plain.RefreshToken);

/** The claims of new tokens, when the function answers so. */
async function claimsFor(response: object) {
  house.functions.answer(REFRESH, response);
  const { IdToken, AccessToken } = await renewed();
  return { id: claimsOf(IdToken), access: claimsOf(AccessToken) };
}

/** What operators are told of the newest call. */
async function reason(): Promise<string | null> {
  const { invocations } = (await house.operator(`triggers?userPoolId=${poolId}&limit=1`)) as {
    invocations: { reason: string | null }[];
  };
  return invocations[0]?.reason ?? null;
}

const changes = (
  details: { id?: object; access?: object; groupOverrideDetails?: object | null } = {},
): object => ({
  claimsAndScopeOverrideDetails: {
    idTokenGeneration: details.id ?? null,
    accessTokenGeneration: details.access ?? null,
    ...('groupOverrideDetails' in details && { groupOverrideDetails: details.groupOverrideDetails }),
  },
});

describe('V1_0', () => {
  beforeAll(() => configure(functionOf('V1_0')));
  const overrides = (claimsOverrideDetails: object | null) => ({ claimsOverrideDetails });

  it('hears of a sign-in, key by key', async () => {
    await signIn(house, app.ClientId, 'ann');
    const event = house.functions.last(SIGN_IN);
    expect(JSON.stringify(event)).toBe(
      JSON.stringify({
        version: '1',
        region: 'us-east-1',
        userPoolId: poolId,
        userName: 'ann',
        callerContext: { awsSdkVersion: event.callerContext.awsSdkVersion, clientId: app.ClientId },
        triggerSource: SIGN_IN,
        request: {
          userAttributes: {
            sub,
            'cognito:user_status': 'CONFIRMED',
            email: 'ann@example.com',
            email_verified: 'true',
          },
          groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [], preferredRole: null },
        },
        response: { claimsOverrideDetails: null },
      }),
    );
  });

  it('changes nothing when it leaves the response as it came', async () => {
    const { id, access } = await claimsFor(overrides(null));
    expect(Object.keys(id)).toEqual(Object.keys(claimsOf(plain.IdToken)));
    expect(Object.keys(access)).toEqual(Object.keys(claimsOf(plain.AccessToken)));
    expect(await reason()).toBeNull();
  });

  it('adds, overrides and suppresses claims of the ID token, and none of the access token', async () => {
    const { id, access } = await claimsFor(
      overrides({
        claimsToAddOrOverride: { tenant: 'blue', email: 'other@example.com', 'custom:free': '1' },
        claimsToSuppress: ['email_verified', 'no_such_claim'],
      }),
    );
    expect(id).toMatchObject({ tenant: 'blue', email: 'other@example.com', 'custom:free': '1', sub });
    expect(id).not.toHaveProperty('email_verified');
    expect(Object.keys(access)).toEqual(Object.keys(claimsOf(plain.AccessToken)));
  });

  it('sets groups in both tokens, and roles in the ID token', async () => {
    const role = 'arn:aws:iam::123456789012:role/admin';
    const groupOverrideDetails = {
      groupsToOverride: ['admins', 'users'],
      iamRolesToOverride: [role],
      preferredRole: role,
    };
    const { id, access } = await claimsFor(overrides({ groupOverrideDetails }));
    expect(id).toMatchObject({
      'cognito:groups': ['admins', 'users'],
      'cognito:roles': [role],
      'cognito:preferred_role': role,
    });
    expect(access['cognito:groups']).toEqual(['admins', 'users']);
    expect(access).not.toHaveProperty('cognito:roles');
    expect(access).not.toHaveProperty('cognito:preferred_role');
  });

  it.each([
    ['an empty object', { groupOverrideDetails: {} }],
    ['null', { groupOverrideDetails: null }],
    ['empty lists', { groupOverrideDetails: { groupsToOverride: [], iamRolesToOverride: [] } }],
    ['nothing', {}],
  ])('has no claims of groups by %s', async (_, details) => {
    const { id, access } = await claimsFor(overrides(details));
    for (const claims of [id, access]) {
      expect(Object.keys(claims).filter((name) => name.startsWith('cognito:g'))).toEqual([]);
    }
  });

  it('knows texts alone: a number is not recognized', async () => {
    house.functions.answer(REFRESH, overrides({ claimsToAddOrOverride: { level: 3 } }));
    expect(await refusal(renewed())).toBe(UNRECOGNIZABLE);
    expect(await reason()).toContain('claimsToAddOrOverride.level must be a text, not a number');
  });

  it('has its error told, and no tokens come of it', async () => {
    house.functions.fail(SIGN_IN, 'No Auth');
    expect(await refusal(signIn(house, app.ClientId, 'ann'))).toBe(
      'UserLambdaValidationException: PreTokenGeneration failed with error No Auth.',
    );
  });
});

describe.each([
  ['V2_0', '2'],
  ['V3_0', '3'],
] as const)('%s', (LambdaVersion, version) => {
  beforeAll(() => configure(functionOf(LambdaVersion)));

  it('hears of the scopes, too', async () => {
    await renewed();
    const { version: told, request, response } = house.functions.last(REFRESH);
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
    house.functions.answer(
      REFRESH,
      changes({
        id: {
          claimsToAddOrOverride: { ...added, email: 'other@example.com' },
          claimsToSuppress: ['email_verified'],
        },
        access: { claimsToAddOrOverride: { ...added, email: 'ann@example.com' } },
      }),
    );
    const tokens = await renewed();
    const jwksUrl = `${house.url}/${poolId}/.well-known/jwks.json`;
    const verifier = CognitoJwtVerifier.create({
      userPoolId: poolId,
      clientId: app.ClientId,
      tokenUse: null,
    });
    verifier.cacheJwks((await (await fetch(jwksUrl)).json()) as Jwks);
    const keys = createRemoteJWKSet(new URL(jwksUrl));
    for (const token of [tokens.IdToken, tokens.AccessToken]) {
      expect(await verifier.verify(token)).toMatchObject(added);
      expect((await jwtVerify(token, keys)).payload).toMatchObject(added);
    }
    expect(claimsOf(tokens.IdToken)).toMatchObject({ email: 'other@example.com', sub });
    expect(claimsOf(tokens.IdToken)).not.toHaveProperty('email_verified');
    expect(claimsOf(tokens.AccessToken)).toMatchObject({ email: 'ann@example.com', sub });
    expect(await reason()).toBeNull();
  });
});

describe('V2_0, in particular', () => {
  beforeAll(() => configure(functionOf('V2_0')));

  it('what is both suppressed and overridden is suppressed', async () => {
    const both = {
      claimsToAddOrOverride: { tenant: 'blue', email: 'x@y' },
      claimsToSuppress: ['tenant', 'email'],
    };
    const { id, access } = await claimsFor(changes({ id: both, access: both }));
    for (const claims of [id, access]) {
      expect(claims).not.toHaveProperty('tenant');
      expect(claims).not.toHaveProperty('email');
    }
  });

  it('a claim of null is none', async () => {
    const { id } = await claimsFor(changes({ id: { claimsToAddOrOverride: { tenant: null, email: null } } }));
    expect(id).not.toHaveProperty('tenant');
    expect(id['email']).toBe('ann@example.com');
  });

  it('adds scopes after the one that is there, each once', async () => {
    const { access, id } = await claimsFor(
      changes({ access: { scopesToAdd: ['openid', 'orders/read', 'openid', SIGNED_IN_SCOPE] } }),
    );
    expect(access['scope']).toBe(`${SIGNED_IN_SCOPE} openid orders/read`);
    expect(id).not.toHaveProperty('scope');
  });

  it('one scope cannot be two: blanks are refused, the rest stays', async () => {
    const { access } = await claimsFor(
      changes({ access: { scopesToAdd: ['orders admin', 'a\tb', '', ' ', 'fine'] } }),
    );
    expect(access['scope']).toBe(`${SIGNED_IN_SCOPE} fine`);
    expect(await reason()).toBe('A scope must have no blanks.');
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
    house.functions.answer(REFRESH, changes({ access }));
    const { AccessToken } = await renewed();
    expect(claimsOf(AccessToken)['scope']).toBe(scope);
    expect(await refusal(house.sdk.send(new GetUserCommand({ AccessToken })))).toBe(
      'NotAuthorizedException: Access Token does not have required scopes',
    );
  });

  it('groups are in both tokens, and may be suppressed in each', async () => {
    const groupOverrideDetails = {
      groupsToOverride: ['admins'],
      iamRolesToOverride: ['arn:role'],
      preferredRole: 'arn:role',
    };
    const shown = await claimsFor(changes({ groupOverrideDetails }));
    expect(shown.id).toMatchObject({ 'cognito:groups': ['admins'], 'cognito:roles': ['arn:role'] });
    expect(shown.access).toMatchObject({ 'cognito:groups': ['admins'] });
    const claimsToSuppress = ['cognito:groups'];
    const hidden = await claimsFor(
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
    const { id, access } = await claimsFor(changes({ id: forged, access: forged }));
    const passing = { iat: expect.any(Number), exp: expect.any(Number), jti: expect.any(String) };
    expect(id).toEqual({ ...claimsOf(plain.IdToken), ...passing });
    expect(access).toEqual({ ...claimsOf(plain.AccessToken), ...passing });
    expect(await reason()).toMatch(
      /^No function changes these of the ID token: username, sub, .* No function changes these of the access token: /,
    );
  });

  it('an access token gets an audience when it is the app client', async () => {
    const aud = (value: string) => changes({ access: { claimsToAddOrOverride: { aud: value } } });
    expect((await claimsFor(aud(app.ClientId))).access.aud).toBe(app.ClientId);
    expect((await claimsFor(aud('another'))).access).not.toHaveProperty('aud');
  });

  it('email_verified and its like are no lists and no objects in an ID token', async () => {
    const claimsToAddOrOverride = { email_verified: [true], phone_number_verified: {}, address: { a: 1 } };
    const { id, access } = await claimsFor(
      changes({ id: { claimsToAddOrOverride }, access: { claimsToAddOrOverride } }),
    );
    expect(id['email_verified']).toBe(true);
    expect(id).not.toHaveProperty('phone_number_verified');
    expect(access).toMatchObject(claimsToAddOrOverride);
    const plainly = await claimsFor(changes({ id: { claimsToAddOrOverride: { email_verified: false } } }));
    expect(plainly.id['email_verified']).toBe(false);
  });

  it('names that mean something to JavaScript are claims like any', async () => {
    const strange = JSON.parse('{"__proto__":{"sub":"forged"},"constructor":"c","toString":"t"}');
    const { id } = await claimsFor(changes({ id: { claimsToAddOrOverride: strange } }));
    expect(id.sub).toBe(sub);
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
    house.functions.answer(REFRESH, response);
    expect(await refusal(renewed())).toBe(UNRECOGNIZABLE);
    expect(await reason()).toMatch(/^(?:response|The answer)/);
  });

  it('an answer without a response is not recognized; what it does not know it ignores', async () => {
    house.functions.does(REFRESH, (event) => ({ returns: { ...event, response: null } }));
    expect(await refusal(renewed())).toBe(UNRECOGNIZABLE);
    const { id } = await claimsFor({ claimsOverrideDetails: { claimsToAddOrOverride: { tenant: 'blue' } } });
    expect(id).not.toHaveProperty('tenant');
  });

  it('each of many at once gets the answer to their own event', async () => {
    house.functions.answer(REFRESH, () => changes({ id: { claimsToAddOrOverride: { n: Math.random() } } }));
    const tokens = await Promise.all(Array.from({ length: 20 }, renewed));
    expect(new Set(tokens.map(({ IdToken }) => claimsOf(IdToken)['n'])).size).toBe(20);
  });
});

describe('what tokens are made for', () => {
  beforeAll(() => configure(functionOf('V1_0')));
  const clientMetadata = { from: 'the app' };

  it('is a sign-in, which does not get the ClientMetadata of InitiateAuth', async () => {
    const AuthParameters = { USERNAME: 'ann', PASSWORD };
    const command = { ClientId: app.ClientId, AuthFlow: 'USER_PASSWORD_AUTH' as const, AuthParameters };
    await house.sdk.send(new InitiateAuthCommand({ ...command, ClientMetadata: clientMetadata }));
    expect(house.functions.events().map((event) => event.triggerSource)).toEqual([SIGN_IN]);
    expect(house.functions.last(SIGN_IN).request).not.toHaveProperty('clientMetadata');
  });

  it('is a new password in place of a temporary one; the metadata of the answer comes along', async () => {
    const SOURCE = 'TokenGeneration_NewPasswordChallenge';
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: poolId,
        Username: 'new',
        TemporaryPassword: PASSWORD,
        MessageAction: 'SUPPRESS',
      }),
    );
    const AuthParameters = { USERNAME: 'new', PASSWORD };
    const { Session } = await house.sdk.send(
      new InitiateAuthCommand({ ClientId: app.ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters }),
    );
    expect(house.functions.events()).toEqual([]);
    house.functions.answer(SOURCE, { claimsOverrideDetails: { claimsToAddOrOverride: { first: 'yes' } } });
    const { AuthenticationResult } = await house.sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId: app.ClientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME: 'new', NEW_PASSWORD },
        ClientMetadata: clientMetadata,
      }),
    );
    expect(claimsOf(AuthenticationResult?.IdToken as string)['first']).toBe('yes');
    expect(house.functions.last(SOURCE).request).toMatchObject({
      userAttributes: { 'cognito:user_status': 'CONFIRMED' },
      clientMetadata,
    });
  });

  it('is a refresh, by REFRESH_TOKEN_AUTH without metadata', async () => {
    const AuthParameters = { REFRESH_TOKEN: plain.RefreshToken };
    const command = { ClientId: app.ClientId, AuthFlow: 'REFRESH_TOKEN_AUTH' as const, AuthParameters };
    await house.sdk.send(new InitiateAuthCommand({ ...command, ClientMetadata: clientMetadata }));
    expect(house.functions.events().map((event) => event.triggerSource)).toEqual([REFRESH]);
    expect(house.functions.last(REFRESH).request).not.toHaveProperty('clientMetadata');
  });

  it('is called authentication by GetTokensFromRefreshToken, whose metadata comes along', async () => {
    const command = {
      ClientId: app.ClientId,
      RefreshToken: plain.RefreshToken,
      ClientMetadata: clientMetadata,
    };
    await house.sdk.send(new GetTokensFromRefreshTokenCommand(command));
    expect(house.functions.events().map((event) => event.triggerSource)).toEqual([SIGN_IN]);
    expect(house.functions.last(SIGN_IN).request.clientMetadata).toEqual(clientMetadata);
  });

  it('a refresh token that is not good reaches no function', async () => {
    await refusal(refresh(house, app.ClientId, `${plain.RefreshToken.slice(0, -2)}AA`));
    expect(house.functions.events()).toEqual([]);
  });

  it('a function that throws leaves a refresh token that is to be rotated as good as it was', async () => {
    const rotating = await house.createClient(poolId, {
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
    });
    const { RefreshToken } = await signIn(house, rotating.ClientId, 'ann');
    const exchange = () =>
      house.sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId: rotating.ClientId, RefreshToken }));
    house.functions.fail(SIGN_IN, 'Not now');
    for (let time = 0; time < 2; time += 1) {
      expect(await refusal(exchange())).toBe(
        'UserLambdaValidationException: PreTokenGeneration failed with error Not now.',
      );
    }
    house.functions.reset();
    expect((await exchange()).AuthenticationResult?.RefreshToken).toBeDefined();
  });
});

describe('the configuration', () => {
  const describePool = async (UserPoolId: string) =>
    (await house.sdk.send(new DescribeUserPoolCommand({ UserPoolId }))).UserPool?.LambdaConfig;

  it('may name the function by both members, and shows both; the version is that of the newer one', async () => {
    const arn = house.functions.arn('tokens');
    const LambdaConfig = {
      PreTokenGeneration: arn,
      PreTokenGenerationConfig: { LambdaVersion: 'V2_0' as const, LambdaArn: arn },
    };
    await configure(LambdaConfig);
    expect(await describePool(poolId)).toEqual(LambdaConfig);
    await renewed();
    expect(house.functions.last(REFRESH).version).toBe('2');
  });

  it('names one function', async () => {
    const LambdaConfig = {
      PreTokenGeneration: house.functions.arn('one'),
      PreTokenGenerationConfig: { LambdaVersion: 'V2_0' as const, LambdaArn: house.functions.arn('other') },
    };
    expect(await refusal(configure(LambdaConfig))).toMatch(/^InvalidParameterException: PreTokenGeneration/);
  });

  it.each(['V2_0', 'V3_0'] as const)('%s is not for pools of the tier LITE', async (LambdaVersion) => {
    const pool = { UserPoolId: poolId, UserPoolTier: 'LITE' as const };
    const command = new UpdateUserPoolCommand({ ...pool, LambdaConfig: functionOf(LambdaVersion) });
    expect(await refusal(house.sdk.send(command))).toBe(
      'FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Access Token Customization',
    );
    await house.sdk.send(new UpdateUserPoolCommand({ ...pool, LambdaConfig: functionOf('V1_0') }));
  });
});
