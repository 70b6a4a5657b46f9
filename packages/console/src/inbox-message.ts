/** A message as `GET /_poolkeeper/messages` lists it. Times are ISO 8601 in UTC. */
export interface InboxMessage {
  readonly id: string;
  readonly userPoolId: string;
  readonly sub: string;
  readonly username: string;
  readonly channel: 'EMAIL' | 'SMS';
  readonly to: string;
  /** Empty for SMS. */
  readonly subject: string;
  /** HTML for email, plain text for SMS. */
  readonly body: string;
  /** The code or temporary password in it. */
  readonly code: string;
  readonly triggerSource: string;
  readonly status: 'queued' | 'sent' | 'failed';
  readonly attempts: number;
  readonly createdAt: string;
  readonly sentAt: string | null;
  readonly lastError: string | null;
  /** When the code in it dies; it is never sent after that. */
  readonly expiresAt: string;
  /** What was tried, and what providers told of it, oldest first; the first and the newest nineteen. */
  readonly record: readonly InboxDispatch[];
  /** The latest that its provider told. */
  readonly feedback: 'delivered' | 'bounced' | 'complained' | 'undelivered' | null;
}

export interface InboxDispatch {
  readonly at: string;
  /** `smtp:smtp.example.com:587`; null where it came to no channel. */
  readonly channel: string | null;
  readonly outcome:
    | 'accepted'
    | 'refused'
    | 'failed'
    | 'held'
    | 'delivered'
    | 'bounced'
    | 'complained'
    | 'undelivered';
  /** A word for why: `SMTP_550`. */
  readonly code: string | null;
  /** What the provider calls the message. */
  readonly providerId: string | null;
}
