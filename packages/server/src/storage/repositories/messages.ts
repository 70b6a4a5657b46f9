import type { Selectable } from 'kysely';
import type { MessageStatus, MessagesTable } from '../schema/messages.ts';
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
    }),
);

const dueKeys = statement((db, p: { now: number; limit: number }) =>
  db
    .selectFrom('messages')
    .select(['pool_id', 'id'])
    .where('due_at', '<=', p.now)
    .orderBy('due_at')
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

/** Workers that share a queue choose among so many times what each takes, so that they seldom reach for the same. */
const CHOICE = 4;

/** Takes messages that are due, the oldest among them, and keeps other workers off them until `leaseEnd`. */
export async function claimMessages(
  unit: Unit,
  { now, leaseEnd, limit }: { now: number; leaseEnd: number; limit: number },
): Promise<MessageRow[]> {
  const due = await dueKeys.all(unit, { now, limit: unit.locks ? limit * CHOICE : limit });
  if (due.length > limit) due.sort(() => Math.random() - 0.5);
  const keys = due.slice(0, limit).map(({ pool_id, id }) => ({ poolId: pool_id, id }));
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
  (db, p: { poolId: string; id: string; leaseEnd: number; dueAt: number; lastError: string | null }) =>
    db
      .updateTable('messages')
      .set({ due_at: p.dueAt, last_error: p.lastError })
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
      })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id)
      .where('due_at', '=', p.leaseEnd),
);

export const nextDueMessage = statement((db) =>
  db.selectFrom('messages').select('due_at').where('due_at', 'is not', null).orderBy('due_at').limit(1),
);

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
