import type { InboxMessage } from '@poolkeeper/console';
import { openContent } from '../domain/delivery/deliver.ts';
import { type Dispatch, readRecord } from '../outbox/dispatch.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { MessageRow } from '../storage/repositories/messages.ts';

/** A message with its code in clear: for dev mode alone. */
export function withCode(keyring: Keyring, row: MessageRow): InboxMessage {
  const { subject, body, code } = openContent(keyring, row);
  return { ...facts(row), subject, body, code };
}

/** What an operator in production sees of a message: where it went, and what became of it. */
export function withoutCode(keyring: Keyring, row: MessageRow): Omit<InboxMessage, 'body' | 'code'> {
  return { ...facts(row), subject: openContent(keyring, row).subject };
}

const facts = (row: MessageRow) => ({
  id: row.id,
  userPoolId: row.pool_id,
  sub: row.sub,
  username: row.username,
  channel: row.channel,
  to: row.destination,
  triggerSource: row.trigger_source,
  status: row.status as InboxMessage['status'],
  attempts: row.attempts,
  createdAt: new Date(row.created_at).toISOString(),
  sentAt: row.sent_at === null ? null : new Date(row.sent_at).toISOString(),
  lastError: row.last_error,
  expiresAt: new Date(row.expires_at).toISOString(),
  record: readRecord(row.record).map(shownLine),
  feedback: row.feedback,
});

const shownLine = ({ at, channel, outcome, code, providerId }: Dispatch) => ({
  at: new Date(at).toISOString(),
  channel: channel ?? null,
  outcome,
  code: code ?? null,
  providerId: providerId ?? null,
});
