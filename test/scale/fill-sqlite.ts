import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { GROWN } from './fill-postgres.ts';
import type { Progress } from './progress.ts';
import type { Load } from './rows.ts';
import { byName, subOf, subPrefixOf } from './users.ts';

const COMMIT_EVERY = 200_000;

/** Adds the rows of users `from` up to `to` to the database of a server that is not running. */
export function fillSqlite(
  data: string,
  loads: readonly Load[],
  from: number,
  to: number,
  progress: Progress,
): void {
  const database = new DatabaseSync(join(data, 'poolkeeper.db'));
  // Nothing is lost that could not be made again.
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576;');
  try {
    if (to <= GROWN) grow(database, loads, from, to, progress);
    else append(database, loads, from, to, progress);
    database.exec('PRAGMA journal_mode = WAL;');
  } finally {
    database.close();
  }
}

/** User by user, into indexes that are there: as it happens in life, only quicker. */
function grow(database: DatabaseSync, loads: readonly Load[], from: number, to: number, progress: Progress) {
  const inserts = loads.map((load) => insertOf(database, load));
  database.exec('BEGIN');
  for (let index = from; index < to; index += 1) {
    loads.forEach((load, place) => {
      if (index % load.every !== 0) return;
      inserts[place]?.run(...load.values(index));
      progress.count();
    });
  }
  database.exec('COMMIT');
}

/** Table by table in the order of its key, and every other index afterwards: what is sorted goes in at one place. */
function append(
  database: DatabaseSync,
  loads: readonly Load[],
  from: number,
  to: number,
  progress: Progress,
) {
  const indexes = database
    .prepare("select name, sql from sqlite_schema where type = 'index' and sql is not null")
    .all() as { name: string; sql: string }[];
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
  for (const load of loads) {
    const insert = insertOf(database, load);
    let waiting = 0;
    database.exec('BEGIN');
    for (const index of inOrder(load.order, from, to)) {
      if (index % load.every !== 0) continue;
      insert.run(...load.values(index));
      progress.count();
      waiting += 1;
      if (waiting % COMMIT_EVERY === 0) database.exec('COMMIT; BEGIN');
    }
    database.exec('COMMIT');
  }
  for (const { sql } of indexes) {
    progress.say(sql.slice(0, 70));
    database.exec(sql);
  }
}

function insertOf(database: DatabaseSync, { table, columns }: Load): StatementSync {
  const places = columns.map(() => '?').join(', ');
  return database.prepare(`insert into ${table} (${columns.join(', ')}) values (${places})`);
}

function* inOrder(order: Load['order'], from: number, to: number): Generator<number> {
  if (order === 'number') for (let index = from; index < to; index += 1) yield index;
  else if (order === 'sub') yield* bySub(from, to);
  else {
    for (const group of byName(from, to)) {
      // Emails end in the number; of those who share a name, the sub decides.
      yield* order === 'email' ? group : group.sort((a, b) => (subOf(a) < subOf(b) ? -1 : 1));
    }
  }
}

/** 40 bits of the sub and 24 of the number in each: millions are sorted in the memory of a few photos. */
function* bySub(from: number, to: number): Generator<number> {
  const keys = new BigUint64Array(to - from);
  for (let index = from; index < to; index += 1) {
    keys[index - from] = (BigInt(subPrefixOf(index)) << 24n) | BigInt(index - from);
  }
  keys.sort();
  for (const key of keys) yield from + Number(key & 0xffffffn);
}
