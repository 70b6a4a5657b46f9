import type { AuthFlowType } from '@poolkeeper/model';
import { type App, extrasOf, type FlowOptions, namedBy } from './app.ts';
import { answerChallenge, type SignInStep, stepOf } from './challenge.ts';
import { initiateAuth } from './generated/operations.ts';
import { proveSrp, startSrp } from './srp.ts';

export interface Credentials {
  /** Or an alias of the user: an email address, a telephone number. */
  readonly username: string;
  readonly password: string;
}

/**
 * Signs in by SRP: the password never leaves the machine. The app needs its `userPoolId`. Resolves to tokens or to the first
 * challenge; rejects with `NotAuthorizedException`, `PasswordResetRequiredException` or `UserNotConfirmedException`.
 */
export async function signIn(
  app: App,
  { username, password }: Credentials,
  options?: FlowOptions,
): Promise<SignInStep> {
  const { userPoolId } = app;
  if (userPoolId === undefined)
    throw new TypeError('SRP hashes the user pool: give the app its `userPoolId`.');
  const srp = await startSrp();
  const step = await initiate(app, 'USER_SRP_AUTH', username, { SRP_A: srp.A }, options);
  if (step.name !== 'PASSWORD_VERIFIER') return step;
  const poolName = userPoolId.slice(userPoolId.indexOf('_') + 1);
  const responses = await proveSrp(srp, poolName, password, step.parameters);
  return answerChallenge(app, step, { responses }, options);
}

/** Signs in by USER_PASSWORD_AUTH: the password travels, and the pool's trigger may migrate its user by it. */
export function signInWithPassword(
  app: App,
  { username, password }: Credentials,
  options?: FlowOptions,
): Promise<SignInStep> {
  return initiate(app, 'USER_PASSWORD_AUTH', username, { PASSWORD: password }, options);
}

/**
 * Signs in by USER_AUTH: without a password at first, by what the pool allows. Resolves to SELECT_CHALLENGE, or to the challenge
 * that is preferred, e.g. `EMAIL_OTP`.
 */
export function signInWithChoice(
  app: App,
  { username, preferred }: { readonly username: string; readonly preferred?: 'EMAIL_OTP' | 'SMS_OTP' },
  options?: FlowOptions,
): Promise<SignInStep> {
  return initiate(app, 'USER_AUTH', username, preferred ? { PREFERRED_CHALLENGE: preferred } : {}, options);
}

/** Signs in by CUSTOM_AUTH: the pool's Lambda triggers ask. */
export function signInWithTriggers(app: App, username: string, options?: FlowOptions): Promise<SignInStep> {
  return initiate(app, 'CUSTOM_AUTH', username, {}, options);
}

async function initiate(
  app: App,
  flow: AuthFlowType,
  username: string,
  parameters: Readonly<Record<string, string>>,
  options?: FlowOptions,
): Promise<SignInStep> {
  const request = {
    ClientId: app.clientId,
    AuthFlow: flow,
    AuthParameters: { ...(await namedBy(app, username)), ...parameters },
    ...extrasOf(options),
  };
  return stepOf(username, await initiateAuth(app, request, options));
}
