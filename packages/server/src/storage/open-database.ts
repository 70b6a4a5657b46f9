import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseConfig } from '../config/database-config.ts';
import { fingerprintOf, loadMasterKey, requireSameKey } from '../config/master-key.ts';
import { createKeyring, type Keyring } from '../platform/keyring.ts';
import { migrate } from './migrations/migrate.ts';
import { openPostgres } from './postgres.ts';
import { findServerState, insertServerState } from './repositories/server-state.ts';
import { openSqlite } from './sqlite.ts';
import type { Storage } from './unit.ts';

export interface OpenDatabase {
  readonly storage: Storage;
  readonly keyring: Keyring;
  close(): Promise<void>;
}

/** The configured database, brought to the newest schema, with the keys that open what is sealed in it. */
export async function openDatabase(config: DatabaseConfig, now: number): Promise<OpenDatabase> {
  const { directory, remove } = dataDirectory(config.data);
  let storage: Storage | undefined;
  const close = async () => {
    await storage?.close();
    remove();
  };
  try {
    storage =
      config.databaseUrls.length > 0
        ? await openPostgres({ urls: config.databaseUrls, connections: config.databaseConnections })
        : openSqlite(directory);
    await migrate(storage, now);
    const masterKey = loadMasterKey(config.masterKey, directory);
    await checkMasterKey(storage, masterKey);
    return { storage, keyring: createKeyring(masterKey), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function dataDirectory(data: string): { directory: string; remove(): void } {
  if (data !== ':memory:') {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    return { directory: data, remove: () => {} };
  }
  const directory = mkdtempSync(join(tmpdir(), 'poolkeeper-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

async function checkMasterKey(storage: Storage, masterKey: Uint8Array): Promise<void> {
  const current = fingerprintOf(masterKey);
  const name = 'master-key-fingerprint';
  const stored = await storage.write(async (unit) => {
    await insertServerState.run(unit, { name, value: current });
    return (await findServerState.first(unit, { name }))?.value ?? '';
  });
  requireSameKey(stored, current);
}
