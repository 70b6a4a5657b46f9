import { statement } from '../statement.ts';

export const findServerState = statement((db, p: { name: string }) =>
  db.selectFrom('server_state').select('value').where('name', '=', p.name),
);

export const insertServerState = statement((db, p: { name: string; value: string }) =>
  db
    .insertInto('server_state')
    .values({ name: p.name, value: p.value })
    .onConflict((conflict) => conflict.column('name').doNothing()),
);
