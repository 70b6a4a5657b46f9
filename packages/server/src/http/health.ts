import { SECOND } from '../platform/duration.ts';
import { findServerState } from '../storage/repositories/server-state.ts';
import type { Storage } from '../storage/unit.ts';

/** An answer is good for so long, however many ask. */
const FRESH = SECOND;
/** How long one who asks waits for the database before the last answer has to do. */
const PATIENCE = SECOND;
/** Slower than this is not busy but gone: a query that waits its turn has had it by then. */
const SILENCE = 5 * SECOND;

export interface Health {
  /** Whether this node should be sent requests: its database answers, and it is not about to stop. */
  isReady(): Promise<boolean>;
  /** From now on it is not ready. */
  drain(): void;
}

/** Asks the database when somebody asks here, once a second at most. */
export function createHealth(storage: Storage, now = () => performance.now()): Health {
  let draining = false;
  let good = true;
  let asked = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    asked = now();
    try {
      await storage.read((unit) => findServerState.first(unit, { name: 'health' }));
      good = true;
    } catch {
      good = false;
    } finally {
      asking = undefined;
    }
  }

  return {
    drain() {
      draining = true;
    },
    async isReady() {
      if (asking === undefined && now() - asked >= FRESH) asking = ask();
      if (asking !== undefined) {
        let timer: NodeJS.Timeout | undefined;
        await Promise.race([asking, new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE)))]);
        clearTimeout(timer);
      }
      const silent = asking !== undefined && now() - asked > SILENCE;
      return good && !silent && !draining;
    },
  };
}
