import { ServiceError } from '../../errors.ts';
import { type Dispatch, dispatchesOf } from '../../outbox/dispatch.ts';
import type { Keyring } from '../../platform/keyring.ts';
import { isSentByFunction, type MessageRow } from '../../storage/repositories/messages.ts';
import { findUser, type UserRow } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';
import { isLiveCode } from '../codes/codes.ts';
import type { PoolDirectory } from '../pools/directory.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { customSenderAt, sendByFunction } from '../triggers/custom-sender.ts';
import type { CodeEncryption } from '../triggers/kms/encrypt-code.ts';
import { userFromRow } from '../users/user.ts';
import { type Mail, NotAccepted, type Sms, Undeliverable } from './channels/channel.ts';
import type { Route } from './channels/route.ts';
import type { DeliveryHealth } from './health.ts';
import { mailDocument } from './mail-document.ts';
import { contentContext, type MessageChannel, type MessageContent } from './message.ts';
import { plainTextOf } from './plain-text.ts';
import { admitSms, type SmsRules } from './sms-rules/rules.ts';
import type { WaysOut } from './ways-out.ts';

export const openContent = (keyring: Keyring, row: MessageRow): MessageContent =>
  JSON.parse(keyring.open(contentContext(row.pool_id, row.id), row.sealed_content).toString());

/** What production keeps of a message that is over: nothing that opens an account. */
export function withoutSecrets(keyring: Keyring, row: MessageRow): Uint8Array {
  const kept: MessageContent = { subject: subjectOf(keyring, row), body: '', code: '' };
  return keyring.seal(contentContext(row.pool_id, row.id), JSON.stringify(kept));
}

/** What dev mode keeps of it: what the inbox shows, and not what its request gave functions. */
export function withoutCaller(keyring: Keyring, row: MessageRow): Uint8Array {
  if (!isSentByFunction(row)) return row.sealed_content;
  try {
    const { caller, ...shown } = openContent(keyring, row);
    return keyring.seal(contentContext(row.pool_id, row.id), JSON.stringify(shown));
  } catch {
    return row.sealed_content;
  }
}

function subjectOf(keyring: Keyring, row: MessageRow): string {
  try {
    return openContent(keyring, row).subject;
  } catch {
    // What cannot be opened failed for that reason, and must not keep the outbox from saying so.
    return '';
  }
}

/** The ways out of the house. */
export interface Exits {
  readonly waysOut: WaysOut;
  /** What is asked before an SMS message leaves by a channel. */
  readonly smsRules: SmsRules;
  /** Told what became of each message that was handed to channels. */
  readonly health?: Pick<DeliveryHealth, 'note'>;
  /** Of codes for the functions that send in place of a channel. */
  readonly encryption: Pick<CodeEncryption, 'encrypt'>;
}

/**
 * Hands a claimed message to its channel, or to the function of its pool's that sends in place of it, if what it says is
 * still true. A simulated one goes all the way but the last step. Resolves to what was tried.
 */
export async function deliver(
  services: Services,
  { waysOut, smsRules, encryption, health }: Exits,
  row: MessageRow,
): Promise<readonly Dispatch[]> {
  const { keyring, storage } = services;
  const pool = await requirePool(services.pools, row.pool_id);
  const sender = isSentByFunction(row) ? customSenderAt(pool, row.channel) : undefined;
  const route = row.channel === 'EMAIL' ? waysOut.email : waysOut.sms;
  // Not for good: the server may have been started without its channel by mistake.
  if (sender === undefined && route === undefined) throw noChannel(row.channel);
  const content = openContent(keyring, row);
  const [isTrue, addressee] = await storage.read((unit) =>
    Promise.all([
      isStillTrue(unit, keyring, row, content),
      sender && findUser.first(unit, { poolId: row.pool_id, sub: row.sub }),
    ]),
  );
  if (!isTrue) throw outdated();
  const smsSender =
    sender === undefined && row.channel === 'SMS'
      ? await admitSms(services, smsRules, row, content.body)
      : undefined;
  if (row.status === 'simulated') return [];
  if (sender !== undefined) {
    if (addressee === undefined) throw outdated();
    const user = userFromRow(addressee);
    await sendByFunction(services, encryption, pool, sender, { row, content, user });
    return [{ at: services.clock.now(), channel: 'function', outcome: 'accepted' }];
  }
  try {
    const dispatches =
      row.channel === 'EMAIL'
        ? await (waysOut.email as Route<Mail>).send(await mailOf(pool, row, content))
        : await (waysOut.sms as Route<Sms>).send(smsOf(pool, row, content, smsSender));
    health?.note(pool, row);
    return dispatches;
  } catch (error) {
    // One that rests may be able to.
    if (dispatchesOf(error).length === route?.channels.length) health?.note(pool, row, error);
    throw error;
  }
}

const outgoing = (row: MessageRow) => ({
  id: row.id,
  poolId: row.pool_id,
  to: row.destination,
  expiresAt: row.expires_at,
});

const mailOf = async (pool: UserPool, row: MessageRow, content: MessageContent): Promise<Mail> => ({
  ...outgoing(row),
  subject: content.subject,
  html: mailDocument({ ...content, lang: content.lang ?? 'en' }),
  text: await plainTextOf(content.body),
  from: content.from,
  replyTo: content.replyTo,
  sourceArn: pool.config.EmailConfiguration.SourceArn,
  configurationSet: pool.config.EmailConfiguration.ConfigurationSet,
});

const smsOf = (
  pool: UserPool,
  row: MessageRow,
  { body }: MessageContent,
  sender: string | undefined,
): Sms => ({
  ...outgoing(row),
  text: body,
  sender,
  config: pool.config.SmsConfiguration,
});

const outdated = () =>
  new Undeliverable('Its code was used or replaced, or its user deleted, before it was sent.', 'OUTDATED');

const noChannel = (channel: MessageChannel) =>
  new NotAccepted(`No channel for ${channel} is configured.`, 'NO_CHANNEL');

async function requirePool(pools: PoolDirectory, poolId: string): Promise<UserPool> {
  try {
    return await pools.pool(poolId);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new Undeliverable('Its user pool was deleted before it was sent.', 'OUTDATED');
  }
}

/**
 * After an outage, a mail with a dead code would arrive beside the one with the live code, in any order. A sign-in's code
 * is its session's, and nobody else knows what became of it.
 */
export async function isStillTrue(
  unit: Unit,
  keyring: Keyring,
  row: MessageRow,
  { purpose, code }: MessageContent,
): Promise<boolean> {
  const { pool_id: poolId, sub } = row;
  if (purpose !== undefined) return isLiveCode(unit, keyring, poolId, { sub, purpose }, code);
  const user = await findUser.first(unit, { poolId, sub });
  // A stand-in is no user, and its messages fare as those of one.
  if (user === undefined) return row.status === 'simulated';
  return !isTemporaryPassword(row, code) || isStillItsPassword(row, user);
}

const isTemporaryPassword = ({ trigger_source }: MessageRow, code: string) =>
  trigger_source.endsWith('_AdminCreateUser') && code !== '';

/** Whether the user has set no other password, and has been given none that lasts longer than the message. */
const isStillItsPassword = ({ expires_at }: MessageRow, { status, temporary_until }: UserRow) =>
  status === 'FORCE_CHANGE_PASSWORD' && temporary_until !== null && temporary_until <= expires_at;
