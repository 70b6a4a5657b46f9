import type { Readable } from 'node:stream';
import { removeCopyMark } from '../marks.ts';
import { migrate } from '../migrations/migrate.ts';
import type { Storage } from '../unit.ts';
import type { BackupHeader } from './backup-format.ts';
import type { OnRows } from './progress.ts';
import { readBackup } from './read-backup.ts';
import { insertRows } from './table.ts';
import { prepareTarget } from './target.ts';

/**
 * Puts a backup into an empty database. Until all of it is there and its checksum was right, no server starts on it;
 * after that the database has the newest schema, whichever the backup had.
 */
export async function restoreBackup(
  target: Storage,
  source: Readable,
  now: number,
  onRows: OnRows,
): Promise<BackupHeader> {
  const header = await readBackup(source, {
    header: ({ migrations }) => prepareTarget(target, now, { by: 'restore' }, migrations),
    async rows({ table, columns }, rows) {
      await target.write(async (unit) => insertRows(unit, { name: table, columns, key: [] }, rows));
      onRows(table, rows.length);
    },
  });
  await migrate(target, now);
  await target.write(removeCopyMark);
  return header;
}
