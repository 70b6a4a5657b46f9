import type { AccessKeyRow } from '../../storage/repositories/access-keys.ts';

/** What an administrator signs with, without its secret. */
export interface AccessKey {
  readonly id: string;
  /** A label for people. */
  readonly name: string;
  /** It may call operations that only read. */
  readonly readOnly: boolean;
  /** The only pool that it may touch; undefined: every pool. */
  readonly poolId: string | undefined;
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}

export const accessKeyFromRow = (row: AccessKeyRow): AccessKey => ({
  id: row.id,
  name: row.name,
  readOnly: row.kind === 'read-only',
  poolId: row.pool_id ?? undefined,
  createdAt: row.created_at,
  revokedAt: row.revoked_at ?? undefined,
});

export const accessKeySecretContext = (id: string) => `access_keys.secret/${id}`;
