export type UserStatus = 'UNCONFIRMED' | 'CONFIRMED' | 'RESET_REQUIRED' | 'FORCE_CHANGE_PASSWORD';

export interface UsersTable {
  pool_id: string;
  sub: string;
  username: string;
  status: UserStatus;
  /** 0 or 1. */
  enabled: number;
  /** JSON object of attribute name -> text, without `sub`. */
  attributes: string;
  /** argon2id in PHC form; null when no password is set. */
  password_hash: string | null;
  /** SRP salt and verifier, sealed; null when the pool offers no SRP or no password is set. */
  sealed_verifier: Uint8Array | null;
  /** JSON of the user's second factors, sealed; null when there never were any. */
  sealed_factors: Uint8Array | null;
  /** When a temporary password stops working; null for a permanent one. */
  temporary_until: number | null;
  /** Tokens issued until then are revoked (GlobalSignOut). */
  signed_out_at: number;
  created_at: number;
  updated_at: number;
  /** JSON of addresses that are to come and that were, by attribute; null when there is none. */
  address_changes: string | null;
  /** JSON of the addresses, by attribute, that an invitation went to; null when none did. */
  invited_to: string | null;
}
