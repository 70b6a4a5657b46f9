const LONGEST_TEXT = 300;
const CODE = /^[\w.]{1,40}$/;

/**
 * What `deliver` throws when it knows what went wrong: its message is written for operators, without secrets or
 * content. The outbox goes by this shape alone, since it imports nothing from the domain.
 */
interface DeliveryFailure extends Error {
  /** Trying again cannot help. */
  readonly permanent: boolean;
  readonly code?: string;
  /** Nothing was tried: to be asked again in so many milliseconds, which uses up no attempt. */
  readonly postponeFor?: number;
}

const isDeliveryFailure = (error: unknown): error is DeliveryFailure =>
  error instanceof Error && 'permanent' in error && typeof error.permanent === 'boolean';

export const isPermanent = (error: unknown) => isDeliveryFailure(error) && error.permanent;

/** What it was to say is not true any more: nobody sends it again. */
const OVER: ReadonlySet<string> = new Set(['EXPIRED', 'OUTDATED']);
export const isOver = (code: string) => OVER.has(code);

/** For how long a message waits that nothing was tried with, ms; undefined where something was. */
export function postponedFor(error: unknown): number | undefined {
  const { postponeFor } = isDeliveryFailure(error) ? error : {};
  return typeof postponeFor === 'number' && postponeFor >= 0 ? postponeFor : undefined;
}

/** A word for logs: `ECONNREFUSED`, `TypeError`. */
export function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  const known = [code, name].find((word) => typeof word === 'string' && CODE.test(word));
  return (known as string | undefined) ?? 'UNKNOWN';
}

/**
 * A line for `last_error`. Of an error that nobody wrote for operators only the code is kept: the message of a
 * JSON.parse error, say, quotes what it was given.
 */
export function textOf(error: unknown): string {
  if (!isDeliveryFailure(error)) return codeOf(error);
  return error.message
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_TEXT);
}
