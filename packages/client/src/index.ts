/** Every operation of a Cognito user pool, a function each, and the flows that people otherwise write by hand. */
export type { App, FlowOptions } from './app.ts';
export { type AuthenticatorSetup, finishAuthenticator, setUpAuthenticator } from './authenticator.ts';
export {
  answerChallenge,
  type Challenge,
  type ChoiceChallenge,
  type CodeChallenge,
  type CustomChallenge,
  type NewPasswordChallenge,
  type OtherChallenge,
  type Reply,
  type SetupChallenge,
  type SignedIn,
  type SignInStep,
} from './challenge.ts';
export type { Answer, CallOptions, Client, HttpRequest, Signer } from './client.ts';
export { browserContext, type ContextFacts, encodeContextData } from './context-data.ts';
export {
  isServiceError,
  NetworkError,
  ServiceError,
  type ServiceErrorName,
  TimeoutError,
} from './errors.ts';
export * from './generated/lenses.ts';
export * from './generated/operations.ts';
export * from './generated/requests.ts';
export type * from './generated/types.ts';
export { type Lens, type Lenses, lens } from './lens.ts';
export { finishRecovery, type Recovery, startRecovery } from './recovery.ts';
export { refreshTokens } from './refresh.ts';
export { secretHash } from './secret-hash.ts';
export {
  type Credentials,
  signIn,
  signInWithChoice,
  signInWithPassword,
  signInWithTriggers,
} from './sign-in.ts';
export { type Signing, type SigningKey, sigV4 } from './sigv4.ts';
export type { Tokens } from './tokens.ts';
export { equals } from './value.ts';
