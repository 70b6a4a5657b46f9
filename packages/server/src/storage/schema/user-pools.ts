export interface UserPoolsTable {
  id: string;
  name: string;
  /** The pool as CreateUserPool and UpdateUserPool left it, JSON of `domain/pools/user-pool.ts`. */
  config: string;
  /** Poolkeeper's own settings of the pool (`/_poolkeeper/pools/{id}/settings`), JSON. */
  settings: string;
  created_at: number;
  updated_at: number;
}
