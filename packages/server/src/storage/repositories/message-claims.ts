import { sql } from 'kysely';
import type { SendingLane } from '../schema/messages.ts';
import { columnsOf } from '../schema/tables.ts';
import { statement } from '../statement.ts';
import type { Unit } from '../unit.ts';
import type { MessageRow } from './messages.ts';

export const SENDING_LANES: readonly SendingLane[] = [
  'EMAIL',
  'SMS',
  'EMAIL_INVITATION',
  'SMS_INVITATION',
  'FUNCTION',
];

// Lanes are read as ranges of their index and in its order: `lane = $1 order by due_at` has PostgreSQL, whose
// statistics are often those of a lull, walk through all lanes by an index of `due_at` alone in the hope of a match soon.

/** What comes next in every lane, by one query: the time of the first message. */
const nextOfLanes = statement((db) => {
  const next = (lane: SendingLane | null) =>
    db
      .selectFrom(
        db
          .selectFrom('messages')
          .select(['lane', 'due_at'])
          .where((of) =>
            lane === null
              ? of('lane', 'is', null)
              : of.and([of(of.refTuple('lane', 'due_at'), '>', of.tuple(lane, 0)), of('lane', '<=', lane)]),
          )
          .where('due_at', 'is not', null)
          .orderBy('lane')
          .orderBy('due_at')
          .limit(1)
          .as('next'),
      )
      .select(['lane', 'due_at']);
  const dead = db
    .selectFrom(
      db
        .selectFrom('messages')
        .select(['lane', 'expires_at'])
        .where('lane', '=', sql.lit('DEAD'))
        .orderBy('expires_at')
        .limit(1)
        .as('next'),
    )
    .select(['lane', 'expires_at as due_at']);
  return SENDING_LANES.reduce((all, lane) => all.unionAll(next(lane)), next(null)).unionAll(dead);
});

/** When something is to be done in a lane the next time; lanes without anything are missing. */
export interface Upcoming {
  readonly lanes: ReadonlyMap<SendingLane, number>;
  /** What an older version queued. */
  readonly withoutLane: number | undefined;
  /** When the first code of the dead dies. */
  readonly dead: number | undefined;
}

export async function upcomingMessages(unit: Unit): Promise<Upcoming> {
  const found = new Map(
    (await nextOfLanes.all(unit, {})).map(({ lane, due_at }) => [lane, due_at as number]),
  );
  const withoutLane = found.get(null);
  const dead = found.get('DEAD');
  found.delete(null);
  found.delete('DEAD');
  return { lanes: found as Map<SendingLane, number>, withoutLane, dead };
}

const oldestDue = statement((db, p: { lane: SendingLane; now: number; limit: number }) =>
  db
    .selectFrom('messages')
    .select(['pool_id', 'id'])
    .where((of) => of(of.refTuple('lane', 'due_at'), '>', of.tuple(p.lane, 0)))
    .where((of) => of(of.refTuple('lane', 'due_at'), '<=', of.tuple(p.lane, p.now)))
    .where('due_at', 'is not', null)
    .orderBy('lane')
    .orderBy('due_at')
    .limit(p.limit),
);

/** The next pool that has anything in a lane, and when the first of it is due. */
const nextPool = statement((db, p: { lane: SendingLane; after: string }) =>
  db
    .selectFrom('messages')
    .select(['pool_id', 'due_at'])
    .where((of) => of(of.refTuple('lane', 'pool_id'), '>', of.tuple(p.lane, p.after)))
    .where('lane', '<=', p.lane)
    .where('due_at', 'is not', null)
    .orderBy('lane')
    .orderBy('pool_id')
    .orderBy('due_at')
    .limit(1),
);

const newestDueOfPool = statement(
  (db, p: { lane: SendingLane; poolId: string; now: number; limit: number }) =>
    db
      .selectFrom('messages')
      .select(['pool_id', 'id'])
      .where('lane', '=', p.lane)
      .where('pool_id', '=', p.poolId)
      .where('due_at', '<=', p.now)
      .orderBy('due_at', 'desc')
      .limit(p.limit),
);

const dueMessage = statement(
  (db, p: { poolId: string; id: string; now: number }) =>
    db
      .selectFrom('messages')
      .select(columnsOf('messages'))
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id)
      .where('due_at', '<=', p.now),
  (query) => query.forUpdate().skipLocked(),
);

const leaseMessage = statement((db, p: { poolId: string; id: string; leaseEnd: number; attempts: number }) =>
  db
    .updateTable('messages')
    .set({ due_at: p.leaseEnd, attempts: p.attempts })
    .where('pool_id', '=', p.poolId)
    .where('id', '=', p.id),
);

interface Key {
  readonly pool_id: string;
  readonly id: string;
}

export interface Claim {
  readonly lane: SendingLane;
  readonly now: number;
  readonly leaseEnd: number;
  /** How many to take at most. */
  readonly places: number;
  /** The same of one pool. */
  ofPool(poolId: string): number;
  /** The pool whose turn was the last one. */
  readonly after: string;
}

/** Workers that share a queue choose among so many times what each takes, so that they seldom reach for the same. */
const CHOICE = 4;
/** Pools that a search for whose turn it is looks at: what those have whose turn passes may be under way or put off. */
const LOOKED_AT = 20;

/**
 * Takes messages of a lane that are due, and keeps other workers off them until `leaseEnd`. Where more are due than
 * there are places, half of the places go to the oldest, and the others to the pools in turn, of each its newest: then
 * neither one pool's thousands nor what an outage left behind keep a fresh code waiting.
 */
export async function claimMessages(
  unit: Unit,
  claim: Claim,
): Promise<{ readonly messages: MessageRow[]; readonly after: string }> {
  const { lane, now, leaseEnd, places } = claim;
  const choice = unit.locks ? CHOICE : 1;
  const due = await oldestDue.all(unit, { lane, now, limit: places * choice + 1 });
  const isCrowded = due.length > places;
  // Of an odd place chance decides: most often a single one is free.
  const forOldest = isCrowded ? Math.floor((places + Math.round(Math.random())) / 2) : places;
  const chosen = choose(unit.locks && isCrowded ? shuffled(due) : due, forOldest, claim);
  let { after } = claim;
  if (isCrowded) {
    const turn = await poolsInTurn(unit, claim, places - chosen.length, choice);
    after = turn.after;
    chosen.push(...choose(turn.due, places - chosen.length, claim, chosen));
    chosen.push(...choose(due, places - chosen.length, claim, chosen));
  }
  const keys = chosen.map(({ pool_id, id }) => ({ poolId: pool_id, id }));
  // By its key, and not where it was found: engines that spread a table over machines lock single rows alone.
  const rows = await Promise.all(keys.map((key) => dueMessage.first(unit, { ...key, now })));
  const messages: MessageRow[] = [];
  for (const row of rows) {
    if (row === undefined) continue;
    const attempts = row.attempts + 1;
    leaseMessage.send(unit, { poolId: row.pool_id, id: row.id, leaseEnd, attempts });
    messages.push({ ...row, attempts, due_at: leaseEnd });
  }
  return { messages, after };
}

/** The first of the keys that there is room for, without those that were chosen before. */
function choose(due: readonly Key[], places: number, { ofPool }: Claim, before: readonly Key[] = []): Key[] {
  const taken = new Set(before.map(({ pool_id, id }) => `${pool_id}/${id}`));
  const held = new Map<string, number>();
  for (const { pool_id } of before) held.set(pool_id, (held.get(pool_id) ?? 0) + 1);
  const chosen: Key[] = [];
  for (const key of due) {
    if (chosen.length >= places) break;
    const ofItsPool = held.get(key.pool_id) ?? 0;
    if (taken.has(`${key.pool_id}/${key.id}`) || ofItsPool >= ofPool(key.pool_id)) continue;
    held.set(key.pool_id, ofItsPool + 1);
    chosen.push(key);
  }
  return chosen;
}

/** What is due of the pools whose turn is next, of each in its turn the newest first. */
async function poolsInTurn(
  unit: Unit,
  { lane, now, ofPool, after: last }: Claim,
  places: number,
  choice: number,
): Promise<{ readonly due: Key[]; readonly after: string }> {
  const looked = new Set<string>();
  const poolIds: string[] = [];
  let after = last;
  for (let search = 0; search < LOOKED_AT && poolIds.length < places; search += 1) {
    const next = await nextPool.first(unit, { lane, after });
    // Past the last pool it begins again, once.
    if (next === undefined ? after === '' : looked.has(next.pool_id)) break;
    after = next?.pool_id ?? '';
    if (next === undefined) continue;
    looked.add(after);
    if ((next.due_at as number) <= now && ofPool(after) > 0) poolIds.push(after);
  }
  const limit = places * choice;
  const waiting = await Promise.all(
    poolIds.map((poolId) => newestDueOfPool.all(unit, { lane, poolId, now, limit })),
  );
  return { due: alternating(unit.locks ? waiting.map(shuffled) : waiting), after };
}

/** The first of each list, then the second of each, and so on. */
function alternating<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) =>
    lists.flatMap((list) => list.slice(place, place + 1)),
  ).flat();
}

const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);

const withoutLane = statement((db, p: { limit: number }) =>
  db
    .selectFrom('messages')
    .select(['pool_id', 'id', 'channel', 'trigger_source'])
    .where('lane', 'is', null)
    .where('due_at', 'is not', null)
    .orderBy('lane')
    .orderBy('due_at')
    .limit(p.limit),
);

const putInLane = statement((db, p: { poolId: string; id: string; lane: SendingLane }) =>
  db
    .updateTable('messages')
    .set({ lane: p.lane })
    .where('pool_id', '=', p.poolId)
    .where('id', '=', p.id)
    .where('lane', 'is', null),
);

const ADOPTED_AT_ONCE = 500;

/** Gives messages a lane that an older version queued without one. */
export async function adoptMessages(
  unit: Unit,
  laneOf: (channel: 'EMAIL' | 'SMS', triggerSource: string) => SendingLane,
): Promise<number> {
  const found = await withoutLane.all(unit, { limit: ADOPTED_AT_ONCE });
  for (const { pool_id: poolId, id, channel, trigger_source } of found) {
    putInLane.send(unit, { poolId, id, lane: laneOf(channel, trigger_source) });
  }
  return found.length;
}

/** Makes due now what is due after `latest`. Resolves to how many these are. */
export const advanceMessages = statement((db, p: { lane: SendingLane; now: number; latest: number }) =>
  db.updateTable('messages').set({ due_at: p.now }).where('lane', '=', p.lane).where('due_at', '>', p.latest),
);
