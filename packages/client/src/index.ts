/** The public operations of a Cognito user pool, a function each: `await forgotPassword({ endpoint }, { ClientId, Username })`. */
export type {
  AttributeType,
  AuthenticationResultType,
  ChangePasswordRequest,
  ChangePasswordResponse,
  CodeDeliveryDetailsType,
  ConfirmForgotPasswordRequest,
  ConfirmForgotPasswordResponse,
  ConfirmSignUpRequest,
  ConfirmSignUpResponse,
  ForgotPasswordRequest,
  ForgotPasswordResponse,
  GetUserRequest,
  GetUserResponse,
  GlobalSignOutRequest,
  GlobalSignOutResponse,
  InitiateAuthRequest,
  InitiateAuthResponse,
  ResendConfirmationCodeRequest,
  ResendConfirmationCodeResponse,
  RespondToAuthChallengeRequest,
  RespondToAuthChallengeResponse,
  RevokeTokenRequest,
  RevokeTokenResponse,
  SignUpRequest,
  SignUpResponse,
} from '@poolkeeper/model';
export { getUser } from './account.ts';
export type { CallOptions } from './call.ts';
export { CognitoError, type CognitoErrorName } from './cognito-error.ts';
export { changePassword, confirmForgotPassword, forgotPassword } from './recovery.ts';
export { globalSignOut, initiateAuth, respondToAuthChallenge, revokeToken } from './sign-in.ts';
export { confirmSignUp, resendConfirmationCode, signUp } from './sign-up.ts';
