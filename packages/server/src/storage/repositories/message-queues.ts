import type { SendingLane } from '../schema/messages.ts';
import { statement } from '../statement.ts';
import type { Unit } from '../unit.ts';
import { SENDING_LANES } from './message-claims.ts';

/** More are counted as so many: a number that grew has told what it could. */
const MOST_COUNTED = 10_000;
/** Among so many that are due first, the one that was queued first is looked for. */
const OLDEST_AMONG = 100;

const countOfLane = statement((db, p: { lane: SendingLane; limit: number }) =>
  db
    .selectFrom(
      db
        .selectFrom('messages')
        .select('due_at')
        .where((of) => of(of.refTuple('lane', 'due_at'), '>', of.tuple(p.lane, 0)))
        .where('lane', '<=', p.lane)
        .where('due_at', 'is not', null)
        .orderBy('lane')
        .orderBy('due_at')
        .limit(p.limit)
        .as('waiting'),
    )
    .select((count) => count.fn.countAll<number>().as('count')),
);

const firstOfLane = statement((db, p: { lane: SendingLane; limit: number }) =>
  db
    .selectFrom('messages')
    .select('created_at')
    .where((of) => of(of.refTuple('lane', 'due_at'), '>', of.tuple(p.lane, 0)))
    .where('lane', '<=', p.lane)
    .where('due_at', 'is not', null)
    .orderBy('lane')
    .orderBy('due_at')
    .limit(p.limit),
);

export interface Queue {
  readonly lane: SendingLane;
  /** At most `MOST_COUNTED`. */
  readonly waiting: number;
  /** When the oldest of them was queued, about. */
  readonly since: number | undefined;
}

/** What waits in each lane, retries and what is under way included, at a cost that does not grow with it. */
export async function listQueues(unit: Unit): Promise<Queue[]> {
  const queues: Queue[] = [];
  for (const lane of SENDING_LANES) {
    const first = await firstOfLane.all(unit, { lane, limit: OLDEST_AMONG });
    const counted =
      first.length < OLDEST_AMONG ? undefined : await countOfLane.first(unit, { lane, limit: MOST_COUNTED });
    queues.push({
      lane,
      waiting: counted?.count ?? first.length,
      since: first.length === 0 ? undefined : Math.min(...first.map(({ created_at }) => created_at)),
    });
  }
  return queues;
}
