import type { Keyring } from '../../platform/keyring.ts';
import type { MessageRow } from '../../storage/repositories/messages.ts';
import { type Channel, Undeliverable } from './channels/channel.ts';
import { contentContext, type MessageChannel, type MessageContent } from './message.ts';

export const openContent = (keyring: Keyring, row: MessageRow): MessageContent =>
  JSON.parse(keyring.open(contentContext(row.pool_id, row.id), row.sealed_content).toString());

/** Hands a claimed message to its channel. */
export async function deliver(
  keyring: Keyring,
  channels: ReadonlyMap<MessageChannel, Channel>,
  row: MessageRow,
): Promise<void> {
  const channel = channels.get(row.channel);
  if (channel === undefined) throw new Undeliverable(`No channel for ${row.channel} is configured.`);
  const { subject, body, from, replyTo } = openContent(keyring, row);
  await channel.send({ id: row.id, to: row.destination, subject, body, from, replyTo });
}
