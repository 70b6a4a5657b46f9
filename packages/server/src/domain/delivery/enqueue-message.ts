import { newOrderedId } from '../../platform/random.ts';
import { insertMessage, laneOf } from '../../storage/repositories/messages.ts';
import type { CodePurpose } from '../../storage/schema/attempts.ts';
import { requireWithinCaps } from '../limits/message-caps.ts';
import { senderOf } from '../pools/email-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { ShapedMessage } from '../triggers/custom-message.ts';
import { customSenderAt, sendingSource, toldToSender } from '../triggers/custom-sender.ts';
import type { User } from '../users/user.ts';
import { confirmationLink, kindIn } from './confirmation-link.ts';
import { fillTemplate } from './fill-template.ts';
import { contentContext, type MessageCaller, type MessageChannel, type MessageContent } from './message.ts';
import { type ChosenTemplate, type MessageKind, templateOf } from './templates.ts';
import { type SendingUnit, shapeOf } from './write-and-send.ts';

export interface OutgoingMessage {
  readonly sub: string;
  /** What `{username}` stands for. */
  readonly username: string;
  /** As functions are told of them; undefined for a simulated message. */
  readonly user: Pick<User, 'sub' | 'username' | 'status' | 'attributes'> | undefined;
  readonly channel: MessageChannel;
  /** The address. A simulated message goes nowhere, but costs the same work as a real one. */
  readonly destination: string | undefined;
  /** Whom a simulated message counts for, where it is not its sub; see `countedAs`. */
  readonly countsAs?: string | undefined;
  readonly kind: MessageKind;
  /** The trigger that shapes it, e.g. `CustomMessage_ForgotPassword`. */
  readonly triggerSource: string;
  readonly code: string;
  /** What the code is for; undefined for a temporary password. */
  readonly purpose: CodePurpose | undefined;
  /** It is not sent after this time, ms. */
  readonly expiresAt: number;
}

/**
 * Writes a message in the unit that creates what it tells of: both are kept, or neither. Resolves to its id. Throws
 * LimitExceededException beyond what strangers may have sent, and what `DeliveryHealth` has Amazon Cognito say.
 */
export async function enqueueMessage(
  services: Services,
  unit: SendingUnit,
  pool: UserPool,
  message: OutgoingMessage,
): Promise<string> {
  await requireWithinCaps(services, unit, pool, message);
  const { channel, destination } = message;
  const { config } = pool;
  // A function that sends the messages of a channel writes them, too: there is nothing for CustomMessage to shape.
  const isSentByFunction = customSenderAt(pool, channel) !== undefined;
  if (!isSentByFunction) services.delivery.requireWorking(pool, channel, services.request?.operation);
  const kind = kindIn(pool, message);
  const shaped = isSentByFunction ? undefined : shapeOf(unit, pool, { ...message, kind });
  const { sender } = unit;
  const reader = {
    attributes: message.user?.attributes,
    clientMetadata: sender.clientMetadata ?? sender.senderMetadata,
  };
  const template = shapedBy(pool, templateOf(pool, kind, channel, reader), channel, shaped);
  const { username, code } = message;
  const invites = kind === 'invitation' || kind === 'welcome';
  const content: MessageContent = {
    subject: channel === 'EMAIL' ? inOneLine(template.subject) : '',
    body: fillTemplate(template.body, channel, {
      code,
      username: invites ? username : undefined,
      link:
        kind === 'confirmation-link'
          ? confirmationLink(services, { clientId: sender.clientId, username, code })
          : undefined,
    }),
    code,
    purpose: message.purpose,
    ...(channel === 'EMAIL' && {
      lang: template.lang,
      from: senderOf(config),
      replyTo: config.EmailConfiguration.ReplyToEmailAddress,
    }),
    ...(isSentByFunction && { caller: callerOf(services, unit, message) }),
  };
  const now = services.clock.now();
  const id = newOrderedId(now);
  // With nothing to leave by, the inbox is where a message goes: stored is delivered.
  const leaves = isSentByFunction || services.channels.has(channel);
  const triggerSource = isSentByFunction
    ? sendingSource(channel, message.triggerSource)
    : message.triggerSource;
  insertMessage.send(unit, {
    poolId: pool.id,
    id,
    sub: message.sub,
    username: message.username,
    channel,
    destination: destination ?? '',
    triggerSource,
    lane: laneOf(channel, triggerSource),
    sealedContent: services.keyring.seal(contentContext(pool.id, id), JSON.stringify(content)),
    status: destination === undefined ? 'simulated' : leaves ? 'queued' : 'sent',
    dueAt: leaves ? now : null,
    expiresAt: message.expiresAt,
    createdAt: now,
    sentAt: leaves ? null : now,
  });
  unit.onCommit(leaves ? services.messageQueued : services.messageStored);
  return id;
}

const callerOf = (
  { request }: Services,
  { sender }: SendingUnit,
  { triggerSource }: OutgoingMessage,
): MessageCaller => ({
  clientId: sender.clientId,
  awsSdkVersion: request?.awsSdkVersion,
  clientMetadata: toldToSender(triggerSource, sender.clientMetadata ?? sender.senderMetadata),
});

/** What the pool's function left null, its template says. */
function shapedBy(
  pool: UserPool,
  template: ChosenTemplate,
  channel: MessageChannel,
  shaped: ShapedMessage | undefined,
): ChosenTemplate {
  const body = channel === 'EMAIL' ? shaped?.emailMessage : shaped?.smsMessage;
  const { language } = pool.settings.messages;
  return {
    ...(body === undefined ? template : { body, lang: language }),
    subject: shaped?.emailSubject ?? template.subject,
  };
}

/** A template's subject may have line breaks, and a header has none. */
const inOneLine = (subject: string) => subject.replace(/[\t\n\v\f\r]+/g, ' ');
