import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Row, SqlValue, Storage, Unit } from './unit.ts';

/** As many units share one commit at most; it bounds how long the first of them waits for the last. */
const LARGEST_GROUP = 256;
const PREPARED_STATEMENTS = 256;

export class DataDirectoryInUse extends Error {}

export const sqliteFile = (directory: string) => join(directory, 'poolkeeper.db');

interface Job {
  work: (unit: Unit) => Promise<unknown>;
  resolve: (value: never) => void;
  reject: (reason: unknown) => void;
}

export interface SqliteOptions {
  /** Leaves the directory to the server that may have it: for commands that do not mind being one of two. */
  readonly beside?: boolean;
}

/**
 * Embedded storage in `<directory>/poolkeeper.db`. Units of work that arrive together share one transaction and one
 * `fsync`; nobody is answered before it. Reads use a connection of their own and see
 * only what was committed.
 */
export function openSqlite(directory: string, { beside = false }: SqliteOptions = {}): Storage {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = beside ? undefined : lockDirectory(directory);
  const file = sqliteFile(directory);
  const writer = new DatabaseSync(file);
  writer.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -131072; PRAGMA wal_autocheckpoint = 16000; PRAGMA temp_store = MEMORY;',
  );
  const reader = new DatabaseSync(file, { readOnly: true });
  reader.exec('PRAGMA busy_timeout = 5000; PRAGMA cache_size = -65536;');

  const prepareForWriting = preparedStatements(writer);
  const prepareForReading = preparedStatements(reader);
  const begin = writer.prepare('BEGIN IMMEDIATE');
  const commit = writer.prepare('COMMIT');
  const rollBack = writer.prepare('ROLLBACK');
  const savepoint = writer.prepare('SAVEPOINT unit');
  const release = writer.prepare('RELEASE unit');
  const rollBackUnit = writer.prepare('ROLLBACK TO unit');

  let waiting: Job[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;

  /**
   * Runs the units of a group in one transaction. A savepoint a unit would cost a tenth of the whole, so the group
   * first runs without: a unit that fails before it wrote anything leaves nothing behind, and one that fails later
   * sends the group through again, each unit in a savepoint of its own.
   */
  async function commitGroup(group: Job[], savepoints: boolean): Promise<void> {
    const settle: (() => void)[] = [];
    try {
      begin.run();
      for (const job of group) {
        if (savepoints) savepoint.run();
        const unit = openUnit(prepareForWriting);
        try {
          const value = await job.work(unit);
          settle.push(...unit.end(), () => job.resolve(value as never));
        } catch (error) {
          unit.end();
          // A full disk or an I/O error ends the whole transaction, and with it every unit of the group.
          if (!writer.isTransaction) throw error;
          if (!savepoints && unit.wrote()) {
            rollBack.run();
            return commitGroup(group, true);
          }
          if (savepoints) rollBackUnit.run();
          settle.push(() => job.reject(error));
        }
        if (savepoints) release.run();
      }
      commit.run();
    } catch (error) {
      if (writer.isTransaction) rollBack.run();
      for (const job of group) job.reject(error);
      return;
    }
    for (const step of settle) step();
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      // One turn of the event loop gathers everything that arrived with it into the same group.
      await new Promise(setImmediate);
      await commitGroup(waiting.splice(0, LARGEST_GROUP), false);
    }
    draining = undefined;
  }

  return {
    dialect: 'sqlite',
    async read(work) {
      const unit = openUnit(prepareForReading);
      try {
        return await work(unit);
      } finally {
        unit.end();
      }
    },
    write(work) {
      if (closed) return Promise.reject(new Error('The storage is closed.'));
      return new Promise((resolve, reject) => {
        waiting.push({ work, resolve, reject });
        draining ??= drain();
      });
    },
    async snapshot(work) {
      // A connection of its own: while the snapshot lasts, the reader goes on to what is committed meanwhile.
      const connection = new DatabaseSync(file, { readOnly: true });
      const unit = openUnit(preparedStatements(connection));
      try {
        connection.exec('PRAGMA busy_timeout = 5000; BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1');
        return await work(unit);
      } finally {
        unit.end();
        connection.close();
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await draining;
      waiting = [];
      reader.close();
      writer.close();
      lock?.close();
    },
  };
}

/** A second server on the same directory would answer from stale caches; the lock falls with the process. */
function lockDirectory(directory: string): DatabaseSync {
  const lock = new DatabaseSync(join(directory, 'lock.db'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
  } catch (error) {
    lock.close();
    throw new DataDirectoryInUse(
      `Another Poolkeeper is using the data directory ${directory}. Stop it, or choose another with --data.`,
      { cause: error },
    );
  }
  return lock;
}

/** A unit, and what only its owner does with it. */
function openUnit(prepare: (sql: string) => StatementSync) {
  const effects: (() => void)[] = [];
  let ended = false;
  let wrote = false;
  const ready = (sql: string): StatementSync => {
    if (ended) throw new Error('This unit of work has ended.');
    wrote ||= !sql.startsWith('select');
    return prepare(sql);
  };
  return {
    dialect: 'sqlite' as const,
    locks: false,
    rows: async (sql: string, parameters: readonly SqlValue[]) => ready(sql).all(...parameters) as Row[],
    row: async (sql: string, parameters: readonly SqlValue[]) =>
      ready(sql).get(...parameters) as Row | undefined,
    run: async (sql: string, parameters: readonly SqlValue[]) =>
      Number(ready(sql).run(...parameters).changes),
    send: (sql: string, parameters: readonly SqlValue[]) => void ready(sql).run(...parameters),
    onCommit: (effect: () => void) => void effects.push(effect),
    wrote: () => wrote,
    end: () => {
      ended = true;
      return effects;
    },
  };
}

/** Least recently used statements fall out: each holds memory inside SQLite until it is collected. */
function preparedStatements(database: DatabaseSync): (sql: string) => StatementSync {
  const cache = new Map<string, StatementSync>();
  return (sql) => {
    let statement = cache.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      if (cache.size >= PREPARED_STATEMENTS) cache.delete(cache.keys().next().value as string);
    } else {
      cache.delete(sql);
    }
    cache.set(sql, statement);
    return statement;
  };
}
