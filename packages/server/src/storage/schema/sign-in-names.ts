export type NameKind = 'username' | 'email' | 'phone_number' | 'preferred_username';

/** Every name that a user can be called by in a request; one row a name makes each of them unique in its pool. */
export interface SignInNamesTable {
  pool_id: string;
  /** Folded to lower case where the pool is case-insensitive. */
  name: string;
  kind: NameKind;
  sub: string;
}
