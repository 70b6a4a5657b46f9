import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import type { TlsFiles } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { SECOND } from '../platform/duration.ts';

/** How soon a renewed certificate is noticed. Contents are compared: watchers miss the swaps of symbolic links. */
const POLL = 2 * SECOND;

/** What `https.createServer` and `setSecureContext` take. */
export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** The certificate and its key. Throws ConfigError for files that cannot be read or do not belong together. */
export async function readTlsPair(files: TlsFiles): Promise<TlsPair> {
  const [cert, key] = await Promise.all([contentOf('tls-cert', files.cert), contentOf('tls-key', files.key)]);
  const pair = { cert, key, minVersion: 'TLSv1.2' } as const;
  requireMatch(files, pair);
  return pair;
}

async function contentOf(option: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`--${option}: the file ${file} could not be read (${code}).`);
  }
}

function requireMatch(files: TlsFiles, { cert, key }: TlsPair): void {
  const certificate = parsed(
    () => new X509Certificate(cert),
    `--tls-cert: ${files.cert} holds no certificate in PEM.`,
  );
  const privateKey = parsed(
    () => createPrivateKey(key),
    `--tls-key: ${files.key} holds no private key in PEM.`,
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError(`The key in ${files.key} is not that of the certificate in ${files.cert}.`);
  }
  // The rest of the chain is looked at here.
  parsed(() => createSecureContext({ cert, key }), `--tls-cert: ${files.cert} cannot be used for TLS.`);
}

function parsed<T>(parse: () => T, problem: string): T {
  try {
    return parse();
  } catch {
    throw new ConfigError(problem);
  }
}

/** Serves a renewed pair from the next connection on; a broken one is logged, and the one before stays. */
export function followTlsFiles(
  server: Server,
  files: TlsFiles,
  first: TlsPair,
  log: Logger,
): { close(): void } {
  let served = markOf(first);
  let failures = 0;

  async function look(): Promise<void> {
    try {
      const pair = await readTlsPair(files);
      failures = 0;
      if (markOf(pair) === served) return;
      server.setSecureContext(pair);
      served = markOf(pair);
      log.info({ validTo: new X509Certificate(pair.cert).validTo }, 'The TLS certificate was renewed.');
    } catch (error) {
      failures += 1;
      // Told at the second sight, and once: a certificate is written a moment before its key.
      if (failures === 2)
        log.error({ err: error }, 'The TLS files are broken; the pair before stays in use.');
    }
  }

  const timer = setInterval(look, POLL);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

const markOf = ({ cert, key }: TlsPair) =>
  createHash('sha256').update(cert).update('\0').update(key).digest('base64');
