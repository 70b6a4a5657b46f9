import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import {
  BackupDamaged,
  type BackupFoot,
  type BackupHeader,
  readHeader,
  readTableHead,
  type TableFoot,
  type TableHead,
} from './backup-format.ts';
import { type Values, valuesFromJson } from './row-codec.ts';
import { BATCH } from './table.ts';

/** Told of a backup's parts in their order. */
export interface BackupReader {
  header?(header: BackupHeader): Promise<void>;
  /** A batch of a table's rows. */
  rows?(table: TableHead, rows: readonly Values[]): Promise<void>;
}

/**
 * Reads a backup and checks it: what `reader` was told of is known to be right when this resolves, not before. Throws
 * BackupDamaged, or ConfigError for what is no backup or one of a newer version.
 */
export async function readBackup(source: Readable, reader: BackupReader): Promise<BackupHeader> {
  try {
    let header: BackupHeader | undefined;
    await pipeline(source, createGunzip(), async (bytes) => {
      header = await readLines(linesOf(bytes), reader);
    });
    return header as BackupHeader;
  } catch (error) {
    // A gzip stream that is cut short, altered or none at all.
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (/^Z_/.test(code)) throw new BackupDamaged(message, { cause: error });
    throw error;
  }
}

async function readLines(lines: AsyncIterable<Buffer>, reader: BackupReader): Promise<BackupHeader> {
  const hash = createHash('sha256');
  let header: BackupHeader | undefined;
  let table: TableHead | undefined;
  let batch: Values[] = [];
  let count = 0;
  let whole = false;
  const hand = async () => {
    if (table !== undefined && batch.length > 0) await reader.rows?.(table, batch);
    count += batch.length;
    batch = [];
  };
  for await (const line of lines) {
    if (whole) throw new BackupDamaged('something follows its end');
    const value = parse(line);
    if (header === undefined) {
      header = readHeader(value);
      await reader.header?.(header);
    } else if (isFoot(value)) {
      if (table !== undefined) throw new BackupDamaged('the end of a table is missing');
      if (value.sha256 !== hash.digest('hex')) throw new BackupDamaged('its checksum is another');
      whole = true;
      continue;
    } else if (isTableFoot(value)) {
      await hand();
      if (value.table !== table?.table || value.rows !== count) {
        throw new BackupDamaged(`rows of ${value.table} are missing`);
      }
      table = undefined;
      count = 0;
    } else if (table === undefined) {
      table = readTableHead(value as TableHead);
    } else {
      batch.push(rowOf(table, value));
      if (batch.length === BATCH) await hand();
    }
    hash.update(line);
  }
  if (header === undefined || !whole) throw new BackupDamaged('its end is missing');
  return header;
}

const NEW_LINE = 10;

/** Lines with the character that ends them. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(NEW_LINE); to >= 0; to = chunk.indexOf(NEW_LINE, from)) {
      const end = chunk.subarray(from, to + 1);
      yield begun.length === 0 ? end : Buffer.concat([...begun, end]);
      begun = [];
      from = to + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch (error) {
    throw new BackupDamaged('a line of it cannot be read', { cause: error });
  }
}

function rowOf(table: TableHead, value: unknown): Values {
  try {
    return valuesFromJson(table.columns, value);
  } catch (error) {
    throw new BackupDamaged(`${table.table}: ${(error as Error).message}`, { cause: error });
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFoot = (value: unknown): value is BackupFoot => isObject(value) && 'sha256' in value;
const isTableFoot = (value: unknown): value is TableFoot => isObject(value) && 'rows' in value;
