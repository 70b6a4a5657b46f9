import { DAY } from '../../platform/duration.ts';
import type { UserPool } from '../pools/user-pool.ts';

/** When a temporary password that is set now stops working, ms. */
export function temporaryUntil(pool: UserPool, now: number): number {
  return now + (pool.config.AdminCreateUserConfig.UnusedAccountValidityDays ?? 7) * DAY;
}
