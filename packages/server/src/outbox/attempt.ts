import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import { SECOND } from '../platform/duration.ts';
import type { MessageRow } from '../storage/repositories/messages.ts';
import { codeOf, isOver, isPermanent, postponedFor, textOf } from './delivery-failure.ts';
import { type Dispatch, dispatchesOf } from './dispatch.ts';

/**
 * A message is tried for about an hour, unless its code expires before; time in which its channel rests is not counted.
 * What lives longer is dead then, where an operator sees it and can send it again.
 */
export const MOST_ATTEMPTS = 60;
const FIRST_BACK_OFF = SECOND;
export const LONGEST_BACK_OFF = 60 * SECOND;
/** The last attempt is made so long before the code expires, ms: time to arrive, and hardly any to be of use. */
export const LAST_CALL = 10 * SECOND;

/** What became of a message by an attempt. */
export type Result = {
  /** For its record. */
  readonly dispatches: readonly Dispatch[];
  readonly lastError: string | null;
} & (
  | { readonly status: 'queued'; readonly dueAt: number; readonly attempts: number }
  | { readonly status: 'sent'; readonly sentAt: number }
  /** `isDead`: its code lives on, and so does its content. */
  | { readonly status: 'failed'; readonly isDead: boolean; readonly code: string }
);

interface Attempts {
  readonly clock: Clock;
  readonly log: Logger;
  deliver(message: MessageRow): Promise<readonly Dispatch[]>;
}

/** It takes every step of a real one, so that the database cannot tell by its work who exists; nobody is told of it. */
export const isSimulated = ({ status }: MessageRow) => status === 'simulated';

/** Makes one attempt. Never rejects. */
export async function attempt({ clock, log, deliver }: Attempts, message: MessageRow): Promise<Result> {
  const facts = {
    message: message.id,
    pool: message.pool_id,
    channel: message.channel,
    attempt: message.attempts,
  };
  const warn = (text: string, code: string) => {
    if (!isSimulated(message)) log.warn({ ...facts, code }, text);
  };
  const fail = (lastError: string, code: string, tried: readonly Dispatch[] = []): Result => {
    warn('Message not sent, and not tried again.', code);
    const dispatches = tried.length > 0 ? tried : [{ at: clock.now(), outcome: 'failed' as const, code }];
    const isDead = !isOver(code) && message.expires_at > clock.now();
    return { status: 'failed', isDead, code, lastError, dispatches };
  };
  if (message.expires_at <= clock.now()) {
    return fail(message.last_error ?? 'Its code expired before it could be sent.', 'EXPIRED');
  }
  // Only a message that ended the process each time comes back with more attempts than this.
  if (message.attempts > MOST_ATTEMPTS) return fail('Tried too often.', 'ATTEMPTS');
  try {
    const dispatches = await deliver(message);
    log.debug(facts, 'Message sent.');
    return { status: 'sent', sentAt: clock.now(), lastError: null, dispatches };
  } catch (error) {
    const tried = dispatchesOf(error);
    const [code, lastError] = [codeOf(error), textOf(error)];
    if (isPermanent(error)) return fail(lastError, code, tried);
    const rest = postponedFor(error);
    if (rest !== undefined) {
      const dueAt = Math.min(clock.now() + Math.round(rest * (1 + Math.random() / 4)), lastCallOf(message));
      log.debug({ ...facts, code }, 'Message put off.');
      const unchanged = { attempts: message.attempts - 1, lastError: message.last_error ?? lastError };
      return {
        status: 'queued',
        dueAt: Math.max(dueAt, clock.now() + SECOND),
        ...unchanged,
        dispatches: tried,
      };
    }
    const dueAt = nextAttempt(message, clock.now());
    if (message.attempts >= MOST_ATTEMPTS || dueAt === undefined) return fail(lastError, code, tried);
    warn('Message not sent; it is tried again.', code);
    const dispatches = tried.length > 0 ? tried : [{ at: clock.now(), outcome: 'failed' as const, code }];
    return { status: 'queued', dueAt, attempts: message.attempts, lastError, dispatches };
  }
}

const lastCallOf = ({ expires_at }: MessageRow) => expires_at - LAST_CALL;

/** When to try again; undefined where the code will have expired by then. */
function nextAttempt(message: MessageRow, now: number): number | undefined {
  const next = now + backOff(message.attempts);
  const last = lastCallOf(message);
  const dueAt = now < last ? Math.min(next, last) : next;
  return dueAt < message.expires_at ? dueAt : undefined;
}

/** About 1, 2, 4 … 60 s, up to a quarter less: what failed together does not come back together. */
function backOff(attempts: number): number {
  const longest = Math.min(FIRST_BACK_OFF * 2 ** (attempts - 1), LONGEST_BACK_OFF);
  return Math.round(longest * (1 - Math.random() / 4));
}
