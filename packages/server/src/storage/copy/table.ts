import type { Dialect } from '../dialect.ts';
import { tables } from '../schema/tables.ts';
import type { SqlValue, Unit } from '../unit.ts';
import { type Columns, type Values, valuesOf } from './row-codec.ts';

/** What a copy needs to know of a table; it comes from this version's schema or from a backup. */
export interface CopiedTable {
  readonly name: string;
  readonly columns: Columns;
  readonly key: readonly string[];
}

export const copiedTables: readonly CopiedTable[] = Object.entries(tables).map(
  ([name, { columns, key }]) => ({
    name,
    columns,
    key: key as readonly string[],
  }),
);

/** As many rows are held in memory, and committed together, at once. */
export const BATCH = 1000;
/** More make a statement no quicker, and SQLite takes 32,766 parameters in one at most. */
const ROWS_A_STATEMENT = 100;

export interface Batch {
  readonly rows: readonly Values[];
  /** The key of its last row: what a later reading goes on after. */
  readonly last: Values;
}

/** The rows of a table in the order of its key, those after `after`. Constant memory, whatever the table's size. */
export async function* readTable(unit: Unit, table: CopiedTable, after?: Values): AsyncGenerator<Batch> {
  const key = list(table.key);
  const positions = table.key.map((name) => Object.keys(table.columns).indexOf(name));
  let last = after;
  while (true) {
    const following = last && `(${key}) > (${placeholders(unit.dialect, 0, last.length)})`;
    const where = [ownRows(table), following].filter(Boolean).join(' and ');
    const found = await unit.rows(
      `select ${list(Object.keys(table.columns))} from ${quoted(table.name)}${where && ` where ${where}`} order by ${key} limit ${BATCH}`,
      last ?? [],
    );
    const rows = found.map((row) => valuesOf(table.columns, row));
    const end = rows.at(-1);
    if (end === undefined) return;
    last = positions.map((position) => end[position] as SqlValue);
    yield { rows, last };
    if (rows.length < BATCH) return;
  }
}

export async function countRows(unit: Unit, table: CopiedTable): Promise<number> {
  const where = ownRows(table);
  const sql = `select count(*) as n from ${quoted(table.name)}${where && ` where ${where}`}`;
  return Number((await unit.row(sql, []))?.['n']);
}

export async function hasRows(unit: Unit, table: CopiedTable): Promise<boolean> {
  return (await unit.row(`select 1 as one from ${quoted(table.name)} limit 1`, [])) !== undefined;
}

/** Puts rows into a table within the caller's unit, many with one statement. */
export function insertRows(unit: Unit, table: CopiedTable, rows: readonly Values[]): void {
  const columns = Object.keys(table.columns);
  for (let first = 0; first < rows.length; first += ROWS_A_STATEMENT) {
    const some = rows.slice(first, first + ROWS_A_STATEMENT);
    const tuples = some.map(
      (_, index) => `(${placeholders(unit.dialect, index * columns.length, columns.length)})`,
    );
    unit.send(
      `insert into ${quoted(table.name)} (${list(columns)}) values ${tuples.join(', ')}`,
      some.flat(),
    );
  }
}

/** Facts about the one database, which no copy takes along: its own schema, and the marks that copies leave in it. */
export const OF_THIS_DATABASE = `(name like 'migration:%' or name like 'mark:%')`;

const ownRows = (table: CopiedTable) => (table.name === 'server_state' ? `not ${OF_THIS_DATABASE}` : '');

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const list = (names: readonly string[]) => names.map(quoted).join(', ');
const placeholders = (dialect: Dialect, first: number, count: number) =>
  Array.from({ length: count }, (_, index) => (dialect === 'sqlite' ? '?' : `$${first + index + 1}`)).join(
    ', ',
  );
