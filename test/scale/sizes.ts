import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { tables } from '../../packages/server/src/storage/schema/tables.ts';
import { query } from '../support/postgres-databases.ts';

/** What a table takes on disk, bytes; `rows` as the database itself estimates them. */
export interface Size {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  readonly indexBytes: number;
}

export async function postgresSizes(url: string): Promise<Size[]> {
  const rows = await query(
    url,
    `select relname as table, reltuples::float8 as rows, pg_table_size(oid)::float8 as bytes,
       pg_indexes_size(oid)::float8 as index_bytes
     from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace`,
  );
  return rows
    .filter((row) => (row['table'] as string) in tables)
    .map((row) => ({
      table: row['table'] as string,
      rows: row['rows'] as number,
      bytes: row['bytes'] as number,
      indexBytes: row['index_bytes'] as number,
    }));
}

/** A clustered table has no bytes but those of its primary key's tree. */
export function sqliteSizes(data: string): Size[] {
  const database = new DatabaseSync(join(data, 'poolkeeper.db'), { readOnly: true });
  try {
    const trees = database
      .prepare(
        `select s.tbl_name as "table", sum(case when s.type = 'table' then d.pgsize else 0 end) as bytes,
           sum(case when s.type = 'index' then d.pgsize else 0 end) as indexBytes
         from dbstat('main', 1) d join sqlite_schema s on s.name = d.name group by 1`,
      )
      .all() as unknown as Omit<Size, 'rows'>[];
    return trees
      .filter(({ table }) => table in tables)
      .map((tree) => ({
        ...tree,
        rows: database.prepare(`select count(*) as count from ${tree.table}`).get()?.['count'] as number,
      }));
  } finally {
    database.close();
  }
}
