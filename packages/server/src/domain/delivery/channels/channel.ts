/** A message ready to leave, its placeholders filled. */
export interface Envelope {
  /** The message's id here; a retry carries the same. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly from: string | undefined;
  readonly replyTo: string | undefined;
}

/** A way out for messages: an SMTP server, a provider. */
export interface Channel {
  /** Resolves when the provider has accepted the message. Throws `Undeliverable` when trying again cannot help. */
  send(envelope: Envelope): Promise<void>;
  close(): Promise<void>;
}

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
