import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import { MINUTE } from '../platform/duration.ts';
import { purgeExpired, purges } from '../storage/repositories/expired.ts';
import type { Storage } from '../storage/unit.ts';

const INTERVAL = MINUTE;

/** Removes what expired, a batch at a time so that requests go in between. */
export function createJanitor(storage: Storage, clock: Clock, log: Logger): { close(): Promise<void> } {
  let closed = false;
  let cleaning: Promise<void> = Promise.resolve();

  async function clean(): Promise<void> {
    for (const purge of purges) {
      let more = true;
      while (more && !closed) more = await storage.write((unit) => purgeExpired(unit, purge, clock.now()));
    }
  }

  const timer = setInterval(() => {
    cleaning = cleaning
      .then(clean)
      .catch((error) => log.error({ err: error }, 'Expired rows were not removed.'));
  }, INTERVAL);
  timer.unref();
  return {
    async close() {
      closed = true;
      clearInterval(timer);
      await cleaning;
    },
  };
}
