import { statement } from '../statement.ts';

/** Changes no row when the challenge was answered before. */
export const insertSpentChallenge = statement((db, p: { poolId: string; id: string; expiresAt: number }) =>
  db
    .insertInto('spent_challenges')
    .values({ pool_id: p.poolId, id: p.id, expires_at: p.expiresAt })
    .onConflict((conflict) => conflict.columns(['pool_id', 'id']).doNothing()),
);

export const findSpentChallenge = statement((db, p: { poolId: string; id: string }) =>
  db.selectFrom('spent_challenges').select('id').where('pool_id', '=', p.poolId).where('id', '=', p.id),
);
