import { confirmSignIn, fetchAuthSession, getCurrentUser, signIn, signOut } from '@aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from '@aws-amplify/auth/cognito';
import { Amplify, ConsoleLogger } from '@aws-amplify/core';
import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
} from 'amazon-cognito-identity-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askForWord, CREATE, type CustomPool, DEFINE, openCustomPool } from '../support/custom-auth.ts';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { PASSWORD } from '../support/house.ts';
import { failing, memoryStorage } from '../support/identity-js.ts';
import { refusal } from '../support/refusal.ts';

// CUSTOM_AUTH as AWS's own clients speak it, with and without the password before it.
ConsoleLogger.LOG_LEVEL = 'ERROR';
const REFUSED = 'NotAuthorizedException: Incorrect username or password.';
const email = 'ann@example.com';

let house: FunctionHouse;
let pool: CustomPool;
let username: string;
beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await openCustomPool(
    house,
    { UsernameAttributes: ['email'] },
    // As an app client is that names none.
    { ExplicitAuthFlows: undefined, PreventUserExistenceErrors: 'ENABLED' },
  );
  await house.createUser(pool.id, email, [
    { Name: 'email', Value: email },
    { Name: 'email_verified', Value: 'true' },
  ]);
  askForWord(house.functions);
  const { ChallengeParameters } = await pool.start(email);
  username = ChallengeParameters?.['USERNAME'] as string;
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  house.functions.reset();
  askForWord(house.functions);
});

describe('amazon-cognito-identity-js', () => {
  const userOf = (name: string) => {
    const Storage = memoryStorage();
    const whose = { UserPoolId: pool.id, ClientId: pool.client.ClientId };
    const Pool = new CognitoUserPool({ ...whose, endpoint: house.url, Storage });
    const user = new CognitoUser({ Username: name, Pool, Storage });
    user.setAuthenticationFlowType('CUSTOM_AUTH');
    return user;
  };
  type Answered = CognitoUserSession | { hint: string };
  const callbacks = (onSuccess: (met: Answered) => void, onFailure: (error: unknown) => void) => ({
    onSuccess,
    onFailure,
    customChallenge: onSuccess,
  });
  const begin = (user: CognitoUser, name: string, Password?: string) =>
    new Promise<Answered>((resolve, reject) => {
      const ClientMetadata = { from: 'identity-js' };
      const details = new AuthenticationDetails({
        Username: name,
        ...(Password !== undefined && { Password }),
        ClientMetadata,
      });
      if (Password === undefined) user.initiateAuth(details, callbacks(resolve, reject));
      else user.authenticateUser(details, callbacks(resolve, reject));
    });
  const answer = (user: CognitoUser, word: string) =>
    new Promise<Answered>((resolve, reject) =>
      user.sendCustomChallengeAnswer(word, callbacks(resolve, reject), { answered: 'identity-js' }),
    );

  it.each([
    ['without a password', undefined],
    ['after the password', PASSWORD],
  ])('answers a challenge, %s', async (_, password) => {
    const user = userOf(email);
    expect(await begin(user, email, password)).toEqual({ USERNAME: username, hint: 'Ali Baba' });
    expect(await answer(user, 'barley').catch(({ message }) => message)).toEqual(
      // The password and one word are three rounds.
      password ? 'Incorrect username or password.' : { USERNAME: username, hint: 'Ali Baba' },
    );
    if (password) await begin(user, email, password);
    const session = (await answer(user, 'sesame')) as CognitoUserSession;
    expect(session.getAccessToken().payload).toMatchObject({ username });
    expect(house.functions.last(DEFINE).request.clientMetadata).toEqual({ answered: 'identity-js' });
    // It sends what it began with along with the proof of the password.
    expect(house.functions.events(CREATE).at(-1)?.request.clientMetadata).toEqual(
      password ? { from: 'identity-js' } : { answered: 'identity-js' },
    );
  });

  it('is refused for a wrong password', async () => {
    expect(await failing(begin(userOf(email), email, 'Wrong-1-word'))).toBe(REFUSED);
  });
});

describe('Amplify', () => {
  beforeAll(() => {
    const Cognito = {
      userPoolId: pool.id,
      userPoolClientId: pool.client.ClientId,
      userPoolEndpoint: `${house.url}/`,
    };
    cognitoUserPoolsTokenProvider.setAuthConfig({ Cognito });
    Amplify.configure({ Auth: { Cognito } }, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } });
  });
  const asked = {
    isSignedIn: false,
    nextStep: {
      signInStep: 'CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE',
      additionalInfo: { hint: 'Ali Baba', USERNAME: expect.any(String) },
    },
  };

  it.each([
    ['CUSTOM_WITHOUT_SRP', {}],
    ['CUSTOM_WITH_SRP', { password: PASSWORD }],
  ] as const)('signs in by %s', async (authFlowType, password) => {
    const options = { authFlowType, clientMetadata: { from: 'Amplify' } };
    expect(await signIn({ username: email, ...password, options })).toEqual(asked);
    const done = await confirmSignIn({
      challengeResponse: 'sesame',
      options: { clientMetadata: { answered: 'Amplify' } },
    });
    expect(done).toEqual({ isSignedIn: true, nextStep: { signInStep: 'DONE' } });
    expect((await getCurrentUser()).username).toBe(username);
    expect((await fetchAuthSession({ forceRefresh: true })).tokens?.accessToken.payload['username']).toBe(
      username,
    );
    expect(house.functions.last(DEFINE).request.clientMetadata).toEqual({ answered: 'Amplify' });
    await signOut();
  });

  it('goes on after a wrong answer, until the functions refuse', async () => {
    const options = { authFlowType: 'CUSTOM_WITHOUT_SRP' } as const;
    await signIn({ username: 'nobody@example.com', options });
    for (let wrong = 1; wrong <= 2; wrong += 1)
      expect(await confirmSignIn({ challengeResponse: 'barley' })).toEqual(asked);
    expect(await refusal(confirmSignIn({ challengeResponse: 'sesame' }))).toBe(REFUSED);
  });
});
