/** How often a user did something that is limited by the hour. */
export interface AttemptsTable {
  pool_id: string;
  sub: string;
  action: string;
  count: number;
  /** The window's end; the next attempt after it starts a new window. */
  expires_at: number;
}
