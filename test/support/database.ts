import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inject } from 'vitest';
import type { StartOptions } from '../../packages/server/src/index.ts';
import { createDatabase, dropDatabase, query } from './postgres-databases.ts';

export interface Database {
  /** What a server is started with to use it, as often as a test likes. */
  readonly options: StartOptions;
  /** What a statement reads in it. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

const postgresUrl = inject('postgresUrl');

/** An empty database of the kind that the project tests, for a test that starts servers on it or looks inside. */
export async function openDatabase(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'poolkeeper-database-'));
  const removeFolder = async () => rmSync(folder, { recursive: true, force: true });
  if (postgresUrl === undefined) {
    return {
      options: { data: folder },
      rows: async (sql) => sqliteRows(join(folder, 'poolkeeper.db'), sql),
      [Symbol.asyncDispose]: removeFolder,
    };
  }
  const databaseUrl = await createDatabase(postgresUrl);
  return {
    options: { databaseUrl, data: folder },
    rows: (sql) => query(databaseUrl, sql),
    async [Symbol.asyncDispose]() {
      await dropDatabase(databaseUrl);
      await removeFolder();
    },
  };
}

/** As `openDatabase`, for a server that is the only one to see it. */
export async function passingDatabase(): Promise<Pick<Database, 'options' | typeof Symbol.asyncDispose>> {
  if (postgresUrl === undefined) return { options: {}, async [Symbol.asyncDispose]() {} };
  const databaseUrl = await createDatabase(postgresUrl);
  return { options: { databaseUrl }, [Symbol.asyncDispose]: () => dropDatabase(databaseUrl) };
}

function sqliteRows(file: string, sql: string) {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}
