import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ConfigError } from '../../config/config-error.ts';
import { fingerprintsIn } from '../data-key.ts';
import { requireWhole } from '../marks.ts';
import { appliedMigrations, knownMigrations } from '../migrations/migrate.ts';
import type { Storage, Unit } from '../unit.ts';
import type { BackupHeader } from './backup-format.ts';
import type { OnRows } from './progress.ts';
import { jsonOf } from './row-codec.ts';
import { copiedTables, readTable } from './table.ts';

/** What a backup holds, for who made it. */
export interface BackupSummary {
  readonly rows: Readonly<Record<string, number>>;
  readonly masterKeys: readonly string[];
}

/** Sealed and hashed values hardly shrink, so a higher level costs time for nothing. */
const LEVEL = 1;

/** Writes one state of the database to `destination`, however long it takes and whatever is written meanwhile. */
export function writeBackup(
  storage: Storage,
  destination: Writable,
  created: string,
  onRows: OnRows,
): Promise<BackupSummary> {
  return storage.snapshot(async (unit) => {
    const header = await headerOf(unit, created);
    const rows: Record<string, number> = {};
    const lines = backupLines(unit, header, (table, count) => {
      rows[table] = (rows[table] ?? 0) + count;
      onRows(table, count);
    });
    await pipeline(lines, createGzip({ level: LEVEL }), destination);
    return { rows, masterKeys: header.masterKeys };
  });
}

async function headerOf(unit: Unit, created: string): Promise<BackupHeader> {
  await requireWhole(unit);
  const migrations = await appliedMigrations(unit);
  const missing = knownMigrations.find((name) => !migrations.includes(name));
  const newer = migrations.find((name) => !knownMigrations.includes(name));
  // Columns that the other version has or lacks would be lost, or asked for in vain.
  if (missing !== undefined || newer !== undefined) {
    throw new ConfigError(
      `The database has the schema of ${newer ? 'a newer' : 'an older'} Poolkeeper (${newer ?? missing}). Back it up with the version that serves it.`,
    );
  }
  const masterKeys = await fingerprintsIn(unit);
  return { format: 'poolkeeper-backup', version: 1, created, migrations, masterKeys };
}

async function* backupLines(unit: Unit, header: BackupHeader, onRows: OnRows): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;
  const hashed = (text: string) => {
    hash.update(text);
    return text;
  };
  yield hashed(line(header));
  for (const table of copiedTables) {
    let count = 0;
    yield hashed(line({ table: table.name, columns: table.columns }));
    for await (const { rows } of readTable(unit, table)) {
      yield hashed(rows.map((values) => line(jsonOf(values))).join(''));
      count += rows.length;
      onRows(table.name, rows.length);
    }
    yield hashed(line({ table: table.name, rows: count }));
  }
  yield line({ sha256: hash.digest('hex') });
}
