import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import type { DatabaseConfig } from '../config/database-config.ts';
import { createKeyFile, readMasterKeys } from '../config/master-key.ts';
import { createKeyring, type Keyring } from '../platform/keyring.ts';
import { hasDataKey, openDataKey } from './data-key.ts';
import { putServedMark, requireServable } from './marks.ts';
import { createServerState, migrate } from './migrations/migrate.ts';
import { isMissingTable } from './missing-table.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite, sqliteFile } from './sqlite.ts';
import type { Storage } from './unit.ts';

export interface OpenDatabase {
  readonly storage: Storage;
  readonly keyring: Keyring;
  close(): Promise<void>;
}

export interface OpenStorage {
  readonly storage: Storage;
  /** The data folder, or one of its own for `:memory:`. */
  readonly directory: string;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Works on a folder that a server may be using. */
  readonly beside?: boolean;
}

/** The configured database, brought to the newest schema, with the keys that open what is sealed in it. */
export async function openDatabase(
  config: DatabaseConfig,
  now: number,
  options: OpenOptions = {},
): Promise<OpenDatabase> {
  const { storage, directory, close } = await openStorage(config, options);
  try {
    await createServerState(storage);
    await requireServable(storage);
    await migrate(storage, now);
    const dataKey = await dataKeyOf(storage, config.masterKey, directory);
    await storage.write(putServedMark);
    return { storage, keyring: createKeyring(dataKey), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The configured database as it is: for what copies it, whatever is in it, and for what asks whether there is one. */
export async function openStorage(
  config: DatabaseConfig,
  options: OpenOptions & { applicationName?: string } = {},
): Promise<OpenStorage> {
  const { directory, remove } = dataDirectory(config.data);
  try {
    const storage =
      config.databaseUrls.length > 0
        ? await openPostgres({
            urls: config.databaseUrls,
            connections: config.databaseConnections,
            applicationName: options.applicationName,
          })
        : openSqlite(directory, options);
    const close = async () => {
      await storage.close();
      remove();
    };
    return { storage, directory, close };
  } catch (error) {
    remove();
    throw error;
  }
}

/** As `openStorage`, and throws ConfigError instead of making a database where there is none. */
export async function openExistingStorage(
  config: DatabaseConfig,
  options: Parameters<typeof openStorage>[1] = {},
): Promise<OpenStorage> {
  const sqlite = config.databaseUrls.length === 0;
  if (sqlite && !existsSync(sqliteFile(config.data))) {
    throw new ConfigError(`There is no database in ${config.data}. Name its folder with --data.`);
  }
  const opened = await openStorage(config, options);
  try {
    await opened.storage.read((unit) => unit.row('select name from server_state limit 1', []));
    return opened;
  } catch (error) {
    await opened.close();
    if (!isMissingTable(error)) throw error;
    throw new ConfigError('This database holds nothing of Poolkeeper: it has no table server_state.');
  }
}

async function dataKeyOf(storage: Storage, configured: string | undefined, directory: string) {
  const masterKeys = readMasterKeys(configured, directory);
  // A key made for what was written under another would only hide that the right one is missing.
  const missing = masterKeys.length === 0 && !(await hasDataKey(storage));
  return openDataKey(storage, missing ? [createKeyFile(directory)] : masterKeys);
}

function dataDirectory(data: string): { directory: string; remove(): void } {
  if (data !== ':memory:') {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    return { directory: data, remove: () => {} };
  }
  const directory = mkdtempSync(join(tmpdir(), 'poolkeeper-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
