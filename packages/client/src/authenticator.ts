import type { App, FlowOptions } from './app.ts';
import { answerChallenge, type SetupChallenge, type SignInStep } from './challenge.ts';
import { associateSoftwareToken, verifySoftwareToken } from './generated/operations.ts';
import { answerValue } from './value.ts';

/** MFA_SETUP with the secret that the user's authenticator app is to be given. */
export interface AuthenticatorSetup {
  readonly challenge: SetupChallenge;
  /** Base32; what the `secret` of an `otpauth://totp/` URL is. */
  readonly secretCode: string;
}

/** Begins what MFA_SETUP asks for: resolves to the secret of a new authenticator. */
export async function setUpAuthenticator(
  app: App,
  challenge: SetupChallenge,
  options?: FlowOptions,
): Promise<AuthenticatorSetup> {
  const { SecretCode = '', Session } = await associateSoftwareToken(
    app,
    { Session: challenge.session },
    options,
  );
  return held(challenge, SecretCode, Session);
}

/**
 * Ends the set-up with the first code of the user's app, and goes on with the sign-in. After `EnableSoftwareTokenMFAException` or
 * `CodeMismatchException` the same set-up can be ended with another code.
 */
export async function finishAuthenticator(
  app: App,
  { challenge }: AuthenticatorSetup,
  { code, deviceName }: { readonly code: string; readonly deviceName?: string },
  options?: FlowOptions,
): Promise<SignInStep> {
  const request = { Session: challenge.session, UserCode: code, FriendlyDeviceName: deviceName };
  const { Session } = await verifySoftwareToken(app, request, options);
  return answerChallenge(app, held(challenge, '', Session).challenge, { responses: {} }, options);
}

/** Each step of the set-up answers a new session, which the next one takes. */
function held(challenge: SetupChallenge, secretCode: string, session?: string): AuthenticatorSetup {
  const next = { ...challenge, ...(session !== undefined && { session }) };
  const spec = { secretCode: 's', challenge: { username: 's', session: 's', parameters: 's' } } as const;
  return answerValue({ challenge: next, secretCode }, spec);
}
