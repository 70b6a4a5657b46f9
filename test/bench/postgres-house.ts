import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { tables } from '../../packages/server/src/storage/schema/tables.ts';
import { systemPostgresBin } from '../support/postgres-binaries.ts';
import { query } from '../support/postgres-databases.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { POOL_NAME } from './pool.ts';

/** Enough that what is measured is not the size of a cache; commits are as durable as ever. */
const SETTINGS = { shared_buffers: '2GB', max_wal_size: '4GB', max_connections: 200 };

/** The database to measure on, emptied; `start` brings a server along that ends with the run. */
export async function openHouse(given: string, parent = tmpdir()) {
  const server =
    given === 'start'
      ? await startPostgres({ bin: requireSystemBin(), parent, settings: SETTINGS })
      : undefined;
  const url = server === undefined ? given : await server.createDatabase('bench');
  await clear(url);
  return {
    url,
    /** Of every table of Poolkeeper's; nothing else is touched. */
    clear: () => clear(url),
    async [Symbol.asyncDispose]() {
      await server?.stop();
    },
  };
}

/** Any will do: nothing in it outlives the run. */
export const masterKey = randomBytes(32).toString('base64');

/** Removes what a run left behind, and refuses to when it may be somebody's. */
async function clear(url: string): Promise<void> {
  const [found] = await query(url, `select to_regclass('user_pools') is not null as yes`);
  if (found?.['yes']) {
    const strangers = await query(url, `select 1 from user_pools where name <> '${POOL_NAME}' limit 1`);
    const [users] = await query(url, 'select 1 from users limit 1');
    const [pools] = await query(url, 'select 1 from user_pools limit 1');
    if (strangers.length > 0 || (users !== undefined && pools === undefined)) {
      throw new Error(
        'There are users in this database, and no benchmark put them there: name an empty one.',
      );
    }
  }
  await query(url, `drop table if exists ${Object.keys(tables).join(', ')}`);
}

function requireSystemBin(): string {
  const bin = systemPostgresBin();
  if (bin === undefined) {
    throw new Error('`start` needs a PostgreSQL of the system, with pgbench: apt install postgresql.');
  }
  return bin;
}

/** Beside the system's PostgreSQL, or wherever else a shell would find it. */
export function pgbenchProgram(): string {
  const folders = [systemPostgresBin() ?? '', ...(process.env['PATH'] ?? '').split(delimiter)];
  const found = folders.map((folder) => join(folder, 'pgbench')).find(isExecutable);
  if (found === undefined) throw new Error('pgbench is not here: apt install postgresql-contrib.');
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
