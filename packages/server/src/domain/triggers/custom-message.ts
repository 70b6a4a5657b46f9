import type { MessageChannel } from '../delivery/message.ts';
import type { MessageKind } from '../delivery/templates.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { type Members, optional, type Remark, text } from './answer.ts';
import { eventAttributes, type Metadata, withMetadata } from './event.ts';
import { requireSendable, unfitToInvite } from './message-text.ts';
import { runTrigger } from './run-trigger.ts';

/** What a function made of a message; the pool's template stands for what it left null. */
export interface ShapedMessage {
  readonly smsMessage: string | undefined;
  readonly emailMessage: string | undefined;
  readonly emailSubject: string | undefined;
}

/** A message that is to be shaped. */
export interface Shapeable {
  readonly triggerSource: string;
  readonly kind: MessageKind;
  readonly channel: MessageChannel;
}

const invites = ({ kind }: Shapeable) => kind === 'invitation' || kind === 'welcome';

/**
 * Has the pool's CustomMessage function shape a message to a user. Throws what `runTrigger` throws, and
 * InvalidParameterException for texts that cannot be sent.
 */
export async function customMessage(
  services: Services,
  pool: UserPool,
  message: Shapeable,
  user: Pick<User, 'sub' | 'username' | 'status' | 'attributes'>,
  caller: { readonly clientId: string | undefined; readonly clientMetadata?: Metadata | undefined },
): Promise<ShapedMessage | undefined> {
  const occasion = {
    trigger: 'CustomMessage' as const,
    source: message.triggerSource,
    userName: user.username,
    clientId: caller.clientId,
    request: {
      userAttributes: eventAttributes(pool, user),
      codeParameter: '{####}',
      linkParameter: '{##Click Here##}',
      usernameParameter: invites(message) ? '{username}' : null,
      ...withMetadata(caller.clientMetadata),
    },
    response: { smsMessage: null, emailMessage: null, emailSubject: null },
  };
  return runTrigger(services, pool, occasion, (response, remark) => shapedBy(response, message, remark));
}

/** Of the texts only those of the message's channel are looked at: the others are sent to nobody. */
function shapedBy(response: Members, message: Shapeable, remark: Remark): ShapedMessage {
  const given = (name: keyof ShapedMessage) => optional(text)(response[name], `response.${name}`);
  const isEmail = message.channel === 'EMAIL';
  const body = given(isEmail ? 'emailMessage' : 'smsMessage');
  // It becomes a header of the mail.
  const subject = isEmail ? given('emailSubject')?.replace(/[\t\n\v\f\r]+/g, ' ') : undefined;
  const shaped = {
    smsMessage: isEmail ? undefined : body,
    emailMessage: isEmail ? body : undefined,
    emailSubject: subject,
  };
  if (!invites(message)) {
    requireSendable(message.kind, message.channel, { body, subject });
    return shaped;
  }
  const unfit = unfitToInvite(message.kind, message.channel, { body, subject });
  if (unfit === undefined) return shaped;
  remark(`${unfit}; the pool's own message is sent.`);
  return { smsMessage: undefined, emailMessage: undefined, emailSubject: undefined };
}
