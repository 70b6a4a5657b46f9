import { ServiceError } from '../../errors.ts';
import { SECOND } from '../../platform/duration.ts';
import type { MessageRow } from '../../storage/repositories/messages.ts';
import type { MessageCaller, MessageChannel, MessageContent } from '../delivery/message.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { eventAttributes, eventOf, type Metadata } from './event.ts';
import type { CodeEncryption } from './kms/encrypt-code.ts';
import { callFunction } from './run-trigger.ts';
import { functionAt, type TriggerFunction } from './trigger.ts';

/** Nobody waits for it but the outbox, which tries again. */
const ATTEMPTS = 1;
const PATIENCE = 15 * SECOND;

const senders = {
  EMAIL: { trigger: 'CustomEmailSender', type: 'customEmailSenderRequestV1', address: 'email' },
  SMS: { trigger: 'CustomSMSSender', type: 'customSMSSenderRequestV1', address: 'phone_number' },
} as const;

/** The function that has the messages of a channel to itself; undefined where the pool has none. */
export const customSenderAt = (pool: UserPool, channel: MessageChannel): TriggerFunction | undefined =>
  functionAt(pool, senders[channel].trigger);

/** `CustomEmailSender_ForgotPassword` for `CustomMessage_ForgotPassword`. */
export const sendingSource = (channel: MessageChannel, triggerSource: string) =>
  triggerSource.replace(/^CustomMessage/, senders[channel].trigger);

/** The events that ClientMetadata travels in (the developer guide, "Custom email sender Lambda trigger"). */
const TOLD_METADATA = /_(?:SignUp|ForgotPassword|Authentication)$/;

export const toldToSender = (source: string, metadata: Metadata | undefined): Metadata | undefined =>
  TOLD_METADATA.test(source) ? metadata : undefined;

/** The function failed, or could not be called. Its own text is the recipient's business: operators get ours. */
class NotSent extends Error {
  readonly permanent = false;
  readonly code: string;
  constructor(trigger: string, { type, message }: ServiceError) {
    // Only the message of this type quotes nothing of the function's.
    super(
      type === 'UnexpectedLambdaException' ? message : `The pool's ${trigger} function ended with an error.`,
    );
    this.code = type;
  }
}

/** What a function is told of a message. */
type Addressed = Pick<MessageRow, 'channel' | 'trigger_source' | 'destination'>;
type Told = Pick<MessageContent, 'code' | 'caller'>;

/** Hands a message to the pool's function in place of a channel; what the function answers does not matter. */
export async function sendByFunction(
  services: Services,
  encryption: Pick<CodeEncryption, 'encrypt'>,
  pool: UserPool,
  { arn, version }: TriggerFunction,
  message: { readonly row: Addressed; readonly content: Told; readonly user: User },
): Promise<void> {
  const { row, content, user } = message;
  const { trigger, type } = senders[row.channel];
  const caller: Partial<MessageCaller> = content.caller ?? {};
  const code = await encryptedCode(encryption, pool, content);
  const occasion = {
    trigger,
    source: row.trigger_source,
    userName: user.username,
    clientId: caller.clientId,
    request: {
      type,
      code,
      clientMetadata: caller.clientMetadata ?? null,
      userAttributes: eventAttributes(pool, addressedAt(user, row)),
    },
  };
  const request = { sourceIp: '', signed: false, awsSdkVersion: caller.awsSdkVersion };
  const {
    version: number,
    triggerSource,
    ...others
  } = eventOf({ ...services, request }, pool, version, occasion);
  // The order of the keys in events of custom senders, which is not that of the others.
  const event = JSON.stringify({ version: number, triggerSource, ...others });
  try {
    await callFunction(services, pool, occasion, arn, event, {
      attempts: ATTEMPTS,
      patience: PATIENCE,
      read: () => undefined,
    });
  } catch (error) {
    throw error instanceof ServiceError ? new NotSent(trigger, error) : error;
  }
}

/** Null for a message without a code: the welcome of somebody who has no password. */
async function encryptedCode(
  { encrypt }: Pick<CodeEncryption, 'encrypt'>,
  pool: UserPool,
  { code }: Told,
): Promise<string | null> {
  const { KMSKeyID } = pool.config.LambdaConfig;
  if (code === '' || KMSKeyID === undefined) return null;
  return encrypt(pool.id, KMSKeyID, escaped(code));
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** "Amazon Cognito HTML-escapes reserved characters like < and > in your user's temporary password." */
const escaped = (code: string) => code.replace(/[&<>]/g, (character) => ESCAPES[character] as string);

/**
 * Functions write to the address among the attributes. Where the message is for another one (that waits to be proven, or
 * was in force before), that one stands there: a code that proves an address must not arrive at the one before it.
 */
function addressedAt(user: User, { channel, destination }: Addressed): User {
  const { address } = senders[channel];
  if (user.attributes[address] === destination) return user;
  const attributes = { ...user.attributes, [address]: destination, [`${address}_verified`]: 'false' };
  return { ...user, attributes };
}
