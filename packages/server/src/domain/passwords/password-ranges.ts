import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { MINUTE, SECOND } from '../../platform/duration.ts';
import { createPromiseCache } from '../../platform/promise-cache.ts';

/** How long a request may wait for the service, ms. */
const PATIENCE = 2 * SECOND;
/** A padded answer of Pwned Passwords has some 50 KB. */
const LARGEST_ANSWER = 262_144;
const MOST_AT_ONCE = 64;
/** Answers that are kept, and for how long: who is told that a password will not do often tries it again. */
const KEPT = 200;
const KEPT_FOR = 5 * MINUTE;

/** `failed` is a service that did not answer in time, or with what is no answer. */
export type RangeOutcome = 'clean' | 'compromised' | 'failed';

export interface PasswordRanges {
  /** False also when the service fails: it must not keep anybody from a new password. */
  hold(password: string): Promise<boolean>;
}

/**
 * Asks a service that speaks the protocol of Pwned Passwords: it is told the first 20 bits of a password's SHA-1, and
 * answers with all it knows that begin so. Nothing of the password is logged, and of the request nothing but the outcome.
 */
export function createPasswordRanges(
  url: string,
  log: Logger,
  onOutcome: (outcome: RangeOutcome) => void,
): PasswordRanges {
  const ranges = createPromiseCache<ReadonlySet<string>>(KEPT, KEPT_FOR);
  let running = 0;
  let silentUntil = 0;

  function failed(error: unknown): void {
    onOutcome('failed');
    // Once a minute: who floods a server should not fill its log as well.
    if (performance.now() < silentUntil) return;
    silentUntil = performance.now() + MINUTE;
    log.warn(
      { reason: reasonOf(error) },
      'The service of compromised passwords failed: a password was accepted unasked',
    );
  }

  async function ask(prefix: string): Promise<ReadonlySet<string>> {
    // Beyond, a flood of sign-ups would become one of sockets.
    if (running >= MOST_AT_ONCE) throw new Unanswered('too many requests at once');
    running += 1;
    try {
      return await rangeOf(`${url}/${prefix}`);
    } finally {
      running -= 1;
    }
  }

  return {
    async hold(password) {
      const digest = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase();
      const prefix = digest.slice(0, 5);
      try {
        const held = (await ranges.get(prefix, () => ask(prefix))).has(digest.slice(5));
        onOutcome(held ? 'compromised' : 'clean');
        return held;
      } catch (error) {
        failed(error);
        return false;
      }
    },
  };
}

class Unanswered extends Error {}

/** Never the error itself: that of a client names the address, and by it the prefix. */
function reasonOf(error: unknown): string {
  if (error instanceof Unanswered) return error.message;
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'timeout';
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'no connection';
}

async function rangeOf(address: string): Promise<ReadonlySet<string>> {
  const response = await fetch(address, {
    headers: { 'add-padding': 'true', 'user-agent': 'poolkeeper' },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Unanswered(`status ${response.status}`);
  }
  const suffixes = new Set<string>();
  for (const line of (await boundedText(response)).split('\n')) {
    // A count of 0 is padding.
    const [, suffix] = /^([0-9A-F]{35}):0*[1-9]\d*\r?$/i.exec(line) ?? [];
    if (suffix !== undefined) suffixes.add(suffix.toUpperCase());
  }
  return suffixes;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_ANSWER) throw new Unanswered('answer too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}
