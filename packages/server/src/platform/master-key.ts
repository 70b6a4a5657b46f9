import { createHash, hkdfSync } from 'node:crypto';
import { createKeyring } from './keyring.ts';

/**
 * A master key opens nothing but the data key, which does all the work and never changes: to change the master key is
 * to wrap 32 bytes anew, and what was sealed or digested before stays as it is.
 */
export interface MasterKey {
  /** A one-way mark of the key, kept in the database so that another key is noticed at start and not at the first user. */
  readonly fingerprint: string;
  /** XAES-256-GCM under a key derived from the master key; base64. */
  wrap(dataKey: Uint8Array): string;
  /** Throws when it was altered or wrapped under another master key. */
  unwrap(wrapped: string): Buffer;
  /** For a database that was written before there were data keys: there the master key did their work. */
  readonly asDataKey: Buffer;
}

const CONTEXT = 'server_state/data-key';

/** `bytes` are 32 random ones. */
export function masterKeyOf(bytes: Uint8Array): MasterKey {
  const derive = (label: string) => new Uint8Array(hkdfSync('sha256', bytes, '', `poolkeeper/${label}`, 32));
  const wrapping = createKeyring(derive('wrap'));
  return {
    fingerprint: createHash('sha256').update(derive('fingerprint')).digest('base64'),
    wrap: (dataKey) => wrapping.seal(CONTEXT, dataKey).toString('base64'),
    unwrap: (wrapped) => wrapping.open(CONTEXT, Buffer.from(wrapped, 'base64')),
    asDataKey: Buffer.from(bytes),
  };
}
