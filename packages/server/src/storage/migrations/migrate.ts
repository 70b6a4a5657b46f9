import { sql } from 'kysely';
import { builderOf, type Dialect } from '../dialect.ts';
import { statement } from '../statement.ts';
import type { Storage } from '../unit.ts';
import { firstTables } from './0001-first-tables.ts';
import type { DialectTypes, Migration } from './migration.ts';

const migrations: readonly Migration[] = [firstTables];
const typesOf = (dialect: Dialect): DialectTypes => ({
  blob: sql.raw(dialect === 'sqlite' ? 'blob' : 'bytea'),
  clustered: (table) =>
    dialect === 'sqlite' ? (table.modifyEnd(sql`without rowid`) as typeof table) : table,
});

const applied = statement((db) =>
  db.selectFrom('server_state').select('name').where('name', 'like', 'migration:%'),
);
const record = statement((db, p: { name: string; value: string }) =>
  db.insertInto('server_state').values({ name: p.name, value: p.value }),
);

/** Brings the database to the newest schema, each migration whole or not at all. */
export async function migrate(storage: Storage, now: number): Promise<void> {
  await storage.write(async (unit) => {
    const db = builderOf(unit.dialect);
    const stateTable = db.schema
      .createTable('server_state')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('value', 'text', (column) => column.notNull());
    await unit.run(stateTable.compile().sql, []);
    const done = new Set((await applied.all(unit, {})).map((row) => row.name));
    const unknown = [...done].find(
      (name) => !migrations.some((migration) => `migration:${migration.name}` === name),
    );
    if (unknown !== undefined) {
      throw new Error(
        `The database was written by a newer Poolkeeper (${unknown}). Start that version or a newer one.`,
      );
    }
    for (const migration of migrations) {
      if (done.has(`migration:${migration.name}`)) continue;
      const types = typesOf(unit.dialect);
      for (const step of migration.statements(db.schema, types)) await unit.run(step.compile().sql, []);
      await record.run(unit, { name: `migration:${migration.name}`, value: new Date(now).toISOString() });
    }
  });
}
