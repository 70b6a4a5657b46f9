import type { Logger } from 'pino';
import type { MessageCap } from '../../config/limits.ts';
import type { Clock } from '../../platform/clock.ts';
import { dayOf } from './day.ts';

/** More pools than anybody reads lines about; beyond it one may be told of twice. */
const MOST_KNOWN = 10_000;

/** Tells operators that a cap of the day is reached, of a pool or of all: once a day on each node. */
export function createDailyWarning(log: Logger, clock: Clock): (cap: MessageCap, poolId?: string) => void {
  const warned = new Set<string>();
  let today = '';
  return (cap, poolId) => {
    const { day } = dayOf(clock.now());
    if (day !== today || warned.size >= MOST_KNOWN) warned.clear();
    today = day;
    const known = `${cap}/${poolId ?? ''}`;
    if (warned.has(known)) return;
    warned.add(known);
    log.warn(
      { cap, pool: poolId },
      'A cap of --message-caps is reached: what is beyond it is not sent today.',
    );
  };
}
