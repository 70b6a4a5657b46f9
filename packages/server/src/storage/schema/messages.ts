/** A simulated message stands for one to a user who does not exist: it is never shown and never sent. */
export type MessageStatus = 'queued' | 'sent' | 'failed' | 'simulated';

/**
 * Codes that somebody waits for, by medium; invitations, which come by the thousands and have days; what functions of
 * pools send; and what failed while its code lives, for an operator to send again until `expires_at`.
 */
export type Lane = SendingLane | 'DEAD';
export type SendingLane = 'EMAIL' | 'SMS' | 'EMAIL_INVITATION' | 'SMS_INVITATION' | 'FUNCTION';

/** The outbox, the dispatch log and (dev) the inbox: one row a message. */
export interface MessagesTable {
  pool_id: string;
  id: string;
  sub: string;
  username: string;
  channel: 'EMAIL' | 'SMS';
  destination: string;
  /** `CustomEmailSender_…` or `CustomSMSSender_…` where a function of the pool's sends it. */
  trigger_source: string;
  /** JSON `{ subject, body, code }` and what its delivery needs, sealed. */
  sealed_content: Uint8Array;
  status: MessageStatus;
  attempts: number;
  /** When a worker may take it (next): a retry's time, or a lease's end. Null once it is sent or failed. */
  due_at: number | null;
  /** A message is never sent after its code expired. */
  expires_at: number;
  created_at: number;
  sent_at: number | null;
  last_error: string | null;
  /** Whose places for deliveries it takes; see `Lane`. Null was written by a version that knew of none. */
  lane: Lane | null;
  /** JSON of what was tried and what came of it, oldest first; see outbox/dispatch.ts. */
  record: string | null;
  /** What the provider that accepted it calls it: a key for what that tells of it later. */
  provider_id: string | null;
  /** The latest that the provider told. */
  feedback: 'delivered' | 'bounced' | 'complained' | 'undelivered' | null;
}
