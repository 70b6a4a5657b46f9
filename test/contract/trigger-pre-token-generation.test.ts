import {
  AdminCreateUserCommand,
  AdminUserGlobalSignOutCommand,
  DescribeUserPoolCommand,
  GetTokensFromRefreshTokenCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, refresh, signIn } from '../support/sign-in.ts';
import { AT_REFRESH, AT_SIGN_IN, openTokenHouse, type TokenHouse } from '../support/token-house.ts';

// What V2_0 and V3_0 may change is in trigger-pre-token-claims.test.ts.
const UNRECOGNIZABLE = 'InvalidLambdaResponseException: Unrecognizable lambda output';

let tokens: TokenHouse;
beforeAll(async () => {
  tokens = await openTokenHouse();
});
afterAll(() => tokens.house[Symbol.asyncDispose]());
beforeEach(() => tokens.house.functions.reset());

describe('V1_0', () => {
  beforeAll(() => tokens.configure(tokens.functionOf('V1_0')));
  const overrides = (claimsOverrideDetails: object | null) => ({ claimsOverrideDetails });

  it('hears of a sign-in, key by key', async () => {
    await signIn(tokens.house, tokens.app.ClientId, 'ann');
    const event = tokens.house.functions.last(AT_SIGN_IN);
    expect(JSON.stringify(event)).toBe(
      JSON.stringify({
        version: '1',
        region: 'us-east-1',
        userPoolId: tokens.poolId,
        userName: 'ann',
        callerContext: { awsSdkVersion: event.callerContext.awsSdkVersion, clientId: tokens.app.ClientId },
        triggerSource: AT_SIGN_IN,
        request: {
          userAttributes: {
            sub: tokens.sub,
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
    const { id, access } = await tokens.claimsFor(overrides(null));
    expect(Object.keys(id)).toEqual(Object.keys(claimsOf(tokens.plain.IdToken)));
    expect(Object.keys(access)).toEqual(Object.keys(claimsOf(tokens.plain.AccessToken)));
    expect(await tokens.reason()).toBeNull();
  });

  it('adds, overrides and suppresses claims of the ID token, and none of the access token', async () => {
    const { id, access } = await tokens.claimsFor(
      overrides({
        claimsToAddOrOverride: { tenant: 'blue', email: 'other@example.com', 'custom:free': '1' },
        claimsToSuppress: ['email_verified', 'no_such_claim'],
      }),
    );
    expect(id).toMatchObject({
      tenant: 'blue',
      email: 'other@example.com',
      'custom:free': '1',
      sub: tokens.sub,
    });
    expect(id).not.toHaveProperty('email_verified');
    expect(Object.keys(access)).toEqual(Object.keys(claimsOf(tokens.plain.AccessToken)));
  });

  it('sets groups in both tokens, and roles in the ID token', async () => {
    const role = 'arn:aws:iam::123456789012:role/admin';
    const groupOverrideDetails = {
      groupsToOverride: ['admins', 'users'],
      iamRolesToOverride: [role],
      preferredRole: role,
    };
    const { id, access } = await tokens.claimsFor(overrides({ groupOverrideDetails }));
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
    const { id, access } = await tokens.claimsFor(overrides(details));
    for (const claims of [id, access]) {
      expect(Object.keys(claims).filter((name) => name.startsWith('cognito:g'))).toEqual([]);
    }
  });

  it('knows texts alone: a number is not recognized', async () => {
    tokens.house.functions.answer(AT_REFRESH, overrides({ claimsToAddOrOverride: { level: 3 } }));
    expect(await refusal(tokens.renewed())).toBe(UNRECOGNIZABLE);
    expect(await tokens.reason()).toContain('claimsToAddOrOverride.level must be a text, not a number');
  });

  it('has its error told, and no tokens come of it', async () => {
    tokens.house.functions.fail(AT_SIGN_IN, 'No Auth');
    expect(await refusal(signIn(tokens.house, tokens.app.ClientId, 'ann'))).toBe(
      'UserLambdaValidationException: PreTokenGeneration failed with error No Auth.',
    );
  });
});

describe('while it runs at a refresh', () => {
  it('who is signed out everywhere gets no tokens', async () => {
    await tokens.configure(tokens.functionOf('V1_0'));
    await tokens.house.createUser(tokens.poolId, 'leaving');
    const { RefreshToken } = await signIn(tokens.house, tokens.app.ClientId, 'leaving');
    tokens.house.functions.does(AT_REFRESH, { waits: 300 });
    const refreshing = refusal(refresh(tokens.house, tokens.app.ClientId, RefreshToken));
    while (tokens.house.functions.events(AT_REFRESH).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await tokens.house.sdk.send(
      new AdminUserGlobalSignOutCommand({ UserPoolId: tokens.poolId, Username: 'leaving' }),
    );
    expect(await refreshing).toBe('NotAuthorizedException: Refresh Token has been revoked');
  });
});

describe('what tokens are made for', () => {
  beforeAll(() => tokens.configure(tokens.functionOf('V1_0')));
  const clientMetadata = { from: 'the app' };

  it('is a sign-in, which does not get the ClientMetadata of InitiateAuth', async () => {
    const AuthParameters = { USERNAME: 'ann', PASSWORD };
    const command = {
      ClientId: tokens.app.ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH' as const,
      AuthParameters,
    };
    await tokens.house.sdk.send(new InitiateAuthCommand({ ...command, ClientMetadata: clientMetadata }));
    expect(tokens.house.functions.events().map((event) => event.triggerSource)).toEqual([AT_SIGN_IN]);
    expect(tokens.house.functions.last(AT_SIGN_IN).request).not.toHaveProperty('clientMetadata');
  });

  it('is a new password in place of a temporary one; the metadata of the answer comes along', async () => {
    const SOURCE = 'TokenGeneration_NewPasswordChallenge';
    await tokens.house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: tokens.poolId,
        Username: 'new',
        TemporaryPassword: PASSWORD,
        MessageAction: 'SUPPRESS',
      }),
    );
    const AuthParameters = { USERNAME: 'new', PASSWORD };
    const { Session } = await tokens.house.sdk.send(
      new InitiateAuthCommand({
        ClientId: tokens.app.ClientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters,
      }),
    );
    expect(tokens.house.functions.events()).toEqual([]);
    tokens.house.functions.answer(SOURCE, {
      claimsOverrideDetails: { claimsToAddOrOverride: { first: 'yes' } },
    });
    const { AuthenticationResult } = await tokens.house.sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId: tokens.app.ClientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME: 'new', NEW_PASSWORD },
        ClientMetadata: clientMetadata,
      }),
    );
    expect(claimsOf(AuthenticationResult?.IdToken as string)['first']).toBe('yes');
    expect(tokens.house.functions.last(SOURCE).request).toMatchObject({
      userAttributes: { 'cognito:user_status': 'CONFIRMED' },
      clientMetadata,
    });
  });

  it('is a refresh, by REFRESH_TOKEN_AUTH without metadata', async () => {
    const AuthParameters = { REFRESH_TOKEN: tokens.plain.RefreshToken };
    const command = {
      ClientId: tokens.app.ClientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH' as const,
      AuthParameters,
    };
    await tokens.house.sdk.send(new InitiateAuthCommand({ ...command, ClientMetadata: clientMetadata }));
    expect(tokens.house.functions.events().map((event) => event.triggerSource)).toEqual([AT_REFRESH]);
    expect(tokens.house.functions.last(AT_REFRESH).request).not.toHaveProperty('clientMetadata');
  });

  it('is called authentication by GetTokensFromRefreshToken, whose metadata comes along', async () => {
    const command = {
      ClientId: tokens.app.ClientId,
      RefreshToken: tokens.plain.RefreshToken,
      ClientMetadata: clientMetadata,
    };
    await tokens.house.sdk.send(new GetTokensFromRefreshTokenCommand(command));
    expect(tokens.house.functions.events().map((event) => event.triggerSource)).toEqual([AT_SIGN_IN]);
    expect(tokens.house.functions.last(AT_SIGN_IN).request.clientMetadata).toEqual(clientMetadata);
  });

  it('a refresh token that is not good reaches no function', async () => {
    await refusal(refresh(tokens.house, tokens.app.ClientId, `${tokens.plain.RefreshToken.slice(0, -2)}AA`));
    expect(tokens.house.functions.events()).toEqual([]);
  });

  it('a function that throws leaves a refresh token that is to be rotated as good as it was', async () => {
    const rotating = await tokens.house.createClient(tokens.poolId, {
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
    });
    const { RefreshToken } = await signIn(tokens.house, rotating.ClientId, 'ann');
    const exchange = () =>
      tokens.house.sdk.send(
        new GetTokensFromRefreshTokenCommand({ ClientId: rotating.ClientId, RefreshToken }),
      );
    tokens.house.functions.fail(AT_SIGN_IN, 'Not now');
    for (let time = 0; time < 2; time += 1) {
      expect(await refusal(exchange())).toBe(
        'UserLambdaValidationException: PreTokenGeneration failed with error Not now.',
      );
    }
    tokens.house.functions.reset();
    expect((await exchange()).AuthenticationResult?.RefreshToken).toBeDefined();
  });
});

describe('the configuration', () => {
  const describePool = async (UserPoolId: string) =>
    (await tokens.house.sdk.send(new DescribeUserPoolCommand({ UserPoolId }))).UserPool?.LambdaConfig;

  it('may name the function by both members, and shows both; the version is that of the newer one', async () => {
    const arn = tokens.house.functions.arn('tokens');
    const LambdaConfig = {
      PreTokenGeneration: arn,
      PreTokenGenerationConfig: { LambdaVersion: 'V2_0' as const, LambdaArn: arn },
    };
    await tokens.configure(LambdaConfig);
    expect(await describePool(tokens.poolId)).toEqual(LambdaConfig);
    await tokens.renewed();
    expect(tokens.house.functions.last(AT_REFRESH).version).toBe('2');
  });

  it('names one function', async () => {
    const LambdaConfig = {
      PreTokenGeneration: tokens.house.functions.arn('one'),
      PreTokenGenerationConfig: {
        LambdaVersion: 'V2_0' as const,
        LambdaArn: tokens.house.functions.arn('other'),
      },
    };
    expect(await refusal(tokens.configure(LambdaConfig))).toMatch(
      /^InvalidParameterException: PreTokenGeneration/,
    );
  });

  it.each(['V2_0', 'V3_0'] as const)('%s is not for pools of the tier LITE', async (version) => {
    const LITE = { UserPoolTier: 'LITE' as const };
    expect(await refusal(tokens.configure(tokens.functionOf(version), LITE))).toBe(
      'FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Access Token Customization',
    );
    await tokens.configure(tokens.functionOf('V1_0'), LITE);
  });
});
