import type { Selectable } from 'kysely';
import type { AccessKeysTable } from '../schema/access-keys.ts';
import { columnsOf } from '../schema/tables.ts';
import { statement } from '../statement.ts';

export type AccessKeyRow = Selectable<AccessKeysTable>;

export const insertAccessKey = statement(
  (
    db,
    p: {
      id: string;
      name: string;
      kind: AccessKeysTable['kind'];
      poolId: string | null;
      sealedSecret: Uint8Array;
      now: number;
    },
  ) =>
    db.insertInto('access_keys').values({
      id: p.id,
      name: p.name,
      kind: p.kind,
      pool_id: p.poolId,
      sealed_secret: p.sealedSecret,
      created_at: p.now,
      revoked_at: null,
    }),
);

export const findAccessKey = statement((db, p: { id: string }) =>
  db.selectFrom('access_keys').select(columnsOf('access_keys')).where('id', '=', p.id),
);

/** The oldest first. */
export const listAccessKeys = statement((db) =>
  db.selectFrom('access_keys').select(columnsOf('access_keys')).orderBy('created_at').orderBy('id'),
);

/** Changes nothing where the key was revoked before. */
export const revokeAccessKey = statement((db, p: { id: string; now: number }) =>
  db
    .updateTable('access_keys')
    .set({ revoked_at: p.now })
    .where('id', '=', p.id)
    .where('revoked_at', 'is', null),
);
