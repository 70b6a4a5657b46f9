import type {
  ConfirmSignUpRequest,
  ConfirmSignUpResponse,
  ResendConfirmationCodeRequest,
  ResendConfirmationCodeResponse,
  SignUpRequest,
  SignUpResponse,
} from '@poolkeeper/model';
import { type CallOptions, call } from './call.ts';

/**
 * Registers a user, and sends a confirmation code where the user pool verifies addresses.
 * Rejects with `UsernameExistsException`, `InvalidPasswordException` or `InvalidParameterException`.
 */
export function signUp(options: CallOptions, input: SignUpRequest): Promise<SignUpResponse> {
  return call(options, 'SignUp', input);
}

/**
 * Confirms a registration with the code that was sent.
 * Rejects with `CodeMismatchException`, `ExpiredCodeException` or, when confirmed already, `NotAuthorizedException`.
 */
export function confirmSignUp(
  options: CallOptions,
  input: ConfirmSignUpRequest,
): Promise<ConfirmSignUpResponse> {
  return call(options, 'ConfirmSignUp', input);
}

/**
 * Sends the code of a registration again; answers where to, masked.
 * Rejects with `LimitExceededException` or, when confirmed already, `InvalidParameterException`.
 */
export function resendConfirmationCode(
  options: CallOptions,
  input: ResendConfirmationCodeRequest,
): Promise<ResendConfirmationCodeResponse> {
  return call(options, 'ResendConfirmationCode', input);
}
