import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { optional, text } from './answer.ts';
import { eventAttributes, type Metadata, withMetadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';

/** What a function made of a message; the pool's template stands for what it left null. */
export interface ShapedMessage {
  readonly smsMessage: string | undefined;
  readonly emailMessage: string | undefined;
  readonly emailSubject: string | undefined;
}

/** Has the pool's CustomMessage function shape a message to a user. `source` is `CustomMessage_ForgotPassword` and the like. */
export async function customMessage(
  services: Services,
  pool: UserPool,
  source: string,
  user: Pick<User, 'sub' | 'username' | 'status' | 'attributes'>,
  caller: { readonly clientId: string | undefined; readonly clientMetadata?: Metadata | undefined },
): Promise<ShapedMessage | undefined> {
  const invites = source === 'CustomMessage_AdminCreateUser';
  const occasion = {
    trigger: 'CustomMessage' as const,
    source,
    userName: user.username,
    clientId: caller.clientId,
    request: {
      userAttributes: eventAttributes(pool, user),
      codeParameter: '{####}',
      linkParameter: '{##Click Here##}',
      usernameParameter: invites ? '{username}' : null,
      ...withMetadata(caller.clientMetadata),
    },
    response: { smsMessage: null, emailMessage: null, emailSubject: null },
  };
  return runTrigger(services, pool, occasion, (response) => ({
    smsMessage: optional(text)(response['smsMessage'], 'response.smsMessage'),
    emailMessage: optional(text)(response['emailMessage'], 'response.emailMessage'),
    emailSubject: optional(text)(response['emailSubject'], 'response.emailSubject'),
  }));
}
