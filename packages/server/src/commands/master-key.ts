import { startOptions } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { databaseConfigOf, databaseOptions, databaseOptionsGiven } from '../config/database-config.ts';
import { newMasterKey, parseMasterKeys, readMasterKeys, replaceKeyFile } from '../config/master-key.ts';
import { helpOf, readOptions } from '../config/options.ts';
import { masterKeyOf } from '../platform/master-key.ts';
import { rewrapDataKey } from '../storage/data-key.ts';
import { requireServable } from '../storage/marks.ts';
import { openExistingStorage } from '../storage/open-database.ts';
import type { Storage } from '../storage/unit.ts';
import type { Command } from './command.ts';

const usage = `poolkeeper master-key new
       poolkeeper master-key rotate [options]

new prints a key. rotate makes the first of POOLKEEPER_MASTER_KEY="<new key> <old key>" the only one that opens the
database, while servers run; without it, and with master.key in the data folder, it puts a new key into that file.

${helpOf(databaseOptions)}`;

export const masterKey: Command = {
  summary: 'makes a master key, or changes the one that opens the database',
  usage,
  async run([action, ...args]) {
    if (action === 'new' && args.length === 0) return console.log(newMasterKey());
    if (action !== 'rotate') throw new ConfigError(`Usage: ${usage}`);
    const config = await databaseConfigOf(
      databaseOptionsGiven(readOptions(databaseOptions, args, process.env, startOptions)),
    );
    const { storage, directory, close } = await openExistingStorage(config, { beside: true });
    try {
      await requireServable(storage);
      const next =
        config.masterKey === undefined
          ? await rotateFile(storage, directory)
          : await rotateConfigured(storage, parseMasterKeys(config.masterKey));
      console.error(
        `From now on the key with the fingerprint ${masterKeyOf(next).fingerprint} opens this database, and no other. Servers that run go on. Backups made before still need the key from before.`,
      );
    } finally {
      await close();
    }
  },
};

async function rotateConfigured(storage: Storage, keys: readonly Buffer[]): Promise<Buffer> {
  const [next] = keys;
  if (next === undefined || keys.length < 2) {
    throw new ConfigError('Give the new key and the old one: POOLKEEPER_MASTER_KEY="<new key> <old key>"');
  }
  await rewrapDataKey(storage, keys, [next]);
  return next;
}

/** At every moment the key in the file is one that opens the database, whenever this is interrupted. */
async function rotateFile(storage: Storage, directory: string): Promise<Buffer> {
  const current = readMasterKeys(undefined, directory);
  if (current.length === 0) {
    throw new ConfigError(`There is no master.key in ${directory}: give POOLKEEPER_MASTER_KEY.`);
  }
  const text = newMasterKey();
  const [next] = parseMasterKeys(text) as [Buffer];
  await rewrapDataKey(storage, current, [next, ...current]);
  replaceKeyFile(directory, text);
  await rewrapDataKey(storage, [next], [next]);
  return next;
}
