import { HOUR } from '../../platform/duration.ts';
import { countAttempt, findAttempts } from '../../storage/repositories/attempts.ts';
import type { Unit } from '../../storage/unit.ts';
import type { UserPool } from '../pools/user-pool.ts';

/** What a user may do only so often an hour (the guide's "Quotas", per user). */
export type LimitedAction =
  | 'recovery'
  | 'resend-code'
  | 'confirm-sign-up'
  | 'get-attribute-code'
  | 'verify-attribute'
  | 'change-password';

const PER_HOUR: Record<Exclude<LimitedAction, 'recovery'>, number> = {
  'resend-code': 5,
  'confirm-sign-up': 15,
  'get-attribute-code': 5,
  'verify-attribute': 15,
  'change-password': 5,
};

const limitOf = (pool: UserPool, action: LimitedAction) => {
  const limit = action === 'recovery' ? pool.settings.recovery.attemptsPerHour : PER_HOUR[action];
  return limit === 0 ? Number.POSITIVE_INFINITY : limit;
};

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
  const counted = await countAttempt.first(unit, {
    poolId: pool.id,
    sub,
    action,
    now,
    windowEnd: now + HOUR,
  });
  return (counted?.count ?? 0) <= limitOf(pool, action);
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
  return row !== undefined && row.expires_at > now && row.count >= limitOf(pool, action);
}
