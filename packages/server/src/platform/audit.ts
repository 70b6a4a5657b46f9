import type { Logger } from 'pino';

/** One administrative call and what came of it. Never a secret, a password, a code or a request's body. */
export interface AuditedCall {
  readonly requestId: string;
  /** An operation of the API, or method and path of the operator's API. */
  readonly operation: string;
  /** Who called; for a refused signature, who it claims to be. */
  readonly accessKeyId?: string | undefined;
  readonly userPoolId?: string | undefined;
  readonly clientId?: string | undefined;
  /** As the administrator sent it. */
  readonly username?: string | undefined;
  readonly sourceIp: string;
  /** `ok`, or the type of the error. */
  readonly outcome: string;
}

/** The line of the log that says so; `audit: true` tells it from the others. */
export function auditLine(log: Logger, call: AuditedCall): void {
  log.info({ audit: true, ...call }, 'An administrative call.');
}
