import { DAY, MINUTE, SECOND } from '../../platform/duration.ts';
import { claimAttempts, putAttempts } from '../../storage/repositories/attempts.ts';
import type { Unit } from '../../storage/unit.ts';

/** Wrong answers until the first lock. */
const FREE = 5;
const LONGEST = 15 * MINUTE;
/** Wrong answers are remembered for so long after the last one: whoever has the password guesses for days. */
const REMEMBERED = DAY;

/** Milliseconds that a number of wrong answers locks for: 2^(n-5) seconds from the fifth on, 15 minutes at most. */
export const lockedFor = (wrong: number) =>
  wrong < FREE ? 0 : Math.min(2 ** (wrong - FREE) * SECOND, LONGEST);

export interface Guesser {
  readonly poolId: string;
  readonly sub: string;
  /** What is guessed at; each thing has its own count. */
  readonly action: string;
}

/**
 * Takes an answer that could be a guess: counts it, then has it compared. Who answers right is not counted in the end.
 * `locked`, and nothing is compared, while the guesser is locked out. It all happens in the caller's unit, one
 * guesser's calls one after the other; the count stays only when the unit commits, so a wrong answer is returned from
 * the unit and thrown after it.
 */
export async function answerCounted<Outcome>(
  unit: Unit,
  guesser: Guesser,
  now: number,
  compare: () => Outcome,
  isRight: (outcome: Outcome) => boolean,
): Promise<Outcome | 'locked'> {
  const claimed = await claimAttempts.first(unit, { ...guesser, windowEnd: now });
  const { count, window_ends_at: forgottenAt } = claimed as { count: number; window_ends_at: number };
  const wrong = forgottenAt > now ? count : 0;
  const since = forgottenAt - REMEMBERED;
  const lock = lockedFor(wrong);
  if (lock > 0 && now < since + lock) {
    // After a clock was set back, the lock begins anew: it must not last until the old time has come again.
    if (since > now + lock) putAttempts.send(unit, { ...guesser, count: wrong, windowEnd: now + REMEMBERED });
    return 'locked';
  }
  putAttempts.send(unit, { ...guesser, count: wrong + 1, windowEnd: now + REMEMBERED });
  const outcome = compare();
  if (isRight(outcome)) putAttempts.send(unit, { ...guesser, count: wrong, windowEnd: forgottenAt });
  return outcome;
}
