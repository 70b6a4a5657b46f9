import { HOUR } from '../../platform/duration.ts';
import { countAttempt, findAttempts } from '../../storage/repositories/attempts.ts';
import type { CodePurpose } from '../../storage/schema/attempts.ts';
import type { Unit } from '../../storage/unit.ts';
import type { UserPool } from '../pools/user-pool.ts';

/** What a user may do only so often an hour; entering a code of a purpose, or an action that has none. */
export type LimitedAction =
  | CodePurpose
  | 'resend-code'
  | 'get-attribute-code'
  | 'change-password'
  | `send:${string}`;

/** No column and no language runs out before this. */
const UNLIMITED = 2_000_000_000;

/** How often an hour, per user (the guide's "Quotas"). Asking for and entering a reset code share their count. */
export function limitOf(pool: UserPool, action: LimitedAction): number {
  switch (action) {
    case 'reset-password':
      return pool.settings.recovery.attemptsPerHour || UNLIMITED;
    // Of its own: who lifts the limit of resets does not lift that of guesses at the second factor.
    case 'reset-factor':
    case 'resend-code':
    case 'get-attribute-code':
    case 'change-password':
      return 5;
    default:
      return 15;
  }
}

export const attemptOf = (pool: UserPool, sub: string, action: LimitedAction, now: number) => ({
  poolId: pool.id,
  sub,
  action,
  now,
  windowEnd: now + HOUR,
});

/**
 * Counts an attempt in the running hour and tells whether it was still allowed. The count stays only when the unit
 * commits, so the caller returns "limited" as a result and throws after the commit.
 */
export async function attemptAllowed(
  unit: Unit,
  pool: UserPool,
  sub: string,
  action: LimitedAction,
  now: number,
): Promise<boolean> {
  const counted = await countAttempt.first(unit, attemptOf(pool, sub, action, now));
  return counted !== undefined && counted.count <= limitOf(pool, action);
}

/** Whether the next attempt would be refused; spares the work before it. The count that decides is `attemptAllowed`. */
export async function attemptsExhausted(
  unit: Unit,
  pool: UserPool,
  sub: string,
  action: LimitedAction,
  now: number,
): Promise<boolean> {
  const row = await findAttempts.first(unit, { poolId: pool.id, sub, action });
  return row !== undefined && row.window_ends_at > now && row.count >= limitOf(pool, action);
}
