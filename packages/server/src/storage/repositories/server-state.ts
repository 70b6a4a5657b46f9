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

export const putServerState = statement((db, p: { name: string; value: string }) =>
  db
    .insertInto('server_state')
    .values({ name: p.name, value: p.value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: p.value })),
);

/** Changes what nobody else changed meanwhile: one row, or none. */
export const replaceServerState = statement((db, p: { name: string; from: string; to: string }) =>
  db.updateTable('server_state').set({ value: p.to }).where('name', '=', p.name).where('value', '=', p.from),
);

export const deleteServerState = statement((db, p: { name: string }) =>
  db.deleteFrom('server_state').where('name', '=', p.name),
);
