import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../../config/config-error.ts';
import { isMissingTable } from '../missing-table.ts';
import type { Storage } from '../unit.ts';

/** As `pg_stat_activity` calls what copies, so that it is not taken for a server. */
export const COPYING = 'poolkeeper copy';

/** A session outlives the server that was killed by a moment. */
const TRIES = 5;
const PAUSE = 300;

/**
 * Throws ConfigError when servers use the database: what they write would be missing from a copy. A folder is locked by
 * its server, so this is about PostgreSQL; engines that do not list sessions are left to the operator.
 */
export async function requireUnserved(storage: Storage): Promise<void> {
  if (storage.dialect === 'sqlite') return;
  for (let tries = 1; ; tries += 1) {
    const count = await sessionsOf(storage);
    if (count === 0) return;
    if (tries === TRIES) {
      throw new ConfigError(
        `The database is being served: pg_stat_activity shows ${count} sessions of Poolkeeper. Stop the servers first.`,
      );
    }
    await sleep(PAUSE);
  }
}

async function sessionsOf(storage: Storage): Promise<number> {
  try {
    return Number((await storage.read((unit) => unit.row(SESSIONS, [])))?.['n']);
  } catch (error) {
    if (isMissingTable(error)) return 0;
    throw error;
  }
}

// A server asks its outbox every second, so it always has one.
const SESSIONS = `select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'poolkeeper'`;
