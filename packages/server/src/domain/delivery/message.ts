import type { CodePurpose } from '../../storage/schema/attempts.ts';
import type { Metadata } from '../triggers/event.ts';

/** The medium of a message, `DeliveryMedium` on the wire. */
export type MessageChannel = 'EMAIL' | 'SMS';

export interface MessageContent {
  /** Empty for SMS. */
  readonly subject: string;
  /** HTML for email, as Amazon Cognito sends it; plain text for SMS. */
  readonly body: string;
  /** The code or temporary password in it, for the inbox of dev mode. */
  readonly code: string;
  /** What the code is for; a temporary password has none. */
  readonly purpose?: CodePurpose | undefined;
  /** The language of the body, BCP 47; of a mail alone. */
  readonly lang?: string | undefined;
  /** From and Reply-To of the pool's EmailConfiguration, where it has them. */
  readonly from?: string | undefined;
  readonly replyTo?: string | undefined;
  /** For the event of the function that sends it; gone as soon as that has happened. */
  readonly caller?: MessageCaller | undefined;
}

/** Who had a message sent, as a custom sender is told. */
export interface MessageCaller {
  /** The app client's; undefined where an administrator asked without one. */
  readonly clientId: string | undefined;
  readonly awsSdkVersion: string | undefined;
  readonly clientMetadata: Metadata | undefined;
}

/** Where a queued message's content is sealed to: it opens as this message and no other. */
export const contentContext = (poolId: string, messageId: string) =>
  `messages.content/${poolId}/${messageId}`;
