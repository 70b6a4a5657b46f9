import { statement } from '../statement.ts';

/** What counts for all pools together stands under this in place of one's id. */
export const ALL_POOLS = '*';

/** Adds to what was counted on a day, and returns the sum. Who adds to the same goes after it until it commits. */
export const addToDay = statement(
  (db, p: { poolId: string; day: string; action: string; amount: number; dayEnd: number }) =>
    db
      .insertInto('attempts')
      .values({
        pool_id: p.poolId,
        sub: p.day,
        action: p.action,
        count: p.amount,
        window_ends_at: p.dayEnd,
        digest: null,
        attribute: null,
        code_expires_at: null,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['pool_id', 'sub', 'action'])
          .doUpdateSet((row) => ({ count: row('attempts.count', '+', row.ref('excluded.count')) })),
      )
      .returning('count'),
);

/** Marks a message as counted: one row for the first to do so, none for who comes again. */
export const markCounted = statement(
  (db, p: { poolId: string; sub: string; action: string; until: number }) =>
    db
      .insertInto('attempts')
      .values({
        pool_id: p.poolId,
        sub: p.sub,
        action: p.action,
        count: 1,
        window_ends_at: p.until,
        digest: null,
        attribute: null,
        code_expires_at: null,
      })
      .onConflict((conflict) => conflict.columns(['pool_id', 'sub', 'action']).doNothing()),
);
