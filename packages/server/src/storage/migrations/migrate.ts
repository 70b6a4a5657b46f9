import { type Compilable, sql } from 'kysely';
import { builderOf } from '../dialect.ts';
import { statement } from '../statement.ts';
import type { Storage, Unit } from '../unit.ts';
import { firstTables } from './0001-first-tables.ts';
import { accessKeys } from './0002-access-keys.ts';
import { deletedPools } from './0003-deleted-pools.ts';
import { disabledUsers } from './0004-disabled-users.ts';
import { secondFactors } from './0005-second-factors.ts';
import { secondClientSecrets } from './0006-second-client-secrets.ts';
import { passwordHistories } from './0007-password-histories.ts';
import { addressChanges } from './0008-address-changes.ts';
import { recoveries } from './0009-recoveries.ts';
import { delivery } from './0010-delivery.ts';
import type { DialectTypes, Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  firstTables,
  accessKeys,
  deletedPools,
  disabledUsers,
  secondFactors,
  secondClientSecrets,
  passwordHistories,
  addressChanges,
  recoveries,
  delivery,
];

/** The names of all that this version knows. */
export const knownMigrations: readonly string[] = migrations.map(({ name }) => name);

async function typesOf(storage: Storage): Promise<DialectTypes> {
  if (storage.dialect === 'sqlite') {
    return {
      text: sql.raw('text'),
      blob: sql.raw('blob'),
      clustered: (table) => table.modifyEnd(sql`without rowid`) as typeof table,
      addedColumn: (column) => column,
    };
  }
  // Engines that know no other order than that of bytes refuse the clause, or make another type of it.
  const inOrderOfBytes = await storage.read((unit) => unit.row(`select 'B' < 'a' as yes`, []));
  const text = sql.raw(inOrderOfBytes?.['yes'] ? 'text' : 'text collate "C"');
  return {
    text,
    blob: sql.raw('bytea'),
    clustered: (table) => table,
    addedColumn: (column) => column.ifNotExists(),
  };
}

const applied = statement((db) =>
  db.selectFrom('server_state').select(['name', 'value']).where('name', 'like', 'migration:%'),
);
const record = statement((db, p: { name: string; value: string }) =>
  db
    .insertInto('server_state')
    .values({ name: p.name, value: p.value })
    .onConflict((conflict) => conflict.column('name').doNothing()),
);

/** Makes the one table that tells what the database is, and which every other step looks into. */
export async function createServerState(storage: Storage): Promise<void> {
  const types = await typesOf(storage);
  const table = builderOf(storage.dialect)
    .schema.createTable('server_state')
    .ifNotExists()
    .addColumn('name', types.text, (column) => column.primaryKey().notNull())
    .addColumn('value', types.text, (column) => column.notNull());
  await storage.write((unit) => unit.run(table.compile().sql, []));
}

/** What has been applied to a database, in the order of application. */
export async function appliedMigrations(unit: Unit): Promise<readonly string[]> {
  const rows = await applied.all(unit, {});
  return rows.map(({ name }) => name.slice('migration:'.length)).sort();
}

/**
 * Brings the database to the newest schema, or to that of `wanted` when a copy of older data is to be put in first.
 * Any number of nodes may do so at once.
 */
export async function migrate(storage: Storage, now: number, wanted = knownMigrations): Promise<void> {
  const { schema } = builderOf(storage.dialect);
  const types = await typesOf(storage);
  await createServerState(storage);
  const done = new Map(
    (await storage.read((unit) => applied.all(unit, {}))).map(({ name, value }) => [name, value]),
  );
  requireKnown(done);
  for (const { name, phase, statements } of migrations) {
    if (done.has(`migration:${name}`) || !wanted.includes(name)) continue;
    const value = JSON.stringify({ appliedAt: new Date(now).toISOString(), phase });
    await changeSchema(storage, name, value, statements(schema, types));
  }
}

/** A migration of a newer version is none of this node's business, unless it took something away. */
function requireKnown(done: ReadonlyMap<string, string>): void {
  for (const [name, value] of done) {
    if (migrations.some((migration) => `migration:${migration.name}` === name)) continue;
    if (value.includes('"phase":"expand"')) continue;
    throw new Error(
      `The database was changed by a newer Poolkeeper (${name}) that this version cannot work with. Start that version or a newer one.`,
    );
  }
}

/** Engines of PostgreSQL's kind may not change a schema in a transaction: they take a statement at a time. */
async function changeSchema(
  storage: Storage,
  name: string,
  value: string,
  statements: readonly Compilable[],
) {
  if (storage.dialect === 'sqlite') {
    // Whole or not at all, and not after another node: here a column cannot be added twice.
    await storage.write(async (unit) => {
      if ((await appliedMigrations(unit)).includes(name)) return;
      for (const one of statements) await unit.run(one.compile().sql, []);
      await record.run(unit, { name: `migration:${name}`, value });
    });
    return;
  }
  for (const one of statements) {
    await storage.write(async (unit) => {
      // An index on a table of millions takes longer than any query may.
      await unit.run('set local statement_timeout = 0', []);
      await unit.run(one.compile().sql, []);
    });
  }
  await storage.write((unit) => record.run(unit, { name: `migration:${name}`, value }));
}
