import type { Logger } from 'pino';
import { MINUTE } from './duration.ts';
import { sourceOf } from './source-address.ts';

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

/** Lines of the log with `audit: true`. */
export interface Audit {
  /** A call of somebody who has shown who they are: always a line. */
  line(call: AuditedCall): void;
  /** A call of anybody, refused at the door: beyond a number in a minute, only how many there were. */
  refused(call: AuditedCall): void;
  /** Says what is left to say. */
  close(): void;
}

/** Lines for one source in a minute. */
const MOST_LINES = 30;
/** Sources that are told apart in a minute; the others share the lines of one. */
const MOST_SOURCES = 100;
const OTHERS = 'others';

export function createAudit(log: Logger): Audit {
  let sources = new Map<string, { lines: number; suppressed: number }>();
  let timer: NodeJS.Timeout | undefined;

  function line(call: AuditedCall): void {
    log.info({ audit: true, ...call }, 'An administrative call.');
  }

  function endMinute(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const [sourceIp, { suppressed }] of sources) {
      if (suppressed === 0) continue;
      log.info({ audit: true, sourceIp, suppressed }, 'Refused administrative calls without a line each.');
    }
    sources = new Map();
  }

  return {
    line,
    refused(call) {
      timer ??= setTimeout(endMinute, MINUTE).unref();
      const address = sourceOf(call.sourceIp);
      const source = sources.has(address) || sources.size < MOST_SOURCES ? address : OTHERS;
      const seen = sources.get(source) ?? { lines: 0, suppressed: 0 };
      sources.set(source, seen);
      if (seen.lines < MOST_LINES) {
        seen.lines += 1;
        line(call);
      } else seen.suppressed += 1;
    },
    close: endMinute,
  };
}
