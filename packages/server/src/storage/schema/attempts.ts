/**
 * `reset-factor` goes with `reset-password`, by another channel; `confirmed-by-link` is the code of a link that has
 * confirmed a sign-up; `verify:` is followed by the attribute's name.
 */
export type CodePurpose =
  | 'reset-password'
  | 'reset-factor'
  | 'confirm-sign-up'
  | 'confirmed-by-link'
  | `verify:${string}`;

/**
 * How often a user did something that is limited by the hour and, where it is about a code, the one live code: the
 * newest. They share a row because they change together, and every request for a code changes both.
 */
export interface AttemptsTable {
  pool_id: string;
  sub: string;
  /**
   * A `CodePurpose`, or an action that has no code of its own, such as `resend-code`. What is counted by the day has the
   * day in place of a sub (`2030-01-31`): `sms-day`, `sms-prefix-day:1206555`, and of all pools (`*`) `sms-price-day` and
   * `email-day`; `nobody:` stands before what simulated messages count. `sms:` and a message's id says that it is counted.
   */
  action: string;
  count: number;
  /** The next attempt after it starts a new window. The row is purged a day later, when no code can live any more. */
  window_ends_at: number;
  /** Keyed hash of the code; null when none is live. */
  digest: Uint8Array | null;
  /** The attribute whose address the code was sent to. */
  attribute: string | null;
  code_expires_at: number | null;
}
