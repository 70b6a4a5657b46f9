/** A sign-in: what its refresh token, and every token made from it, hang on. `id` is the tokens' `origin_jti`. */
export interface SessionsTable {
  pool_id: string;
  id: string;
  sub: string;
  client_id: string;
  /** Keyed hash of the refresh token's secret. */
  refresh_digest: Uint8Array;
  /** The digest before the last rotation, good until `previous_until`. */
  previous_digest: Uint8Array | null;
  previous_until: number | null;
  /** Seconds, the tokens' `auth_time`. */
  auth_time: number;
  /** 0 or 1. */
  revoked: number;
  created_at: number;
  expires_at: number;
}
