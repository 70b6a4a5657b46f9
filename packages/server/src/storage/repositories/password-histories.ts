import { statement } from '../statement.ts';

interface Owner {
  poolId: string;
  sub: string;
}

export const findPasswordHistory = statement((db, p: Owner) =>
  db
    .selectFrom('password_histories')
    .select('hashes')
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub),
);

export const putPasswordHistory = statement((db, p: Owner & { hashes: string }) =>
  db
    .insertInto('password_histories')
    .values({ pool_id: p.poolId, sub: p.sub, hashes: p.hashes })
    .onConflict((conflict) =>
      conflict.columns(['pool_id', 'sub']).doUpdateSet((row) => ({ hashes: row.ref('excluded.hashes') })),
    ),
);

export const dropPasswordHistory = statement((db, p: Owner) =>
  db.deleteFrom('password_histories').where('pool_id', '=', p.poolId).where('sub', '=', p.sub),
);
