import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../schema/database.ts';
import type { Lane, MessageStatus, MessagesTable } from '../schema/messages.ts';
import { columnsOf } from '../schema/tables.ts';
import { rowsOf, statement } from '../statement.ts';
import type { Unit } from '../unit.ts';

export type MessageRow = Selectable<MessagesTable>;

export const insertMessage = statement(
  (
    db,
    p: {
      poolId: string;
      id: string;
      sub: string;
      username: string;
      channel: 'EMAIL' | 'SMS';
      destination: string;
      triggerSource: string;
      sealedContent: Uint8Array;
      status: MessageStatus;
      dueAt: number | null;
      expiresAt: number;
      createdAt: number;
      sentAt: number | null;
      lane: Lane;
    },
  ) =>
    db.insertInto('messages').values({
      pool_id: p.poolId,
      id: p.id,
      sub: p.sub,
      username: p.username,
      channel: p.channel,
      destination: p.destination,
      trigger_source: p.triggerSource,
      sealed_content: p.sealedContent,
      status: p.status,
      attempts: 0,
      due_at: p.dueAt,
      expires_at: p.expiresAt,
      created_at: p.createdAt,
      sent_at: p.sentAt,
      last_error: null,
      lane: p.lane,
      record: null,
      provider_id: null,
      feedback: null,
    }),
);

/** Whether a function of the pool's sends it, and no channel. */
export const isSentByFunction = ({ trigger_source }: Pick<MessageRow, 'trigger_source'>) =>
  /^Custom(?:Email|SMS)Sender_/.test(trigger_source);
const BY_FUNCTION = 'Custom%Sender%';

/** The lane that a message waits in. */
export const laneOf = (channel: 'EMAIL' | 'SMS', triggerSource: string): Lane =>
  isSentByFunction({ trigger_source: triggerSource })
    ? 'FUNCTION'
    : triggerSource === 'CustomMessage_AdminCreateUser'
      ? 'INVITATION'
      : channel;

/** How many more messages a worker has places for. */
export interface Room {
  readonly channels: number;
  readonly functions: number;
  /** The same of a pool's function. */
  ofPool(poolId: string): number;
  /** Those whose functions have none. */
  readonly fullPools: readonly string[];
}

const hasRoomForAll = ({ channels, functions, fullPools }: Room) =>
  channels > 0 && functions > 0 && fullPools.length === 0;

const dueKeys = statement((db, p: { now: number; limit: number }) =>
  db
    .selectFrom('messages')
    .select(['pool_id', 'id', 'trigger_source'])
    .where('due_at', '<=', p.now)
    .orderBy('due_at')
    .limit(p.limit),
);

/** The messages that wait, the next one first, without those for which there is no room. */
function waiting(db: Kysely<Database>, { channels, functions, fullPools }: Room) {
  let messages = db.selectFrom('messages').where('due_at', 'is not', null).orderBy('due_at');
  if (channels <= 0) messages = messages.where('trigger_source', 'like', BY_FUNCTION);
  if (functions <= 0) return messages.where('trigger_source', 'not like', BY_FUNCTION);
  if (fullPools.length === 0) return messages;
  return messages.where((where) =>
    where.or([where('trigger_source', 'not like', BY_FUNCTION), where('pool_id', 'not in', fullPools)]),
  );
}

/** Those of the keys that there is room for, in their order. */
function fitting<Key extends { pool_id: string; trigger_source: string }>(
  due: readonly Key[],
  room: Room,
): Key[] {
  let { channels, functions } = room;
  const pools = new Map<string, number>();
  return due.filter((key) => {
    if (!isSentByFunction(key)) return channels-- > 0;
    const left = pools.get(key.pool_id) ?? room.ofPool(key.pool_id);
    pools.set(key.pool_id, left - 1);
    return left > 0 && functions-- > 0;
  });
}

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

/** Workers that share a queue choose among so many times what each takes, so that they seldom reach for the same. */
const CHOICE = 4;

/** Takes messages that are due, the oldest among them, and keeps other workers off them until `leaseEnd`. */
export async function claimMessages(
  unit: Unit,
  { now, leaseEnd, room }: { now: number; leaseEnd: number; room: Room },
): Promise<MessageRow[]> {
  const places = Math.max(0, room.channels) + Math.max(0, room.functions);
  const limit = unit.locks ? places * CHOICE : places;
  const due = hasRoomForAll(room)
    ? await dueKeys.all(unit, { now, limit })
    : await rowsOf(unit, (db) =>
        waiting(db, room).select(['pool_id', 'id', 'trigger_source']).where('due_at', '<=', now).limit(limit),
      );
  let chosen = fitting(due, room);
  if (unit.locks && chosen.length < due.length)
    chosen = fitting(
      due.sort(() => Math.random() - 0.5),
      room,
    );
  const keys = chosen.map(({ pool_id, id }) => ({ poolId: pool_id, id }));
  // By its key, and not where it was found: engines that spread a table over machines lock single rows alone.
  const rows = await Promise.all(keys.map((key) => dueMessage.first(unit, { ...key, now })));
  const claimed: MessageRow[] = [];
  for (const row of rows) {
    if (row === undefined) continue;
    const attempts = row.attempts + 1;
    leaseMessage.send(unit, { poolId: row.pool_id, id: row.id, leaseEnd, attempts });
    claimed.push({ ...row, attempts, due_at: leaseEnd });
  }
  return claimed;
}

/** Has a message wait for its next attempt, or renews the lease on it; only for who still holds the lease. */
export const postponeMessage = statement(
  (
    db,
    p: {
      poolId: string;
      id: string;
      leaseEnd: number;
      dueAt: number;
      lastError: string | null;
      record: string | null;
    },
  ) =>
    db
      .updateTable('messages')
      .set({ due_at: p.dueAt, last_error: p.lastError, record: p.record })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id)
      .where('due_at', '=', p.leaseEnd),
);

/** Records how a message ended, and what stays of its content; only for who still holds the lease. */
export const finishMessage = statement(
  (
    db,
    p: {
      poolId: string;
      id: string;
      leaseEnd: number;
      status: MessageStatus;
      sealedContent: Uint8Array;
      sentAt: number | null;
      lastError: string | null;
      record: string | null;
      providerId: string | null;
    },
  ) =>
    db
      .updateTable('messages')
      .set({
        status: p.status,
        sealed_content: p.sealedContent,
        due_at: null,
        sent_at: p.sentAt,
        last_error: p.lastError,
        record: p.record,
        provider_id: p.providerId,
      })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id)
      .where('due_at', '=', p.leaseEnd),
);

const nextDue = statement((db) =>
  db.selectFrom('messages').select('due_at').where('due_at', 'is not', null).orderBy('due_at').limit(1),
);

/** When the next message that there is room for is due; infinity where none is. */
export async function nextDueMessage(unit: Unit, room: Room): Promise<number> {
  const next = hasRoomForAll(room)
    ? await nextDue.first(unit, {})
    : (await rowsOf(unit, (db) => waiting(db, room).select('due_at').limit(1)))[0];
  return next?.due_at ?? Number.POSITIVE_INFINITY;
}

export const lastDueMessage = statement((db) =>
  db
    .selectFrom('messages')
    .select('due_at')
    .where('due_at', 'is not', null)
    .orderBy('due_at', 'desc')
    .limit(1),
);

/** Makes due now what is due after `latest`. */
export const advanceMessages = statement((db, p: { now: number; latest: number }) =>
  db.updateTable('messages').set({ due_at: p.now }).where('due_at', '>', p.latest),
);

/** Newest first. */
export function listMessages(
  unit: Unit,
  query: { to: string | undefined; userPoolId: string | undefined; limit: number },
): Promise<MessageRow[]> {
  return rowsOf(unit, (db) => {
    let messages = db.selectFrom('messages').select(columnsOf('messages')).where('status', '!=', 'simulated');
    if (query.to !== undefined) messages = messages.where('destination', '=', query.to);
    if (query.userPoolId !== undefined) messages = messages.where('pool_id', '=', query.userPoolId);
    return messages.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(query.limit);
  });
}

export const deleteAllMessages = statement((db) => db.deleteFrom('messages'));
