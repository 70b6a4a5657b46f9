import { createHash } from 'node:crypto';
import { tooManyWaiting } from '../errors.ts';
import { deleteAllMessages, listMessages, type MessageRow } from '../storage/repositories/messages.ts';
import type { Storage } from '../storage/unit.ts';

/** How many requests may wait at once: each look costs a query for every one of them. */
const MOST_WAITING = 1000;
/** Milliseconds within which commits are taken together: a burst of messages costs each waiter one look. */
const GATHER = 5;
/** How soon what another node did is seen, ms. */
const LOOK_AGAIN = 1000;

export interface InboxQuery {
  readonly to: string | undefined;
  readonly userPoolId: string | undefined;
  readonly limit: number;
}

export interface Patience {
  /** How long to wait at most, in real milliseconds: the server's own clock may be moved meanwhile. */
  readonly waitMs: number;
  /** Wait for a version other than this one; undefined: for the first match. */
  readonly known: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly gone: AbortSignal;
}

export interface InboxListing {
  /** Changes whenever a message of the listing is added, sent, retried or removed. */
  readonly version: string;
  /** Newest first. */
  readonly rows: readonly MessageRow[];
}

/** What was sent, or would have been, for whoever waits for it. */
export interface Inbox {
  /** Throws TooManyRequestsException when too many wait already. */
  list(query: InboxQuery, patience?: Patience): Promise<InboxListing>;
  clear(): Promise<void>;
  /** A message was committed: whoever waits looks again. */
  wake(): void;
  /** Lets nobody wait any more, so that a server can stop at once. */
  close(): void;
}

export function createInbox(storage: Storage): Inbox {
  const sleepers = new Set<() => void>();
  let waiting = 0;
  let gathering = false;
  let closed = false;
  // A node that is alone on its database hears of every commit; beside others it has to look.
  const longestSleep = storage.dialect === 'sqlite' ? Number.POSITIVE_INFINITY : LOOK_AGAIN;

  const look = async (query: InboxQuery): Promise<InboxListing> => {
    const rows = await storage.read((unit) => listMessages(unit, query));
    return { rows, version: versionOf(rows) };
  };

  function nextWake(ms: number, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wakeUp = () => {
        clearTimeout(timer);
        gone.removeEventListener('abort', wakeUp);
        sleepers.delete(wakeUp);
        resolve();
      };
      const timer = setTimeout(wakeUp, ms);
      gone.addEventListener('abort', wakeUp);
      sleepers.add(wakeUp);
    });
  }

  async function firstChange(query: InboxQuery, { waitMs, known = NOTHING, gone }: Patience) {
    if (waiting >= MOST_WAITING) throw tooManyWaiting(MOST_WAITING);
    waiting += 1;
    try {
      const end = performance.now() + waitMs;
      for (;;) {
        const remaining = end - performance.now();
        // Asleep before the look, so that a message committed during it is not missed.
        const woken = nextWake(Math.max(Math.min(remaining, longestSleep), 0), gone);
        const seen = await look(query);
        if (seen.version !== known || remaining <= 0 || gone.aborted || closed) return seen;
        await woken;
      }
    } finally {
      waiting -= 1;
    }
  }

  function wakeAll(): void {
    gathering = false;
    for (const wakeUp of [...sleepers]) wakeUp();
  }

  function wake(): void {
    if (gathering || sleepers.size === 0) return;
    gathering = true;
    setTimeout(wakeAll, GATHER);
  }

  return {
    wake,
    async list(query, patience) {
      const patient = patience !== undefined && patience.waitMs > 0;
      return patient ? firstChange(query, patience) : look(query);
    },
    async clear() {
      await storage.write((unit) => deleteAllMessages.run(unit, {}));
      wake();
    },
    close() {
      closed = true;
      wakeAll();
    },
  };
}

function versionOf(rows: readonly MessageRow[]): string {
  const hash = createHash('sha256');
  for (const row of rows)
    hash.update(JSON.stringify([row.id, row.status, row.attempts, row.last_error, row.record]));
  return hash.digest('base64url');
}
const NOTHING = versionOf([]);
