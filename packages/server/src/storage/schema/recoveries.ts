/** What became of requests to recover an account, for operators. It outlives the user, as messages do. */
export interface RecoveriesTable {
  pool_id: string;
  /** Sorts by the time of the request; that of a refusal by the minute that its likes are counted in. */
  id: string;
  operation: 'ForgotPassword' | 'ConfirmForgotPassword' | 'AdminResetUserPassword' | 'CheckCode';
  /** Null for an administrator's request. */
  client_id: string | null;
  /** Of the user, or of who stands in for them. */
  sub: string;
  /** The user's; what was typed where there is no user. */
  username: string;
  outcome: RecoveryOutcome;
  /** JSON, `RecoveryDetails`: no code, no password, and addresses masked. */
  details: string;
  /** How many requests of one kind it stands for. */
  times: number;
  created_at: number;
  /** When the newest of them was. */
  last_at: number;
  expires_at: number;
}

/** `simulated`: answered like `sent`, and nothing was sent. */
export type RecoveryOutcome = 'sent' | 'simulated' | 'refused' | 'limited' | 'code-valid' | 'password-set';
