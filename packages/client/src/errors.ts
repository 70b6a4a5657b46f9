import type { ErrorName } from '@poolkeeper/model';

/** Names that a refusal can have; servers know some that the API's model does not list. */
export type ServiceErrorName = ErrorName | 'UnknownError' | (string & {});

export interface ServiceErrorFacts {
  readonly httpStatus: number;
  readonly requestId: string | undefined;
  readonly reasonCode: string | undefined;
}

/** An operation was refused, or the endpoint gave an answer that is none of the API's (`UnknownError`). */
export class ServiceError extends Error {
  /** E.g. `CodeMismatchException`; matches what the AWS SDKs call it. */
  override readonly name: ServiceErrorName;
  readonly httpStatus: number;
  /** What to quote when asking an operator what happened. */
  readonly requestId: string | undefined;
  /** Why a parameter is invalid, where the service says so in a word. */
  readonly reasonCode: string | undefined;

  constructor(name: ServiceErrorName, message: string, facts: ServiceErrorFacts) {
    super(message);
    this.name = name;
    this.httpStatus = facts.httpStatus;
    this.requestId = facts.requestId;
    this.reasonCode = facts.reasonCode;
  }
}

/** No answer came: there is no network, no such host, no permission of CORS. `cause` is what `fetch` rejected with. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

/** The answer did not come in the client's `timeout`. Whether the request was carried out is not known. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** Whether an error is a refusal, or one of that name. */
export function isServiceError<Name extends ServiceErrorName = ServiceErrorName>(
  error: unknown,
  name?: Name,
): error is ServiceError & { readonly name: Name } {
  return error instanceof ServiceError && (name === undefined || error.name === name);
}
