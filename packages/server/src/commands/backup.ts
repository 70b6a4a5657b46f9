import { closeSync, createWriteStream, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { startOptions } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { databaseConfigOf, databaseOptions, databaseOptionsGiven } from '../config/database-config.ts';
import { helpOf, type Options, readOptions } from '../config/options.ts';
import { type BackupSummary, writeBackup } from '../storage/copy/write-backup.ts';
import { openExistingStorage } from '../storage/open-database.ts';
import type { Command } from './command.ts';
import { number, showProgress } from './progress.ts';

const options = {
  to: { type: 'string', help: ['FILE', 'where the backup goes; - is standard output'] },
  ...databaseOptions,
} as const satisfies Options;

export const backup: Command = {
  summary: 'writes everything into a file, while servers run',
  usage: `poolkeeper backup --to FILE [options]

${helpOf(options)}

The backup holds one state of the database, as of its beginning. It does not hold the master key, without which nobody
can use it: keep that somewhere else.`,
  async run(args) {
    const given = readOptions(options, args, process.env, startOptions);
    const to = given.one('to');
    if (to === undefined) throw new ConfigError('Say where the backup goes: poolkeeper backup --to FILE');
    if (to === '-' && process.stdout.isTTY) {
      throw new ConfigError('A backup is not for reading: send standard output into a file or a program.');
    }
    // It is copied as it is sealed, so the master key need not be here.
    const config = await databaseConfigOf({ ...databaseOptionsGiven(given), masterKey: undefined });
    const { storage, close } = await openExistingStorage(config, { beside: true });
    try {
      const progress = showProgress();
      const write = (destination: Writable) =>
        writeBackup(storage, destination, new Date().toISOString(), progress.onRows);
      const summary = await explained(to === '-' ? write(process.stdout) : intoFile(resolve(to), write));
      const { rows, seconds } = progress.end();
      const size = to === '-' ? '' : `, ${number(statSync(to).size)} bytes in ${to}`;
      console.error(`Backed up ${number(rows)} rows in ${seconds.toFixed(1)} s${size}.`);
      console.error(whatToKeep(summary));
    } finally {
      await close();
    }
  },
};

/** What is found under `file` is whole, whenever the machine stops. */
async function intoFile(file: string, write: (destination: Writable) => Promise<BackupSummary>) {
  const partial = `${file}.partial`;
  rmSync(partial, { force: true });
  const fd = openSync(partial, 'wx', 0o600);
  try {
    const summary = await write(createWriteStream(partial, { fd, flush: true }));
    renameSync(partial, file);
    const folder = openSync(dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return summary;
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** A full disk, a missing folder, a closed pipe: their messages name the file and say enough. */
async function explained<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    const { message, code = '' } = error as NodeJS.ErrnoException;
    if (!/^E(?:NOENT|NOTDIR|ACCES|ROFS|NOSPC|DQUOT|IO|PIPE)$/.test(code)) throw error;
    throw new ConfigError(`The backup cannot be written: ${message}`, { cause: error });
  }
}

const whatToKeep = ({ masterKeys }: BackupSummary) =>
  `The master key is not in it, and without it the backup is worth nothing. Keep the key apart from the backup; it is the one with the fingerprint ${masterKeys.join(' or ')}.`;
