import {
  autoSignIn,
  confirmResetPassword,
  confirmSignIn,
  confirmSignUp,
  fetchAuthSession,
  fetchMFAPreference,
  fetchUserAttributes,
  getCurrentUser,
  resetPassword,
  type SignInInput,
  setUpTOTP,
  signIn,
  signOut,
  signUp,
  updateMFAPreference,
  verifyTOTPSetup,
} from '@aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from '@aws-amplify/auth/cognito';
import { Amplify, ConsoleLogger } from '@aws-amplify/core';
import { AdminResetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { authenticator, createMfaPool, setPoolFactors } from '../support/mfa.ts';
import { otherCode } from '../support/mfa-sign-in.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { createChoiceClient, createPasswordless, openChoicePool } from '../support/user-auth.ts';

// Amplify, AWS's own client library for web and mobile apps, as it comes: nothing but the endpoint is set.

// It warns of every endpoint that is not AWS's.
ConsoleLogger.LOG_LEVEL = 'ERROR';

const DONE = { isSignedIn: true, nextStep: { signInStep: 'DONE' } };
const USER_AUTH = { authFlowType: 'USER_AUTH' } as const;

let house: House;
let pool: Awaited<ReturnType<typeof openChoicePool>>;
let username: string;
let email: string;

function useClient(userPoolId: string, userPoolClientId: string) {
  const Auth = { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint: `${house.url}/` } };
  // As the umbrella package `aws-amplify` does.
  cognitoUserPoolsTokenProvider.setAuthConfig(Auth);
  Amplify.configure({ Auth }, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } });
}

beforeAll(async () => {
  house = await openHouse();
  pool = await openChoicePool(house);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  useClient(pool.id, pool.client.ClientId);
  username = newName('amplify');
  email = `${username}@example.com`;
});
afterEach(() => signOut());

const stepOf = async (input: SignInInput) => (await signIn(input)).nextStep;
const confirmed = (challengeResponse: string) => confirmSignIn({ challengeResponse });

describe('signIn with USER_AUTH', () => {
  it('lets the user choose a code, and refresh what they got for it', async () => {
    await house.createUser(pool.id, username);
    expect(await stepOf({ username, options: USER_AUTH })).toEqual({
      signInStep: 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION',
      availableChallenges: ['PASSWORD_SRP', 'PASSWORD', 'EMAIL_OTP'],
    });
    expect((await confirmed('EMAIL_OTP')).nextStep).toEqual({
      signInStep: 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE',
      codeDeliveryDetails: { deliveryMedium: 'EMAIL', destination: 'a***@e***' },
    });
    const code = await house.code(email);
    expect(await refusal(confirmed(otherCode(code)))).toBe(
      'CodeMismatchException: Invalid code or auth state for the user.',
    );
    expect(await confirmed(code)).toEqual(DONE);
    expect((await getCurrentUser()).username).toBe(username);
    expect((await fetchUserAttributes()).email).toBe(email);
    const { tokens } = await fetchAuthSession({ forceRefresh: true });
    expect(tokens?.accessToken.payload['username']).toBe(username);
  });

  it('goes straight to the code that is preferred', async () => {
    const phone_number = '+12065550123';
    const attributes = { phone_number, phone_number_verified: 'true' };
    await createPasswordless(house, pool.id, username, attributes);
    const options = { ...USER_AUTH, preferredChallenge: 'SMS_OTP' } as const;
    expect(await stepOf({ username, options })).toMatchObject({
      signInStep: 'CONFIRM_SIGN_IN_WITH_SMS_CODE',
      codeDeliveryDetails: { destination: '+*******0123' },
    });
    expect(await confirmed(await house.code(phone_number))).toEqual(DONE);
  });

  it.each(['PASSWORD', 'PASSWORD_SRP'] as const)('takes %s, preferred or chosen', async (factor) => {
    await house.createUser(pool.id, username);
    const options = { ...USER_AUTH, preferredChallenge: factor };
    expect(await signIn({ username, password: PASSWORD, options })).toEqual(DONE);
    await signOut();
    await signIn({ username, options: USER_AUTH });
    expect((await confirmed(factor)).nextStep).toEqual({ signInStep: 'CONFIRM_SIGN_IN_WITH_PASSWORD' });
    expect(await refusal(confirmed('Wrong-1-word'))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
    expect(await confirmed(PASSWORD)).toEqual(DONE);
  });

  it('leads who must reset their password there', async () => {
    await house.createUser(pool.id, username);
    await house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool.id, Username: username }));
    expect(await stepOf({ username, options: USER_AUTH })).toEqual({ signInStep: 'RESET_PASSWORD' });
    await resetPassword({ username });
    const confirmationCode = await house.code(email);
    await confirmResetPassword({ username, confirmationCode, newPassword: NEW_PASSWORD });
    const options = { ...USER_AUTH, preferredChallenge: 'PASSWORD_SRP' } as const;
    expect(await signIn({ username, password: NEW_PASSWORD, options })).toEqual(DONE);
  });
});

describe('signUp', () => {
  it('without a password signs in at once when it is confirmed', async () => {
    const options = { userAttributes: { email }, autoSignIn: USER_AUTH };
    expect((await signUp({ username, options })).nextStep).toMatchObject({
      signUpStep: 'CONFIRM_SIGN_UP',
      codeDeliveryDetails: { destination: 'a***@e***' },
    });
    const { nextStep } = await confirmSignUp({ username, confirmationCode: await house.code(email) });
    expect(nextStep).toEqual({ signUpStep: 'COMPLETE_AUTO_SIGN_IN' });
    expect(await autoSignIn()).toEqual(DONE);
    expect((await getCurrentUser()).username).toBe(username);
  });

  it('that is not confirmed is what signIn leads to', async () => {
    await signUp({ username, options: { userAttributes: { email } } });
    const options = { ...USER_AUTH, preferredChallenge: 'EMAIL_OTP' } as const;
    expect(await stepOf({ username, options })).toEqual({ signInStep: 'CONFIRM_SIGN_UP' });
  });
});

describe('an authenticator app', () => {
  it('is set up by a signed-in user and asked for after the password', async () => {
    await setPoolFactors(house, pool.id, 'OPTIONAL', ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
    await house.createUser(pool.id, username);
    const options = { ...USER_AUTH, preferredChallenge: 'PASSWORD' } as const;
    await signIn({ username, password: PASSWORD, options });
    const app = authenticator(house, (await setUpTOTP()).sharedSecret);
    await verifyTOTPSetup({ code: await app.code() });
    await updateMFAPreference({ totp: 'PREFERRED' });
    expect(await fetchMFAPreference()).toEqual({ enabled: ['TOTP'], preferred: 'TOTP' });
    await signOut();

    expect(await stepOf({ username, options: USER_AUTH })).toMatchObject({
      availableChallenges: ['PASSWORD_SRP', 'PASSWORD'],
    });
    await confirmed('PASSWORD');
    expect((await confirmed(PASSWORD)).nextStep).toEqual({ signInStep: 'CONFIRM_SIGN_IN_WITH_TOTP_CODE' });
    expect(await confirmed(await app.code())).toEqual(DONE);
  });

  it('is set up on the way, where the pool demands one', async () => {
    const id = await createMfaPool(house, 'ON', ['SOFTWARE_TOKEN_MFA']);
    useClient(id, (await createChoiceClient(house, id)).ClientId);
    await house.createUser(id, username);
    const options = { ...USER_AUTH, preferredChallenge: 'PASSWORD' } as const;
    const { nextStep } = await signIn({ username, password: PASSWORD, options });
    if (nextStep.signInStep !== 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP') throw new Error(nextStep.signInStep);
    const app = authenticator(house, nextStep.totpSetupDetails.sharedSecret);
    expect(await confirmed(await app.code())).toEqual(DONE);
  });
});
