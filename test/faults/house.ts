import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { query } from '../support/postgres-databases.ts';
import { temporaryFolder } from './leftovers.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { type Seeded, seed } from './seed.ts';
import { type ServerNode, startNode } from './server-node.ts';

export interface HouseOptions {
  readonly rounds: number;
  readonly nodes?: number;
  /** Where PostgreSQL is; undefined: SQLite. The first is there when the house is opened. */
  readonly databaseUrls?: readonly string[];
  /** What a node uses instead to get there. */
  nodeDatabaseUrls?(index: number): readonly string[];
  /** Where SQLite's data goes; it is made otherwise. */
  readonly folder?: string;
}

export interface House extends Seeded {
  readonly nodes: readonly ServerNode[];
  readonly mailbox: Mailbox;
  /** What a statement reads in the database that takes writes now. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A database with pools and users, nodes on it as processes of their own, and where their mails go. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const resources = new AsyncDisposableStack();
  try {
    const folder = options.folder ?? temporaryFolder();
    const data = join(folder, 'data');
    mkdirSync(data, { recursive: true });
    const masterKey = randomBytes(32).toString('base64');
    const { databaseUrls } = options;
    const seeded = await seed({ data, masterKey, databaseUrl: databaseUrls?.[0], rounds: options.rounds });
    const mailbox = resources.use(await openMailbox());
    const nodes: ServerNode[] = [];
    for (let index = 0; index < (options.nodes ?? 1); index += 1) {
      const node = await startNode({
        name: `node-${index + 1}`,
        folder: databaseUrls === undefined ? folder : temporaryFolder(),
        databaseUrls: options.nodeDatabaseUrls?.(index) ?? databaseUrls ?? [],
        masterKey,
        email: mailbox.url,
      });
      resources.defer(() => node.end('SIGKILL'));
      nodes.push(node);
    }
    return {
      ...seeded,
      nodes,
      mailbox,
      rows: (sql) =>
        databaseUrls === undefined
          ? sqliteRows(join(data, 'poolkeeper.db'), sql)
          : primaryRows(databaseUrls, sql),
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

async function sqliteRows(file: string, sql: string) {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

async function primaryRows(urls: readonly string[], sql: string) {
  for (const url of urls) {
    const [state] = await query(url, 'select pg_is_in_recovery() as standby').catch(() => []);
    if (state?.['standby'] === false) return query(url, sql);
  }
  throw new Error('No PostgreSQL takes writes.');
}
