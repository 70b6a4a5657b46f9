import { setTimeout as sleep } from 'node:timers/promises';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { functionAt, type Trigger } from './trigger.ts';

/**
 * Takes as long as the pool's function at a trigger took of late, for who must not be told that it has nothing to do for
 * them: the time of an answer would tell who exists.
 */
export async function pretendToRun(services: Services, pool: UserPool, trigger: Trigger): Promise<undefined> {
  const found = functionAt(pool, trigger);
  const duration = found && services.functions.usualDuration(found.arn, trigger);
  if (duration) await sleep(duration);
}
