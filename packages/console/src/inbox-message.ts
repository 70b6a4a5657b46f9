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
}
