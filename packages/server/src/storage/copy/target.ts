import { ConfigError } from '../../config/config-error.ts';
import { type CopyMark, findCopyMark, putCopyMark } from '../marks.ts';
import { appliedMigrations, createServerState, knownMigrations, migrate } from '../migrations/migrate.ts';
import { isMissingTable } from '../missing-table.ts';
import type { Storage } from '../unit.ts';
import { requireUnserved } from './servers.ts';
import { copiedTables, hasRows, OF_THIS_DATABASE } from './table.ts';

/**
 * Makes an empty database ready for a copy, with the schema that the copied rows have, and marks it so that no server
 * starts on half of them. Throws ConfigError when it is not empty.
 */
export async function prepareTarget(
  target: Storage,
  now: number,
  mark: CopyMark,
  migrations: readonly string[] = knownMigrations,
): Promise<void> {
  await createServerState(target);
  await requireUnserved(target);
  const { unfinished, applied } = await target.read(async (unit) => ({
    unfinished: await findCopyMark(unit),
    applied: await appliedMigrations(unit),
  }));
  if (unfinished !== undefined) {
    throw new ConfigError(
      `The database holds what an interrupted ${unfinished.by} left. Empty it first: ${howToEmpty(target)}.`,
    );
  }
  const newer = applied.find((name) => !migrations.includes(name));
  if (newer !== undefined) {
    throw new ConfigError(
      `The database has a newer schema than the backup (${newer}). Give it an empty one: ${howToEmpty(target)}.`,
    );
  }
  await migrate(target, now, migrations);
  const full = await fullTable(target);
  if (full !== undefined) {
    throw new ConfigError(
      `The database is not empty: there are rows in ${full}. Give it an empty one: ${howToEmpty(target)}.`,
    );
  }
  await target.write(async (unit) => {
    // A server that once started on it left a data key, which nothing was sealed under.
    await unit.run(`delete from server_state where not ${OF_THIS_DATABASE}`, []);
    await putCopyMark(unit, mark);
  });
}

async function fullTable(target: Storage): Promise<string | undefined> {
  for (const table of copiedTables) {
    if (table.name === 'server_state') continue;
    try {
      if (await target.read((unit) => hasRows(unit, table))) return table.name;
    } catch (error) {
      // It comes with a migration that is applied after the rows are in.
      if (!isMissingTable(error)) throw error;
    }
  }
  return undefined;
}

export const howToEmpty = (storage: Storage) =>
  storage.dialect === 'sqlite'
    ? 'remove poolkeeper.db and the files beside it whose names begin so'
    : 'drop the database and create it again';
