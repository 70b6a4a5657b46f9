/** What a user's passwords were before the one they have; a row for who has any to be remembered. */
export interface PasswordHistoriesTable {
  pool_id: string;
  sub: string;
  /** JSON array of argon2id hashes in PHC form, the newest first. */
  hashes: string;
}
