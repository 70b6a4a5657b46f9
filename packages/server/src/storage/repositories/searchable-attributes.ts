import { statement } from '../statement.ts';

export const insertSearchableAttribute = statement(
  (db, p: { poolId: string; name: string; value: string; sub: string }) =>
    db
      .insertInto('searchable_attributes')
      .values({ pool_id: p.poolId, name: p.name, value: p.value, sub: p.sub }),
);

export const deleteSearchableAttribute = statement((db, p: { poolId: string; sub: string; name: string }) =>
  db
    .deleteFrom('searchable_attributes')
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub)
    .where('name', '=', p.name),
);
