import { DAY, MINUTE, SECOND } from '../../platform/duration.ts';
import {
  claimAttempts,
  findAttempts,
  forgetAttempts,
  putAttempts,
} from '../../storage/repositories/attempts.ts';
import { touchUser } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';

/** Wrong answers until the first lock. */
const FREE = 5;
const LONGEST = 15 * MINUTE;

/** Milliseconds that a number of wrong answers locks for: 2^(n-5) seconds from the fifth on, 15 minutes at most. */
export const lockedFor = (wrong: number) =>
  wrong < FREE ? 0 : Math.min(2 ** (wrong - FREE) * SECOND, LONGEST);

/** For how long a number of wrong answers is remembered after the last one, ms. */
type Memory = (wrong: number) => number;

/** Whoever has the password guesses for days. */
const ofFactors: Memory = () => DAY;

/**
 * Amazon Cognito's, after 15 quiet minutes "after a lockout". A lock alone is no quiet time: else the longest one, of as
 * many minutes, would be followed by five guesses without any.
 */
const ofPasswords: Memory = (wrong) => Math.max(15 * MINUTE, 2 * lockedFor(wrong));

export interface Guesser {
  readonly poolId: string;
  readonly sub: string;
  /** What is guessed at; each thing has its own count. */
  readonly action: string;
}

/** What is stored of somebody's wrong answers. */
export type Counted = { count: number; window_ends_at: number } | undefined;

function standingOf(counted: Counted, now: number, memory: Memory) {
  const { count, window_ends_at: forgottenAt } = counted ?? { count: 0, window_ends_at: 0 };
  const wrong = forgottenAt > now ? count : 0;
  const since = forgottenAt - memory(count);
  const lock = lockedFor(wrong);
  return {
    wrong,
    forgottenAt,
    isLocked: lock > 0 && now < since + lock,
    /** The clock was set back since. */
    isFromLater: since > now + lock,
  };
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
  memory: Memory = ofFactors,
): Promise<Outcome | 'locked'> {
  const claimed = await claimAttempts.first(unit, { ...guesser, windowEnd: now });
  const { wrong, forgottenAt, isLocked, isFromLater } = standingOf(claimed as Counted, now, memory);
  const count = (number: number) =>
    putAttempts.send(unit, { ...guesser, count: number, windowEnd: now + memory(number) });
  if (isLocked) {
    // The lock begins anew: it must not last until the old time has come again.
    if (isFromLater) count(wrong);
    return 'locked';
  }
  count(wrong + 1);
  const outcome = compare();
  if (isRight(outcome)) putAttempts.send(unit, { ...guesser, count: wrong, windowEnd: forgottenAt });
  return outcome;
}

const guesserOfPassword = (owner: { poolId: string; sub: string }): Guesser => ({
  poolId: owner.poolId,
  sub: owner.sub,
  action: 'password',
});

/** What is stored of wrong passwords of a user's, or of somebody's who is none. */
export const wrongPasswords = (unit: Unit, owner: { poolId: string; sub: string }): Promise<Counted> =>
  findAttempts.first(unit, guesserOfPassword(owner));

/** Whether a password would not be looked at now. It spares the hash; what decides is `countPassword`. */
export function passwordsLocked(counted: Counted, now: number): boolean {
  const { isLocked, isFromLater } = standingOf(counted, now, ofPasswords);
  return isLocked && !isFromLater;
}

/**
 * Decides on a password that was compared, and so on whether its caller is told what came of it. `locked` for a right one as for a wrong
 * one. A hash takes too long for a unit of work; to count before it and take that back after it would cost each sign-in a
 * commit, and lock out who signs in six times at once.
 *
 * To be called in a unit that has locked the user and read `counted` after that. The count stays only when the unit
 * commits: refusals are returned from it. A right password writes something only where wrong ones came before it.
 */
export async function countPassword(
  unit: Unit,
  owner: { poolId: string; sub: string },
  counted: Counted,
  now: number,
  isRight: boolean,
): Promise<'right' | 'wrong' | 'locked'> {
  const guesser = guesserOfPassword(owner);
  const { isLocked } = standingOf(counted, now, ofPasswords);
  if (isRight && !isLocked) {
    if (counted !== undefined) forgetAttempts.send(unit, guesser);
    return 'right';
  }
  if (passwordsLocked(counted, now)) return 'locked';
  const compared = () => 'wrong' as const;
  const outcome = await answerCounted(unit, guesser, now, compared, () => false, ofPasswords);
  // Where a unit sees the state of when it began, it has to notice that the count is another one now.
  if (unit.locks && outcome === 'wrong') touchUser.send(unit, owner);
  return outcome;
}

/** Forgets wrong passwords: a new one was set. */
export const forgetWrongPasswords = (unit: Unit, owner: { poolId: string; sub: string }): void =>
  forgetAttempts.send(unit, guesserOfPassword(owner));
