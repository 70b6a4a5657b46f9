import type {
  ChangePasswordRequest,
  ChangePasswordResponse,
  ConfirmForgotPasswordRequest,
  ConfirmForgotPasswordResponse,
  ForgotPasswordRequest,
  ForgotPasswordResponse,
} from '@poolkeeper/model';
import { type CallOptions, call } from './call.ts';

/**
 * Sends a confirmation code to a verified address of the user; answers where to, masked. An app client that prevents
 * user existence errors answers the same for users who do not exist.
 * Rejects with `LimitExceededException` after too many requests, `InvalidParameterException` if there is no verified address.
 */
export function forgotPassword(
  options: CallOptions,
  input: ForgotPasswordRequest,
): Promise<ForgotPasswordResponse> {
  return call(options, 'ForgotPassword', input);
}

/**
 * Sets the new password with the code that `forgotPassword` sent.
 * Rejects with `CodeMismatchException`, `ExpiredCodeException`, `InvalidPasswordException` or `LimitExceededException`.
 */
export function confirmForgotPassword(
  options: CallOptions,
  input: ConfirmForgotPasswordRequest,
): Promise<ConfirmForgotPasswordResponse> {
  return call(options, 'ConfirmForgotPassword', input);
}

/**
 * Changes the password of the signed-in user, who knows the previous one.
 * Rejects with `NotAuthorizedException`, `InvalidPasswordException` or `LimitExceededException`.
 */
export function changePassword(
  options: CallOptions,
  input: ChangePasswordRequest,
): Promise<ChangePasswordResponse> {
  return call(options, 'ChangePassword', input);
}
