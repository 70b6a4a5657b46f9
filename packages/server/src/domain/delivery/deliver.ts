import { ServiceError } from '../../errors.ts';
import type { Keyring } from '../../platform/keyring.ts';
import type { MessageRow } from '../../storage/repositories/messages.ts';
import { findUser } from '../../storage/repositories/users.ts';
import type { Storage, Unit } from '../../storage/unit.ts';
import { isLiveCode } from '../codes/codes.ts';
import type { PoolDirectory } from '../pools/directory.ts';
import { type Channel, Undeliverable } from './channels/channel.ts';
import { contentContext, type MessageChannel, type MessageContent } from './message.ts';

export const openContent = (keyring: Keyring, row: MessageRow): MessageContent =>
  JSON.parse(keyring.open(contentContext(row.pool_id, row.id), row.sealed_content).toString());

/** What production keeps of a message that is over: nothing that opens an account. */
export function withoutSecrets(keyring: Keyring, row: MessageRow): Uint8Array {
  const kept: MessageContent = { subject: subjectOf(keyring, row), body: '', code: '' };
  return keyring.seal(contentContext(row.pool_id, row.id), JSON.stringify(kept));
}

function subjectOf(keyring: Keyring, row: MessageRow): string {
  try {
    return openContent(keyring, row).subject;
  } catch {
    // What cannot be opened failed for that reason, and must not keep the outbox from saying so.
    return '';
  }
}

/** Hands a claimed message to its channel, if what it says is still true. A simulated one goes all the way but the last step. */
export async function deliver(
  house: { keyring: Keyring; storage: Storage; pools: PoolDirectory },
  channels: ReadonlyMap<MessageChannel, Channel>,
  row: MessageRow,
): Promise<void> {
  const channel = channels.get(row.channel);
  // Not for good: the server may have been started without its channel by mistake.
  if (channel === undefined) throw noChannel(row.channel);
  const content = openContent(house.keyring, row);
  await requirePool(house.pools, row.pool_id);
  if (!(await house.storage.read((unit) => isStillTrue(unit, house.keyring, row, content)))) {
    throw new Undeliverable(
      'Its code was used or replaced, or its user deleted, before it was sent.',
      'OUTDATED',
    );
  }
  if (row.status === 'simulated') return;
  const { subject, body, from, replyTo } = content;
  await channel.send({ id: row.id, to: row.destination, subject, body, from, replyTo });
}

const noChannel = (channel: MessageChannel) =>
  Object.assign(new Error(`No channel for ${channel} is configured.`), {
    permanent: false,
    code: 'NO_CHANNEL',
  });

async function requirePool(pools: PoolDirectory, poolId: string): Promise<void> {
  try {
    await pools.pool(poolId);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new Undeliverable('Its user pool was deleted before it was sent.', 'OUTDATED');
  }
}

/** After an outage, a mail with a dead code would arrive beside the one with the live code, in any order. */
async function isStillTrue(
  unit: Unit,
  keyring: Keyring,
  row: MessageRow,
  { purpose, code }: MessageContent,
): Promise<boolean> {
  const { pool_id: poolId, sub } = row;
  if (purpose !== undefined) return isLiveCode(unit, keyring, poolId, { sub, purpose }, code);
  // A stand-in is no user, and its messages fare as those of one.
  return row.status === 'simulated' || (await findUser.first(unit, { poolId, sub })) !== undefined;
}
