import type { Selectable } from 'kysely';
import type { MessageStatus, MessagesTable } from '../schema/messages.ts';
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

/** Takes the messages that are due, oldest first, and keeps other workers off them until `leaseEnd`. */
export const claimMessages = statement((db, p: { now: number; leaseEnd: number; limit: number }) =>
  db
    .updateTable('messages')
    .set((row) => ({ due_at: p.leaseEnd, attempts: row('attempts', '+', 1) }))
    .where(
      'id',
      'in',
      db.selectFrom('messages').select('id').where('due_at', '<=', p.now).orderBy('due_at').limit(p.limit),
    )
    .where('due_at', '<=', p.now)
    .returningAll(),
);

/** Records how a delivery ended; only for who still holds the lease. */
export const settleMessage = statement(
  (
    db,
    p: {
      poolId: string;
      id: string;
      leaseEnd: number;
      status: MessageStatus;
      dueAt: number | null;
      sentAt: number | null;
      lastError: string | null;
    },
  ) =>
    db
      .updateTable('messages')
      .set({ status: p.status, due_at: p.dueAt, sent_at: p.sentAt, last_error: p.lastError })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id)
      .where('due_at', '=', p.leaseEnd),
);

export const nextDueMessage = statement((db) =>
  db.selectFrom('messages').select('due_at').where('due_at', 'is not', null).orderBy('due_at').limit(1),
);

/** Newest first. */
export function listMessages(
  unit: Unit,
  query: { to: string | undefined; userPoolId: string | undefined; limit: number },
): Promise<MessageRow[]> {
  return rowsOf(unit, (db) => {
    let messages = db.selectFrom('messages').selectAll().where('status', '!=', 'simulated');
    if (query.to !== undefined) messages = messages.where('destination', '=', query.to);
    if (query.userPoolId !== undefined) messages = messages.where('pool_id', '=', query.userPoolId);
    return messages.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(query.limit);
  });
}

export const deleteAllMessages = statement((db) => db.deleteFrom('messages'));
