import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';

const FILE = 'master.key';

/** 32 random bytes, as they are configured: base64. */
export const newMasterKey = (): string => randomBytes(32).toString('base64');

/**
 * The configured keys, apart by white space, or the one kept beside the database; none where there is neither. The
 * first is the current one, the others open what is not yet wrapped under it. Throws ConfigError.
 */
export function readMasterKeys(configured: string | undefined, directory: string): readonly Buffer[] {
  if (configured !== undefined) return parseMasterKeys(configured);
  const file = join(directory, FILE);
  return existsSync(file) ? [readKeyFile(file)] : [];
}

/** Throws ConfigError. */
export const parseMasterKeys = (text: string): readonly Buffer[] =>
  text.split(/\s+/).filter(Boolean).map(parseMasterKey);

function parseMasterKey(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32) {
    throw new ConfigError(
      'A master key must be 32 bytes in base64, such as `poolkeeper master-key new` prints.',
    );
  }
  return bytes;
}

/** Makes the key of a new database, beside it and for nobody else to read. Of several that try at once, one makes it. */
export function createKeyFile(directory: string): Buffer {
  const file = join(directory, FILE);
  const own = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(own, `${newMasterKey()}\n`, { mode: 0o600, flush: true });
  try {
    // A link is made whole or not at all, and never in the place of another.
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own);
  }
  return readKeyFile(file);
}

/** Puts a key in the place of the one beside the database. A crash leaves the one or the other. */
export function replaceKeyFile(directory: string, key: string): void {
  const next = join(directory, `${FILE}.new`);
  writeFileSync(next, `${key}\n`, { mode: 0o600, flush: true });
  renameSync(next, join(directory, FILE));
  const folder = openSync(directory, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function readKeyFile(file: string): Buffer {
  const text = readFileSync(file, 'utf8').trim();
  if (Buffer.from(text, 'base64').length !== 32) {
    throw new ConfigError(`${file} does not hold a master key (32 bytes in base64).`);
  }
  return parseMasterKey(text);
}
