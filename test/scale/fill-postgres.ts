import { Client } from 'pg';
import { copyInto, copyLine } from './copy.ts';
import type { Progress } from './progress.ts';
import type { Load } from './rows.ts';

/** Indexes that are there while rows come grow as they do in life; beyond so many users they are made afterwards. */
export const GROWN = 100_000;

/** Adds the rows of users `from` up to `to`. */
export async function fillPostgres(
  url: string,
  loads: readonly Load[],
  from: number,
  to: number,
  progress: Progress,
): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('set statement_timeout = 0; set synchronous_commit = off');
    await client.query(`set maintenance_work_mem = '512MB'`);
    const remake = to > GROWN ? await dropIndexes(client, [...new Set(loads.map(({ table }) => table))]) : [];
    for (const load of loads) {
      await copyInto(client, `${load.table} (${load.columns.join(', ')})`, linesOf(load, from, to, progress));
    }
    for (const sql of remake) {
      progress.say(sql.slice(0, 70));
      await client.query(sql);
    }
    // Not vacuum alone: an index-only scan needs the visibility map that it makes.
    for (const table of new Set(loads.map((load) => load.table)))
      await client.query(`vacuum analyze ${table}`);
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}

function* linesOf(load: Load, from: number, to: number, progress: Progress): Generator<string> {
  for (let index = Math.ceil(from / load.every) * load.every; index < to; index += load.every) {
    yield copyLine(load.values(index));
    progress.count();
  }
}

/** Resolves to what makes them again. */
async function dropIndexes(client: Client, tables: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ table: string; name: string; made: string; key: string | null }>(
    `select c.relname as table, i.relname as name, pg_get_indexdef(x.indexrelid) as made,
       (select pg_get_constraintdef(k.oid) from pg_constraint k where k.conindid = x.indexrelid) as key
     from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
     where c.relname = any($1) and c.relnamespace = current_schema()::regnamespace order by 1, 2`,
    [tables],
  );
  for (const { table, name, key } of rows) {
    await client.query(key === null ? `drop index ${name}` : `alter table ${table} drop constraint ${name}`);
  }
  return rows.map(({ table, name, made, key }) =>
    key === null ? made : `alter table ${table} add constraint ${name} ${key}`,
  );
}
