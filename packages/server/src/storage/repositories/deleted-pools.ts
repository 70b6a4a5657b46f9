import { type Statement, statement } from '../statement.ts';
import type { Unit } from '../unit.ts';

/** Rows of a table that one statement removes at most, about: requests go in between. */
const BATCH = 1000;

export const insertDeletedPool = statement((db, p: { poolId: string; now: number }) =>
  db.insertInto('deleted_pools').values({ pool_id: p.poolId, deleted_at: p.now }),
);

export const listDeletedPools = statement((db) =>
  db.selectFrom('deleted_pools').select(['pool_id', 'deleted_at']).orderBy('pool_id'),
);

const forgetDeletedPool = statement((db, p: { poolId: string }) =>
  db.deleteFrom('deleted_pools').where('pool_id', '=', p.poolId),
);

/** A batch of each table's rows: found and removed by the pool and one more column of an index. */
const batches: readonly Statement<{ poolId: string }, unknown>[] = [
  ...(['users', 'attempts', 'password_histories', 'searchable_attributes'] as const).map((table) =>
    statement((db, p: { poolId: string }) =>
      db
        .deleteFrom(table)
        .where('pool_id', '=', p.poolId)
        .where('sub', 'in', db.selectFrom(table).select('sub').where('pool_id', '=', p.poolId).limit(BATCH)),
    ),
  ),
  ...(['messages', 'recoveries', 'sessions', 'spent_challenges'] as const).map((table) =>
    statement((db, p: { poolId: string }) =>
      db
        .deleteFrom(table)
        .where('pool_id', '=', p.poolId)
        .where('id', 'in', db.selectFrom(table).select('id').where('pool_id', '=', p.poolId).limit(BATCH)),
    ),
  ),
  statement((db, p: { poolId: string }) =>
    db
      .deleteFrom('sign_in_names')
      .where('pool_id', '=', p.poolId)
      .where(
        'name',
        'in',
        db.selectFrom('sign_in_names').select('name').where('pool_id', '=', p.poolId).limit(BATCH),
      ),
  ),
  statement((db, p: { poolId: string }) => db.deleteFrom('app_clients').where('pool_id', '=', p.poolId)),
];

/**
 * Removes some of a deleted pool's rows. False once none are left; the pool itself is only forgotten when `final`,
 * because a node that does not know yet may still add some.
 */
export async function purgeDeletedPool(unit: Unit, poolId: string, final: boolean): Promise<boolean> {
  for (const batch of batches) if ((await batch.run(unit, { poolId })) > 0) return true;
  if (final) await forgetDeletedPool.run(unit, { poolId });
  return false;
}
