import type { Answer } from './calls.ts';

/** Passwords that were sent for one code at once, to several nodes. */
export interface Race {
  readonly user: string;
  readonly code: string;
  readonly tries: readonly { readonly password: string; readonly answer: Answer }[];
}

/** What became of a session, as far as it was acknowledged; of what was not, nothing is known and nothing asked. */
export interface Session {
  readonly user: string;
  readonly client: 'app' | 'rotating';
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly state: 'alive' | 'ended';
}

export interface Requests {
  sent: number;
  acknowledged: number;
}

/** Who was told what, kept outside of the servers, and what turned out not to be so. */
export function openLedger() {
  const counts = { acknowledged: 0, races: 0, refused: 0, unanswered: 0, inFault: 0 };
  const problems = { lost: new Set<string>(), doubled: new Set<string>(), wrong: new Set<string>() };
  let watching: { since: number; longest: number } | undefined;
  let longestSilence = 0;
  let injected = 0;
  let longestDelivery: number | undefined;
  let duplicates = 0;

  function noteAcknowledged(now: number): void {
    counts.acknowledged += 1;
    if (watching === undefined) return;
    watching.longest = Math.max(watching.longest, now - watching.since);
    watching.since = now;
  }

  return {
    counts,
    problems,
    /** Notes how a request of the load ended, and that no other error than `expected` was an answer to it. */
    answer(operation: string, user: string, answer: Answer, ...expected: readonly string[]): void {
      if (answer.status === 200) {
        noteAcknowledged(performance.now());
        return;
      }
      if (answer.status === 0) counts.unanswered += 1;
      else if (answer.status >= 500) counts.refused += 1;
      else if (expected.includes(answer.error)) return;
      else problems.wrong.add(`${operation} of ${user} was answered ${answer.status} ${answer.error}`);
      if (watching !== undefined) counts.inFault += 1;
    },
    lost: (text: string) => void problems.lost.add(text),
    doubled: (text: string) => void problems.doubled.add(text),
    wrong: (text: string) => void problems.wrong.add(text),
    faultBegins() {
      watching = { since: performance.now(), longest: 0 };
    },
    /** How long nobody got an answer, at the longest, since the fault began, ms. */
    loadEnds(): number {
      const silence = Math.max(
        watching?.longest ?? 0,
        performance.now() - (watching?.since ?? performance.now()),
      );
      watching = undefined;
      longestSilence = Math.max(longestSilence, silence);
      return silence;
    },
    /** The fault was really there. */
    faultHappened() {
      injected += 1;
    },
    delivered(milliseconds: number) {
      longestDelivery = Math.max(longestDelivery ?? 0, milliseconds);
    },
    mailsTwice(count: number) {
      duplicates += count;
    },
    duplicates: () => duplicates,
    injected: () => injected,
    longestSilence: () => longestSilence,
    longestDelivery: () => longestDelivery,
  };
}

export type Ledger = ReturnType<typeof openLedger>;
