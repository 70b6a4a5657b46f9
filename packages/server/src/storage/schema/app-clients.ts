export interface AppClientsTable {
  pool_id: string;
  id: string;
  name: string;
  /** The client as Create- and UpdateUserPoolClient left it, JSON of `domain/pools/app-client.ts`. */
  config: string;
  sealed_secret: Uint8Array | null;
  created_at: number;
  updated_at: number;
}
