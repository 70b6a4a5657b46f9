import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  AdminUserGlobalSignOutCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { ON, registerAuthenticator, setPoolFactors, setPreference } from '../support/mfa.ts';
import { refusal } from '../support/refusal.ts';
import { refresh, signIn } from '../support/sign-in.ts';

// PostAuthentication runs when a sign-in is complete, and before its tokens are made.
const SOURCE = 'PostAuthentication_Authentication';
const REFUSED = 'UserLambdaValidationException: PostAuthentication failed with error Closed.';

let house: FunctionHouse;
let pool: string;
let ClientId: string;
beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await house.createPool({
    LambdaConfig: house.functions.config('PostAuthentication', 'PreTokenGeneration'),
  });
  ({ ClientId } = await house.createClient(pool));
  await house.createUser(pool, 'ann');
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const events = () => house.functions.events(SOURCE);
const byPassword = (USERNAME: string, password = PASSWORD, ClientMetadata?: Record<string, string>) =>
  house.sdk.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: password },
      ClientMetadata,
    }),
  );

describe('its event', () => {
  it('has the attributes of the user and no new device; ClientMetadata of the first step stays out', async () => {
    await byPassword('ann', PASSWORD, { not: 'for it' });
    expect(events()).toEqual([
      {
        version: '1',
        region: 'us-east-1',
        userPoolId: pool,
        userName: 'ann',
        callerContext: { awsSdkVersion: expect.stringMatching(/^aws-sdk-/), clientId: ClientId },
        triggerSource: SOURCE,
        request: {
          userAttributes: {
            sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
            'cognito:user_status': 'CONFIRMED',
            email: 'ann@example.com',
            email_verified: 'true',
          },
          newDeviceUsed: false,
        },
        response: {},
      },
    ]);
    expect(Object.keys(events()[0]?.request)).toEqual(['userAttributes', 'newDeviceUsed']);
  });

  it('has the ClientMetadata of the last answer, an administrator’s too', async () => {
    const invite = (Username: string) =>
      house.sdk.send(
        new AdminCreateUserCommand({
          UserPoolId: pool,
          Username,
          TemporaryPassword: PASSWORD,
          MessageAction: 'SUPPRESS',
        }),
      );
    await invite('ivy');
    const met = await byPassword('ivy');
    expect(met.ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    expect(events()).toEqual([]);
    const answer = {
      ClientId,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ClientMetadata: { by: 'ivy' },
    } as const;
    const ChallengeResponses = { USERNAME: 'ivy', NEW_PASSWORD };
    await house.sdk.send(
      new RespondToAuthChallengeCommand({ ...answer, Session: met.Session, ChallengeResponses }),
    );
    expect(events()[0]?.request.clientMetadata).toEqual({ by: 'ivy' });
    expect(house.functions.events().map(({ triggerSource }) => triggerSource)).toEqual([
      SOURCE,
      'TokenGeneration_NewPasswordChallenge',
    ]);

    await invite('ida');
    const { Session } = await house.sdk.send(
      new AdminInitiateAuthCommand({
        UserPoolId: pool,
        ClientId,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'ida', PASSWORD },
      }),
    );
    await house.sdk.send(
      new AdminRespondToAuthChallengeCommand({
        ...answer,
        UserPoolId: pool,
        Session,
        ChallengeResponses: { USERNAME: 'ida', NEW_PASSWORD },
        ClientMetadata: { by: 'desk' },
      }),
    );
    expect(events()[1]?.request.clientMetadata).toEqual({ by: 'desk' });
  });
});

describe('it runs', () => {
  it('once, before the tokens are made', async () => {
    await byPassword('ann');
    expect(house.functions.events().map(({ triggerSource }) => triggerSource)).toEqual([
      SOURCE,
      'TokenGeneration_Authentication',
    ]);
  });

  it('neither for a wrong password, nor for a refresh', async () => {
    const { RefreshToken } = await signIn(house, ClientId, 'ann');
    await refresh(house, ClientId, RefreshToken);
    await refusal(byPassword('ann', 'Wrong-1-word'));
    await refusal(byPassword('nobody'));
    expect(events()).toHaveLength(1);
  });

  it('after the second factor, where one is asked for', async () => {
    await house.createUser(pool, 'mia');
    const { AccessToken } = await signIn(house, ClientId, 'mia');
    await setPoolFactors(house, pool, 'OPTIONAL', ['SOFTWARE_TOKEN_MFA']);
    const app = await registerAuthenticator(house, AccessToken);
    await setPreference(house, AccessToken, { SoftwareTokenMfaSettings: ON });
    house.functions.reset();
    const { ChallengeName, Session } = await byPassword('mia');
    expect(events()).toEqual([]);
    const SOFTWARE_TOKEN_MFA_CODE = await app.code();
    await house.sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId,
        ChallengeName,
        Session,
        ChallengeResponses: { USERNAME: 'mia', SOFTWARE_TOKEN_MFA_CODE },
      }),
    );
    expect(events()).toHaveLength(1);
  });
});

describe('when it throws', () => {
  it.each([
    ['PostAuthentication', SOURCE],
    ['PreTokenGeneration', 'TokenGeneration_Authentication'],
  ])('%s leaves nobody signed in', async (trigger, source) => {
    const name = trigger.toLowerCase();
    await house.createUser(pool, name);
    house.functions.fail(source, 'Closed');
    expect(await refusal(byPassword(name))).toBe(REFUSED.replace('PostAuthentication', trigger));
    house.functions.reset();
    // It made no attempt that counts, and the next sign-in is as good as any.
    const tokens = await signIn(house, ClientId, name);
    await house.sdk.send(new GetUserCommand({ AccessToken: tokens.AccessToken }));
  });
});

describe('while it runs', () => {
  it('a user who is signed out everywhere gets no tokens', async () => {
    house.functions.does(SOURCE, { waits: 300 });
    const signing = refusal(byPassword('ann'));
    while (events().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await house.sdk.send(new AdminUserGlobalSignOutCommand({ UserPoolId: pool, Username: 'ann' }));
    expect(await signing).toBe('NotAuthorizedException: Invalid session for the user.');
    house.functions.reset();
    await byPassword('ann');
  });
});
