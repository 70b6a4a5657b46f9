/** One line of a message's record: an attempt to send it, or what its provider told of it later. */
export interface Dispatch {
  /** ms. */
  readonly at: number;
  /** Whom it was handed to: `ses:us-east-1`; undefined where it came to none. */
  readonly channel?: string | undefined;
  /** What an attempt came to, or what the provider told later. */
  readonly outcome: 'accepted' | 'refused' | 'failed' | 'held' | Feedback;
  /** A word for why: `SMTP_550`, `COUNTRY_NOT_ALLOWED`. */
  readonly code?: string | undefined;
  /** What the provider calls the message. */
  readonly providerId?: string | undefined;
}

/** What providers tell of a message that they accepted. */
export type Feedback = 'delivered' | 'bounced' | 'complained' | 'undelivered';

const dispatches = new WeakMap<object, readonly Dispatch[]>();

/** The error, which now knows what was tried before it. */
export function withDispatches<Failure extends Error>(error: Failure, tried: readonly Dispatch[]): Failure {
  dispatches.set(error, tried);
  return error;
}

/** What was tried before an error. */
export const dispatchesOf = (error: unknown): readonly Dispatch[] =>
  (typeof error === 'object' && error !== null ? dispatches.get(error) : undefined) ?? [];

/** More would tell nothing new. */
const KEPT = 20;

/** A record with more lines; of a long one the first and the newest are kept. */
export function recorded(record: string | null, lines: readonly Dispatch[]): string {
  const all = [...readRecord(record), ...lines];
  return JSON.stringify(all.length > KEPT ? [...all.slice(0, 1), ...all.slice(1 - KEPT)] : all);
}

/** Oldest first. One that cannot be read is none: it must not keep the outbox from its work. */
export function readRecord(record: string | null): readonly Dispatch[] {
  try {
    const lines: unknown = JSON.parse(record ?? '[]');
    return Array.isArray(lines) ? (lines as Dispatch[]) : [];
  } catch {
    return [];
  }
}
