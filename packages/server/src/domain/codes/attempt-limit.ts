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
  | 'verify-attribute'
  | 'migrate:recovery'
  | 'migrate:sign-in'
  | 'shape-message'
  | `send:${string}`;

/** No column and no language runs out before this. */
const UNLIMITED = 2_000_000_000;

/** How often an hour, per user (the guide's "Quotas"). Asking for and entering a reset code share their count. */
export function limitOf(pool: UserPool, action: LimitedAction): number {
  const { recovery, limits } = pool.settings;
  switch (action) {
    case 'reset-password':
    case 'migrate:recovery':
      return recovery.attemptsPerHour || UNLIMITED;
    // More than the lock lets anybody try who does not try all at once.
    case 'migrate:sign-in':
    // Under way at a time or failed; no limit of messages that are sent is lower by it.
    case 'shape-message':
      return 20;
    // Of its own: who lifts the limit of resets does not lift that of guesses at the second factor.
    case 'reset-factor':
      return 5;
    case 'resend-code':
      return limits.resendConfirmationCode || UNLIMITED;
    case 'get-attribute-code':
      return limits.getUserAttributeVerificationCode || UNLIMITED;
    case 'change-password':
      return limits.changePassword || UNLIMITED;
    case 'confirm-sign-up':
      return limits.confirmSignUp || UNLIMITED;
    case 'verify-attribute':
    case 'verify:email':
    case 'verify:phone_number':
      return limits.verifyUserAttribute || UNLIMITED;
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
