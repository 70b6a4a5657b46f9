/** Keys that administrators sign their calls with. */
export interface AccessKeysTable {
  id: string;
  /** A label for people. */
  name: string;
  kind: 'full' | 'read-only';
  /** The only pool that it may touch; null: every pool. */
  pool_id: string | null;
  sealed_secret: Uint8Array;
  created_at: number;
  revoked_at: number | null;
}
