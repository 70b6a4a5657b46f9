import { randomBytes } from 'node:crypto';
import { ConfigError } from '../config/config-error.ts';
import { type MasterKey, masterKeyOf } from '../platform/master-key.ts';
import { findServerState, insertServerState, replaceServerState } from './repositories/server-state.ts';
import type { Storage, Unit } from './unit.ts';

/** The data key, wrapped under each master key that opens this database: `{ "<fingerprint>": "<wrapped>" }`. */
const DATA_KEY = 'data-key';
/** Of a database that was written before there were data keys: its master key did their work. */
const FINGERPRINT = 'master-key-fingerprint';

const wrapped = (masterKeys: readonly MasterKey[], dataKey: Uint8Array) =>
  JSON.stringify(Object.fromEntries(masterKeys.map((key) => [key.fingerprint, key.wrap(dataKey)])));

/** Whether something may be sealed in it already, so that a new master key would be the wrong one. */
export const hasDataKey = (storage: Storage): Promise<boolean> =>
  storage.read(async (unit) => {
    for (const name of [DATA_KEY, FINGERPRINT]) if (await findServerState.first(unit, { name })) return true;
    return false;
  });

/**
 * The key that everything in this database is sealed under, made at the first start: of many nodes that start at once
 * one makes it and all use it. Throws ConfigError when none of the master keys opens it.
 */
export async function openDataKey(storage: Storage, keys: readonly Uint8Array[]): Promise<Buffer> {
  const masterKeys = keys.map(masterKeyOf);
  const drawn = randomBytes(32);
  const value = await storage.write(async (unit) => {
    const stored = await findServerState.first(unit, { name: DATA_KEY });
    if (stored !== undefined) return stored.value;
    await insertServerState.run(unit, { name: DATA_KEY, value: await firstValue(unit, masterKeys, drawn) });
    return (await findServerState.first(unit, { name: DATA_KEY }))?.value ?? '{}';
  });
  return unwrap(value, masterKeys);
}

async function firstValue(unit: Unit, masterKeys: readonly MasterKey[], drawn: Buffer): Promise<string> {
  const written = await findServerState.first(unit, { name: FINGERPRINT });
  const first = masterKeys.find((key) => written === undefined || key.fingerprint === written.value);
  if (first === undefined) throw wrongMasterKey(masterKeys);
  return wrapped([first], written === undefined ? drawn : first.asDataKey);
}

/**
 * Makes these master keys the only ones that open the database; `masterKeys` are those at hand, one of which opens it
 * now. Nodes that run keep the data key in memory and notice nothing. Throws ConfigError.
 */
export async function rewrapDataKey(
  storage: Storage,
  masterKeys: readonly Uint8Array[],
  next: readonly Uint8Array[],
): Promise<void> {
  const dataKey = await openDataKey(storage, masterKeys);
  const to = wrapped(next.map(masterKeyOf), dataKey);
  const replaced = await storage.write(async (unit) => {
    const from = (await findServerState.first(unit, { name: DATA_KEY }))?.value ?? '';
    // Somebody else may have changed the keys since it was opened.
    unwrap(from, masterKeys.map(masterKeyOf));
    return replaceServerState.run(unit, { name: DATA_KEY, from, to });
  });
  if (replaced !== 1)
    throw new ConfigError('The master key was changed by somebody else just now. Look again.');
}

/** Those that open this database now. */
export async function fingerprintsIn(unit: Unit): Promise<readonly string[]> {
  const stored = await findServerState.first(unit, { name: DATA_KEY });
  if (stored !== undefined) return Object.keys(JSON.parse(stored.value));
  const written = await findServerState.first(unit, { name: FINGERPRINT });
  return written === undefined ? [] : [written.value];
}

function unwrap(value: string, masterKeys: readonly MasterKey[]): Buffer {
  const wraps = JSON.parse(value) as Readonly<Record<string, string>>;
  for (const key of masterKeys) {
    const own = wraps[key.fingerprint];
    if (own !== undefined) return key.unwrap(own);
  }
  throw wrongMasterKey(masterKeys);
}

const wrongMasterKey = (masterKeys: readonly MasterKey[]) =>
  new ConfigError(
    masterKeys.length === 0
      ? 'This database was written under a master key that is not here: what is sealed cannot be read without it. Give it as POOLKEEPER_MASTER_KEY, or put its master.key into the data folder.'
      : 'This database was written under another master key. Start with its own: what is sealed cannot be read without it.',
  );
