/** Every operation of a Cognito user pool, a function each, and the flows that people otherwise write by hand. */
export type { Answer, CallOptions, Client, HttpRequest, Signer } from './client.ts';
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
export { equals } from './value.ts';
