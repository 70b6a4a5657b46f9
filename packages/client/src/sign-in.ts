import type {
  GlobalSignOutRequest,
  GlobalSignOutResponse,
  InitiateAuthRequest,
  InitiateAuthResponse,
  RespondToAuthChallengeRequest,
  RespondToAuthChallengeResponse,
  RevokeTokenRequest,
  RevokeTokenResponse,
} from '@poolkeeper/model';
import { type CallOptions, call } from './call.ts';

/**
 * Begins a sign-in, or refreshes tokens: answers either tokens or the next challenge with its session.
 * Rejects with `NotAuthorizedException`, `PasswordResetRequiredException` or `UserNotConfirmedException`.
 */
export function initiateAuth(
  options: CallOptions,
  input: InitiateAuthRequest,
): Promise<InitiateAuthResponse> {
  return call(options, 'InitiateAuth', input);
}

/**
 * Answers a challenge of a sign-in: the result is either tokens or the next challenge with its session.
 * Rejects with `NotAuthorizedException`, `CodeMismatchException` or `InvalidPasswordException`.
 */
export function respondToAuthChallenge(
  options: CallOptions,
  input: RespondToAuthChallengeRequest,
): Promise<RespondToAuthChallengeResponse> {
  return call(options, 'RespondToAuthChallenge', input);
}

/** Ends every session of the signed-in user. Rejects with `NotAuthorizedException`. */
export function globalSignOut(
  options: CallOptions,
  input: GlobalSignOutRequest,
): Promise<GlobalSignOutResponse> {
  return call(options, 'GlobalSignOut', input);
}

/**
 * Revokes a refresh token and the access tokens that came of it.
 * Rejects with `UnsupportedTokenTypeException` for other tokens, or `UnauthorizedException` for another client's.
 */
export function revokeToken(options: CallOptions, input: RevokeTokenRequest): Promise<RevokeTokenResponse> {
  return call(options, 'RevokeToken', input);
}
