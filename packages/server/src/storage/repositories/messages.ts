import type { Selectable } from 'kysely';
import type { MessageStatus, MessagesTable, SendingLane } from '../schema/messages.ts';
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
      lane: SendingLane;
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

/** The lane that a message waits in. */
export const laneOf = (channel: 'EMAIL' | 'SMS', triggerSource: string): SendingLane =>
  isSentByFunction({ trigger_source: triggerSource })
    ? 'FUNCTION'
    : triggerSource === 'CustomMessage_AdminCreateUser'
      ? `${channel}_INVITATION`
      : channel;

export const findMessage = statement((db, p: { poolId: string; id: string }) =>
  db
    .selectFrom('messages')
    .select(columnsOf('messages'))
    .where('pool_id', '=', p.poolId)
    .where('id', '=', p.id),
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
