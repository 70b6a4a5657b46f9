import { sql } from 'kysely';
import type { Lane, MessageStatus, SendingLane } from '../schema/messages.ts';
import { columnsOf } from '../schema/tables.ts';
import { statement } from '../statement.ts';

/** Who still holds the lease is who may say what became of a message. */
interface Held {
  readonly poolId: string;
  readonly id: string;
  readonly leaseEnd: number;
}

export const renewLease = statement((db, p: Held & { dueAt: number }) =>
  db
    .updateTable('messages')
    .set({ due_at: p.dueAt })
    .where('pool_id', '=', p.poolId)
    .where('id', '=', p.id)
    .where('due_at', '=', p.leaseEnd),
);

/** Has a message wait for its next attempt. */
export const postponeMessage = statement(
  (db, p: Held & { dueAt: number; attempts: number; lastError: string | null; record: string }) =>
    db
      .updateTable('messages')
      .set({ due_at: p.dueAt, attempts: p.attempts, last_error: p.lastError, record: p.record })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id)
      .where('due_at', '=', p.leaseEnd),
);

/** Records how a message ended, and what stays of its content. */
export const finishMessage = statement(
  (
    db,
    p: Held & {
      status: MessageStatus;
      lane: Lane;
      sealedContent: Uint8Array;
      sentAt: number | null;
      lastError: string | null;
      record: string;
      providerId: string | null;
    },
  ) =>
    db
      .updateTable('messages')
      .set({
        status: p.status,
        lane: p.lane,
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

/** What failed, and whose code has died since. */
export const deadMessages = statement((db, p: { now: number; limit: number }) =>
  db
    .selectFrom('messages')
    .select(columnsOf('messages'))
    .where('lane', '=', sql.lit<Lane>('DEAD'))
    .where('expires_at', '<=', p.now)
    .orderBy('expires_at')
    .limit(p.limit),
);

/** Leaves of a dead message what nobody can use. */
export const buryMessage = statement(
  (db, p: { poolId: string; id: string; lane: SendingLane; sealedContent: Uint8Array }) =>
    db
      .updateTable('messages')
      .set({ lane: p.lane, sealed_content: p.sealedContent })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id)
      .where('lane', '=', 'DEAD'),
);

/** Queues a dead message again. Changes nothing of one that is not dead any more. */
export const resendMessage = statement(
  (db, p: { poolId: string; id: string; lane: SendingLane; now: number }) =>
    db
      .updateTable('messages')
      .set({ status: 'queued', lane: p.lane, attempts: 0, due_at: p.now, last_error: null })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id)
      .where('lane', '=', 'DEAD')
      .where('status', '=', 'failed'),
);
