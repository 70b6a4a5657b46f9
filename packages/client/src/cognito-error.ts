import type { ErrorName } from '@poolkeeper/model';

/** Names that an error can have; servers know some that the API's model does not list. */
export type CognitoErrorName = ErrorName | 'UnknownError' | (string & {});

interface Details {
  readonly name: CognitoErrorName;
  readonly message: string;
  readonly requestId: string | undefined;
  readonly status: number;
}

/** An operation was refused, or the endpoint gave an answer that is none of the API's (`UnknownError`). */
export class CognitoError extends Error {
  /** E.g. `CodeMismatchException`; matches what the AWS SDKs call it. */
  override readonly name: CognitoErrorName;
  /** What to quote when asking an operator what happened. */
  readonly requestId: string | undefined;
  /** HTTP status. */
  readonly status: number;

  constructor({ name, message, requestId, status }: Details) {
    super(message);
    this.name = name;
    this.requestId = requestId;
    this.status = status;
  }
}
