import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import { MINUTE } from '../platform/duration.ts';
import { listDeletedPools, purgeDeletedPool } from '../storage/repositories/deleted-pools.ts';
import { purgeExpired, purges } from '../storage/repositories/expired.ts';
import type { Storage, Unit } from '../storage/unit.ts';

const INTERVAL = MINUTE;
/** By then every node knows that a pool was deleted, and every request that did not know is over. */
const KNOWN_EVERYWHERE = MINUTE;

export interface Janitor {
  /** There is something to remove now. */
  wake(): void;
  close(): Promise<void>;
}

/** Removes what expired or was deleted, a batch at a time so that requests go in between. */
export function createJanitor(storage: Storage, clock: Clock, log: Logger): Janitor {
  let closed = false;
  let cleaning: Promise<void> = Promise.resolve();

  async function inBatches(removeSome: (unit: Unit) => Promise<boolean>): Promise<void> {
    let more = true;
    while (more && !closed) more = await storage.write(removeSome);
  }

  async function cleanUp(): Promise<void> {
    for (const purge of purges) await inBatches((unit) => purgeExpired(unit, purge, clock.now()));
    for (const { pool_id, deleted_at } of await storage.read((unit) => listDeletedPools.all(unit, {}))) {
      const final = Math.abs(clock.now() - deleted_at) > KNOWN_EVERYWHERE;
      await inBatches((unit) => purgeDeletedPool(unit, pool_id, final));
    }
  }

  function wake(): void {
    cleaning = cleaning
      .then(() => (closed ? undefined : cleanUp()))
      .catch((error) => log.error({ err: error }, 'Rows that nobody needs were not removed.'));
  }

  const timer = setInterval(wake, INTERVAL);
  timer.unref();
  return {
    wake,
    async close() {
      closed = true;
      clearInterval(timer);
      await cleaning;
    },
  };
}
