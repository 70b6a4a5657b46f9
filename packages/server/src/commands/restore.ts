import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { startOptions } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { databaseConfigOf, databaseOptions, databaseOptionsGiven } from '../config/database-config.ts';
import { helpOf, type Options, readOptions } from '../config/options.ts';
import { BackupDamaged } from '../storage/copy/backup-format.ts';
import { readBackup } from '../storage/copy/read-backup.ts';
import { restoreBackup } from '../storage/copy/restore-backup.ts';
import { COPYING } from '../storage/copy/servers.ts';
import { openStorage } from '../storage/open-database.ts';
import type { Command } from './command.ts';
import { number, showProgress } from './progress.ts';

const options = {
  from: { type: 'string', help: ['FILE', 'the backup; - is standard input'] },
  ...databaseOptions,
} as const satisfies Options;

export const restore: Command = {
  summary: 'puts a backup into an empty database',
  usage: `poolkeeper restore --from FILE [options]

${helpOf(options)}

The database may be of another kind than the one that was backed up. What was revoked or changed after the backup is as
it was before: see docs/backup.md.`,
  async run(args) {
    const given = readOptions(options, args, process.env, startOptions);
    const from = given.one('from');
    if (from === undefined) throw new ConfigError('Say where the backup is: poolkeeper restore --from FILE');
    const config = await databaseConfigOf({ ...databaseOptionsGiven(given), masterKey: undefined });
    if (config.data === ':memory:') throw new ConfigError('A restore into :memory: would be lost at once.');
    // A file can be read twice, so nothing is written before all of it is known to be whole.
    if (from !== '-') await explained(from, readBackup(createReadStream(from), {}));
    const { storage, close } = await openStorage(config, { applicationName: COPYING });
    try {
      const progress = showProgress();
      const source: Readable = from === '-' ? process.stdin : createReadStream(from);
      const header = await explained(from, restoreBackup(storage, source, Date.now(), progress.onRows));
      const { rows, seconds } = progress.end();
      console.error(
        `Restored ${number(rows)} rows of ${header.created} in ${seconds.toFixed(1)} s. Start with the master key with the fingerprint ${header.masterKeys.join(' or ')}.`,
      );
    } finally {
      await close();
    }
  },
};

async function explained<T>(from: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const name = from === '-' ? 'on standard input' : from;
    if (error instanceof BackupDamaged) {
      throw new ConfigError(`The backup ${name} is damaged: ${error.message}.`, { cause: error });
    }
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && path === from) throw new ConfigError(`There is no file ${from}.`);
    throw error;
  }
}
