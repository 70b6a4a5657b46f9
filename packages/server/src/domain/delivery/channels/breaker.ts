import { SECOND } from '../../../platform/duration.ts';

/** So many failures in a row, that the provider is to blame for, open it. */
export const FAILURES = 5;
const FIRST_REST = 5 * SECOND;
export const LONGEST_REST = 60 * SECOND;
/** A probe that says nothing for so long is given up: no channel waits for longer. */
const PROBE_PATIENCE = 90 * SECOND;
/** How soon to ask again while a probe is under way. */
const PROBING = SECOND;

/** What came of an attempt. Of `neither` nothing is known of the provider: the message, or its pool's settings, was at fault. */
export type Verdict = 'up' | 'down' | 'neither';

/** Keeps messages off a provider that is down: after a rest one of them probes whether it is back. */
export interface Breaker {
  readonly isOpen: boolean;
  /** For how long nothing is let through, ms; 0: the next message is. */
  rest(): number;
  /** Whether a message may be sent; if so, what is returned is to be called with what came of it. */
  enter(): ((verdict: Verdict) => void) | undefined;
}

/** `now` in ms; its zero is anybody's. */
export function createBreaker(now: () => number): Breaker {
  let failures = 0;
  let openings = 0;
  let until: number | undefined;
  let probingUntil = Number.NEGATIVE_INFINITY;

  /** A clock that was put back does not prolong it. */
  const left = (end: number, longest: number) => {
    const milliseconds = end - now();
    return milliseconds > longest ? 0 : Math.max(0, milliseconds);
  };

  function open(): void {
    const rest = Math.min(FIRST_REST * 2 ** openings, LONGEST_REST);
    openings += 1;
    // Servers that lost a provider together do not come back to it together.
    until = now() + rest * (1 - Math.random() / 4);
  }

  function rest(): number {
    if (until === undefined) return 0;
    const resting = left(until, LONGEST_REST);
    if (resting > 0) return resting;
    return left(probingUntil, PROBE_PATIENCE) > 0 ? PROBING : 0;
  }

  function close(): void {
    failures = openings = 0;
    until = undefined;
  }

  return {
    get isOpen() {
      return until !== undefined;
    },
    rest,
    enter() {
      if (rest() > 0) return undefined;
      const isProbe = until !== undefined;
      if (isProbe) probingUntil = now() + PROBE_PATIENCE;
      return (verdict) => {
        if (isProbe) probingUntil = Number.NEGATIVE_INFINITY;
        if (verdict === 'up') close();
        if (verdict !== 'down') return;
        failures += 1;
        // What began before it opened says nothing new.
        if (isProbe || (until === undefined && failures >= FAILURES)) open();
      };
    },
  };
}
