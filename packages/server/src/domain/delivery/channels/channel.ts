import type { SmsConfigurationType } from '@poolkeeper/model';
import type { PoolConfig } from '../../pools/pool-config.ts';

/** A message ready to leave, its placeholders filled. */
interface Outgoing {
  /** The message's id here; a retry carries the same. */
  readonly id: string;
  readonly poolId: string;
  readonly to: string;
  /** Nothing sends it after this time, ms; a provider that can is told so. */
  readonly expiresAt: number;
}

export interface Mail extends Outgoing {
  readonly subject: string;
  /** A whole document. */
  readonly html: string;
  /** What it says, as text. */
  readonly text: string;
  /** One address, bare or as `Name <address>`; undefined: the channel's own sender. */
  readonly from: string | undefined;
  readonly replyTo: string | undefined;
  /** Of the pool's EmailConfiguration. */
  readonly sourceArn: string | undefined;
  readonly configurationSet: string | undefined;
}

export interface Sms extends Outgoing {
  readonly text: string;
  /** As the rules of the destination's country have it: a number in E.164, or a name. Undefined: the channel's own. */
  readonly sender: string | undefined;
  /** Of the pool, whose role, region and origination identity channels of AWS go by. */
  readonly config: SmsConfigurationType | undefined;
}

/** What a provider answers to a message that it takes. */
export interface Receipt {
  /** What the provider calls the message; undefined where it does not say. */
  readonly providerId: string | undefined;
}

/** A finding of `check`, for an operator: one sentence, no secrets. */
export interface Finding {
  readonly ok: boolean;
  readonly text: string;
}

/** A way out for messages: an SMTP server, a provider. */
export interface Channel<Message extends Outgoing = Mail | Sms> {
  /** For records, logs and metrics: `smtp:smtp.example.com:587`, `ses:us-east-1`. No secret is in it. */
  readonly name: string;
  /**
   * Resolves when the provider has accepted the message. Throws `Undeliverable` and `NotAccepted` alone. `timeLeft`, ms:
   * who may take longer than that gives up then, for nothing leaves after its code has expired.
   */
  send(message: Message, timeLeft?: number): Promise<Receipt>;
  /** Whether it could send, found out without sending: one finding for each thing that was looked at. */
  check(): Promise<readonly Finding[]>;
  /**
   * Called before a pool's configuration is stored, outside of any unit. Throws the ServiceError that Amazon Cognito
   * answers for a configuration that cannot work; what could not be found out is nobody's fault.
   */
  checkPool?(config: PoolConfig): Promise<void>;
  /**
   * Whether it can do all that the message's pool is configured to; undefined: it can. One that cannot comes after
   * those that can, and stands in for them.
   */
  obeys?(message: Message): boolean;
  close(): Promise<void>;
}

export type MailChannel = Channel<Mail>;
export type SmsChannel = Channel<Sms>;

/** The provider refused this message for good (an SMTP 5xx). Its text is for operators: no secrets, no content. */
export class Undeliverable extends Error {
  /** What the outbox, which knows no channel, goes by. */
  readonly permanent = true;
  /** A word for logs. */
  readonly code: string;
  constructor(message: string, code = 'UNDELIVERABLE') {
    super(message);
    this.code = code;
  }
}

/**
 * Why an attempt failed that may succeed later: the provider is down, slow or busy (`provider`); it puts off this
 * recipient alone (`recipient`: greylisting, a full mailbox); or it refuses this server or the pool until somebody
 * changes a configuration: the pool's role for SMS cannot be assumed (`sms-role-trust`) or may not publish
 * (`sms-role-access`), the role or the credentials for email may not send (`email-role-access`), the sender is not
 * verified, paused or otherwise not allowed to send (`sender`).
 */
export type Cause = 'provider' | 'recipient' | ConfigurationCause;
export type ConfigurationCause = 'sms-role-trust' | 'sms-role-access' | 'email-role-access' | 'sender';

/** An attempt failed that may succeed later. Its text is for operators: no secrets, no content. */
export class NotAccepted extends Error {
  readonly permanent = false;
  readonly code: string;
  readonly blames: Cause;
  constructor(message: string, code: string, blames: Cause = 'provider') {
    super(message);
    this.code = code;
    this.blames = blames;
  }
}
