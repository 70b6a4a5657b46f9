import type { Selectable } from 'kysely';
import type { AppClientsTable } from '../schema/app-clients.ts';
import { columnsOf } from '../schema/tables.ts';
import { statement } from '../statement.ts';

export type AppClientRow = Selectable<AppClientsTable>;

export const insertAppClient = statement(
  (
    db,
    p: {
      poolId: string;
      id: string;
      name: string;
      config: string;
      sealedSecret: Uint8Array | null;
      now: number;
    },
  ) =>
    db.insertInto('app_clients').values({
      pool_id: p.poolId,
      id: p.id,
      name: p.name,
      config: p.config,
      sealed_secret: p.sealedSecret,
      created_at: p.now,
      updated_at: p.now,
    }),
);

export const findAppClient = statement((db, p: { id: string }) =>
  db.selectFrom('app_clients').select(columnsOf('app_clients')).where('id', '=', p.id),
);

/** In a unit that writes, it locks the client: who changes its secrets reads them first. */
export const findAppClientOfPool = statement(
  (db, p: { poolId: string; id: string }) =>
    db
      .selectFrom('app_clients')
      .select(columnsOf('app_clients'))
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id),
  (query) => query.forUpdate(),
);

/** In the order of their ids, those after `after`. */
export const listAppClients = statement((db, p: { poolId: string; after: string; limit: number }) =>
  db
    .selectFrom('app_clients')
    .select(columnsOf('app_clients'))
    .where('pool_id', '=', p.poolId)
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.limit),
);

export const updateAppClient = statement(
  (db, p: { poolId: string; id: string; name: string; config: string; now: number }) =>
    db
      .updateTable('app_clients')
      .set({ name: p.name, config: p.config, updated_at: p.now })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id),
);

/** All secrets of a client, the older one first. */
export const storeAppClientSecrets = statement(
  (
    db,
    p: {
      poolId: string;
      id: string;
      sealed: Uint8Array;
      createdAt: number;
      secondSealed: Uint8Array | null;
      secondCreatedAt: number | null;
      now: number;
    },
  ) =>
    db
      .updateTable('app_clients')
      .set({
        sealed_secret: p.sealed,
        secret_created_at: p.createdAt,
        second_sealed_secret: p.secondSealed,
        second_secret_created_at: p.secondCreatedAt,
        updated_at: p.now,
      })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id),
);

export const deleteAppClient = statement((db, p: { poolId: string; id: string }) =>
  db.deleteFrom('app_clients').where('pool_id', '=', p.poolId).where('id', '=', p.id),
);
