import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';

/** The configured key, or the one kept beside the database, made at the first start (mode 0600). */
export function loadMasterKey(configured: string | undefined, directory: string): Buffer {
  if (configured !== undefined) return Buffer.from(configured, 'base64');
  const file = join(directory, 'master.key');
  if (!existsSync(file))
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
  const key = Buffer.from(readFileSync(file, 'utf8'), 'base64');
  if (key.length !== 32) throw new ConfigError(`${file} does not hold a master key (32 bytes in base64).`);
  return key;
}

/** A one-way mark of the key, kept in the database so that another key is noticed at start and not at the first user. */
export const fingerprintOf = (masterKey: Uint8Array): string =>
  createHash('sha256')
    .update(new Uint8Array(hkdfSync('sha256', masterKey, '', 'poolkeeper/fingerprint', 32)))
    .digest('base64');

/** Throws ConfigError. */
export function requireSameKey(stored: string, current: string): void {
  const [a, b] = [Buffer.from(stored), Buffer.from(current)];
  if (a.length === b.length && timingSafeEqual(a, b)) return;
  throw new ConfigError(
    'This database was written under another master key. Start with the key it was created with: what is sealed cannot be read without it.',
  );
}
