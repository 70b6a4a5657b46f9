export interface AppClientsTable {
  pool_id: string;
  id: string;
  name: string;
  /** The client as Create- and UpdateUserPoolClient left it, JSON of `domain/pools/app-client.ts`. */
  config: string;
  /** The older one of two secrets. */
  sealed_secret: Uint8Array | null;
  created_at: number;
  updated_at: number;
  /** Null for a secret as old as the client. */
  secret_created_at: number | null;
  second_sealed_secret: Uint8Array | null;
  second_secret_created_at: number | null;
}
