import { dailyEmailLimitExceeded } from '../../errors.ts';
import { HOUR } from '../../platform/duration.ts';
import { ALL_POOLS, addToDay } from '../../storage/repositories/day-counts.ts';
import type { Unit } from '../../storage/unit.ts';
import type { OutgoingMessage } from '../delivery/enqueue-message.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { customSenderAt } from '../triggers/custom-sender.ts';
import { dayOf } from './day.ts';

/** When Amazon Cognito counts anew, in UTC (the developer guide's "Quotas"). */
const DAY_ENDS_AT = 9 * HOUR;

/**
 * Counts a mail of a pool that sends by COGNITO_DEFAULT; all such pools share the day's, as those of an account of AWS
 * do. Administrators' and simulated ones count as any. Throws LimitExceededException, which takes back what the unit has
 * done. From here on whoever sends such mail goes after this unit; where there is no cap, nobody does.
 */
export async function requireWithinEmailDay(
  { messageLimits, request, clock }: Services,
  unit: Unit,
  pool: UserPool,
  { channel }: Pick<OutgoingMessage, 'channel'>,
): Promise<void> {
  const most = messageLimits?.caps.EmailDay;
  if (most === undefined || channel !== 'EMAIL') return;
  if (pool.config.EmailConfiguration.EmailSendingAccount !== 'COGNITO_DEFAULT') return;
  if (customSenderAt(pool, channel) !== undefined) return;
  const { day, dayEnd } = dayOf(clock.now(), DAY_ENDS_AT);
  const counted = await addToDay.first(unit, {
    poolId: ALL_POOLS,
    day,
    dayEnd,
    action: 'email-day',
    amount: 1,
  });
  if ((counted?.count ?? 0) <= most) return;
  messageLimits?.refused(request, 'EmailDay');
  throw dailyEmailLimitExceeded();
}
