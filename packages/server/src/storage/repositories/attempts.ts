import { statement } from '../statement.ts';

/** Counts one attempt in the running window, or opens a new one when that has ended. Returns the count so far. */
export const countAttempt = statement(
  (db, p: { poolId: string; sub: string; action: string; now: number; windowEnd: number }) =>
    db
      .insertInto('attempts')
      .values({ pool_id: p.poolId, sub: p.sub, action: p.action, count: 1, expires_at: p.windowEnd })
      .onConflict((conflict) =>
        conflict.columns(['pool_id', 'sub', 'action']).doUpdateSet((row) => ({
          count: row
            .case()
            .when('attempts.expires_at', '<=', p.now)
            .then(1)
            .else(row('attempts.count', '+', 1))
            .end(),
          expires_at: row
            .case()
            .when('attempts.expires_at', '<=', p.now)
            .then(row.ref('excluded.expires_at'))
            .else(row.ref('attempts.expires_at'))
            .end(),
        })),
      )
      .returning('count'),
);

export const findAttempts = statement((db, p: { poolId: string; sub: string; action: string }) =>
  db
    .selectFrom('attempts')
    .select(['count', 'expires_at'])
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub)
    .where('action', '=', p.action),
);
