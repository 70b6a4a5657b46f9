import { ConfigError } from '../../config/config-error.ts';
import { knownMigrations } from '../migrations/migrate.ts';
import type { ColumnKind, Columns } from './row-codec.ts';

/**
 * A backup is gzip of lines of JSON: a header, then of each table a head, its rows as arrays and a foot with their
 * number, and at the end the SHA-256 of all bytes before that line. It describes itself, so that a later version, with
 * other columns, and another kind of database can take it.
 */
export interface BackupHeader {
  readonly format: 'poolkeeper-backup';
  readonly version: 1;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** Those that had been applied to the database. */
  readonly migrations: readonly string[];
  /** Fingerprints of the master keys that open it. */
  readonly masterKeys: readonly string[];
}

export interface TableHead {
  readonly table: string;
  readonly columns: Columns;
}

export interface TableFoot {
  readonly table: string;
  readonly rows: number;
}

export interface BackupFoot {
  readonly sha256: string;
}

export class BackupDamaged extends Error {}

/** Throws ConfigError for a backup that this version cannot take. */
export function readHeader(value: unknown): BackupHeader {
  const header = (value ?? {}) as Partial<BackupHeader>;
  if (header.format !== 'poolkeeper-backup') throw new ConfigError('This is not a backup of Poolkeeper.');
  const { version, created, migrations, masterKeys } = header;
  if (version !== 1) {
    throw new ConfigError(
      `This backup is of a newer form (${version}) than this version of Poolkeeper reads.`,
    );
  }
  if (typeof created !== 'string' || !isTexts(migrations) || !isTexts(masterKeys)) {
    throw new BackupDamaged('its first line is not whole');
  }
  const newer = migrations.find((name) => !knownMigrations.includes(name));
  if (newer !== undefined) {
    throw new ConfigError(
      `This backup was made by a newer Poolkeeper (${newer}). Restore it with that version or a newer one.`,
    );
  }
  return { format: header.format, version, created, migrations, masterKeys };
}

const NAME = /^[a-z][a-z0-9_]*$/;
const KINDS: readonly ColumnKind[] = ['text', 'integer', 'bytes'];

export function readTableHead(value: TableHead): TableHead {
  const columns = Object.entries(value.columns ?? {});
  const whole =
    NAME.test(value.table) &&
    columns.length > 0 &&
    columns.every(([name, kind]) => NAME.test(name) && KINDS.includes(kind));
  if (!whole) throw new BackupDamaged('the head of a table is not whole');
  return value;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
