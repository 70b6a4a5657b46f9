import type { NameKind } from '../schema/sign-in-names.ts';
import { columnsOf } from '../schema/tables.ts';
import { statement } from '../statement.ts';

export const findSignInName = statement((db, p: { poolId: string; name: string }) =>
  db
    .selectFrom('sign_in_names')
    .select(columnsOf('sign_in_names'))
    .where('pool_id', '=', p.poolId)
    .where('name', '=', p.name),
);

/** Changes no row when somebody holds the name. */
export const insertSignInName = statement(
  (db, p: { poolId: string; name: string; kind: NameKind; sub: string }) =>
    db
      .insertInto('sign_in_names')
      .values({ pool_id: p.poolId, name: p.name, kind: p.kind, sub: p.sub })
      .onConflict((conflict) => conflict.columns(['pool_id', 'name']).doNothing()),
);

export const deleteSignInNamesOfKind = statement((db, p: { poolId: string; sub: string; kind: NameKind }) =>
  db
    .deleteFrom('sign_in_names')
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub)
    .where('kind', '=', p.kind),
);
