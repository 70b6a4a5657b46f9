import { isOperationName, operations } from '@poolkeeper/model';
import {
  codeDeliveryFailed,
  emailRoleMayNotSend,
  type ServiceError,
  smsRoleMayNotPublish,
  smsRoleNotTrusted,
} from '../../errors.ts';
import { MINUTE } from '../../platform/duration.ts';
import type { MessageRow } from '../../storage/repositories/messages.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { type Cause, type ConfigurationCause, NotAccepted } from './channels/channel.ts';
import type { MessageChannel } from './message.ts';

/** How long requests hear of a failure; after that one is let through, to see. */
const FRESH = MINUTE;
/** Pools whose failures are known at a time. */
const KEPT = 1000;

/**
 * Messages that tell nothing by having been sent: their requests say anyway whether there is a user. Were the messages of
 * a forgotten password to be heeded, too, the next request of anybody would tell whether the one before named a user.
 */
const TELLING_NOTHING: ReadonlySet<string> = new Set([
  'CustomMessage_SignUp',
  'CustomMessage_AdminCreateUser',
  'CustomMessage_UpdateUserAttribute',
  'CustomMessage_VerifyUserAttribute',
]);

/** What this node's last deliveries told of configurations that cannot work. */
export interface DeliveryHealth {
  /** To be called with what became of a message that was handed to its channels; `failure` is what they threw. */
  note(pool: UserPool, message: Pick<MessageRow, 'channel' | 'trigger_source'>, failure?: unknown): void;
  /**
   * Throws what Amazon Cognito, which sends while the caller waits, would answer where the pool's messages do not leave
   * until somebody changes a configuration; only what the operation has in its model, any other queues the message as ever.
   */
  requireWorking(pool: UserPool, channel: MessageChannel, operation: string | undefined): void;
}

interface Failure {
  /** Made anew each time: an error has the stack of its request. */
  readonly errorFor: () => ServiceError;
  /** By a clock that never jumps, ms. */
  readonly at: number;
}

export function createDeliveryHealth(now = () => performance.now()): DeliveryHealth {
  const failures = new Map<string, Failure>();
  return {
    note(pool, { channel, trigger_source }, failure) {
      if (!TELLING_NOTHING.has(trigger_source)) return;
      if (failure === undefined && failures.size === 0) return;
      const key = keyOf(pool, channel);
      if (failure === undefined) return void failures.delete(key);
      const errorFor = failure instanceof NotAccepted ? errorOf(failure.blames, channel) : undefined;
      if (errorFor === undefined) return;
      failures.delete(key);
      if (failures.size >= KEPT) failures.delete(failures.keys().next().value as string);
      failures.set(key, { errorFor, at: now() });
    },
    requireWorking(pool, channel, operation) {
      if (failures.size === 0) return;
      const failure = failures.get(keyOf(pool, channel));
      if (failure === undefined || now() - failure.at > FRESH) return;
      const error = failure.errorFor();
      if (isListed(operation, error.type)) throw error;
    },
  };
}

/** A configuration that was changed is one that nothing is known of. */
const keyOf = ({ id, config }: UserPool, channel: MessageChannel) =>
  `${id}/${channel}/${JSON.stringify(channel === 'SMS' ? (config.SmsConfiguration ?? {}) : config.EmailConfiguration)}`;

const isListed = (operation: string | undefined, type: string) =>
  operation !== undefined &&
  isOperationName(operation) &&
  (operations[operation].errors as readonly string[]).includes(type);

const errors: Readonly<Record<ConfigurationCause, () => ServiceError>> = {
  'sms-role-trust': smsRoleNotTrusted,
  'sms-role-access': smsRoleMayNotPublish,
  'email-role-access': emailRoleMayNotSend,
  sender: codeDeliveryFailed,
};

/**
 * Who may send to a number depends on its country, and anybody can name any number: of a sender that a provider of SMS
 * did not take, nobody but the message's record is told.
 */
function errorOf(cause: Cause, channel: MessageChannel): (() => ServiceError) | undefined {
  if (cause === 'provider' || cause === 'recipient') return undefined;
  return cause === 'sender' && channel === 'SMS' ? undefined : errors[cause];
}
