import type { Selectable } from 'kysely';
import { columnsOf } from '../schema/tables.ts';
import type { UserPoolsTable } from '../schema/user-pools.ts';
import { statement } from '../statement.ts';

export type UserPoolRow = Selectable<UserPoolsTable>;

export const insertUserPool = statement(
  (db, p: { id: string; name: string; config: string; settings: string; now: number }) =>
    db.insertInto('user_pools').values({
      id: p.id,
      name: p.name,
      config: p.config,
      settings: p.settings,
      created_at: p.now,
      updated_at: p.now,
    }),
);

/** In a unit that writes, it locks the pool: changes of its configuration go one after the other. */
export const findUserPool = statement(
  (db, p: { id: string }) =>
    db.selectFrom('user_pools').select(columnsOf('user_pools')).where('id', '=', p.id),
  (query) => query.forUpdate(),
);

/** In the order of their ids, those after `after`. */
export const listUserPools = statement((db, p: { after: string; limit: number }) =>
  db
    .selectFrom('user_pools')
    .select(columnsOf('user_pools'))
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.limit),
);

export const updateUserPool = statement((db, p: { id: string; name: string; config: string; now: number }) =>
  db
    .updateTable('user_pools')
    .set({ name: p.name, config: p.config, updated_at: p.now })
    .where('id', '=', p.id),
);

export const updateUserPoolSettings = statement((db, p: { id: string; settings: string }) =>
  db.updateTable('user_pools').set({ settings: p.settings }).where('id', '=', p.id),
);

/** What makes a pool be one. The rows of its users go after it, see deleted-pools.ts. */
export const deleteUserPoolItself = [
  statement((db, p: { poolId: string }) => db.deleteFrom('user_pools').where('id', '=', p.poolId)),
  statement((db, p: { poolId: string }) => db.deleteFrom('signing_keys').where('pool_id', '=', p.poolId)),
  statement((db, p: { poolId: string }) => db.deleteFrom('app_clients').where('pool_id', '=', p.poolId)),
];

/** Counted up to `limit`, so that the answer's cost is bounded in a pool of any size. */
export const countUsers = statement((db, p: { poolId: string; limit: number }) =>
  db
    .selectFrom((sub) =>
      sub.selectFrom('users').select('sub').where('pool_id', '=', p.poolId).limit(p.limit).as('some'),
    )
    .select((expression) => expression.fn.countAll<number>().as('count')),
);
