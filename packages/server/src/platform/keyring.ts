import { createHmac, hkdfSync, randomFillSync } from 'node:crypto';
import { createXaes, NONCE_BYTES, openGcm } from './xaes.ts';

const VERSION = 2;
/** Of values that were sealed before nonces were long enough: `version (1) | iv (12) | tag (16) | ciphertext`. */
const SHORT_NONCES = 1;

/**
 * Nonces of two halves, both drawn at random: a first one for so many values, which is one derived key, and a second
 * for each. So few under one key never draw the same second half.
 */
const VALUES_A_FIRST_HALF = 65_536;
const HALF = NONCE_BYTES / 2;

/** Cut from one larger draw of the CSPRNG: a call for each would cost as much as the encryption. */
function nonceSource(): () => Buffer {
  const halves = Buffer.allocUnsafeSlow(HALF * 256);
  let used = halves.length;
  const first = Buffer.alloc(HALF);
  let values = VALUES_A_FIRST_HALF;
  return () => {
    if (values === VALUES_A_FIRST_HALF) {
      randomFillSync(first);
      values = 0;
    }
    if (used === halves.length) {
      randomFillSync(halves);
      used = 0;
    }
    used += HALF;
    values += 1;
    return Buffer.concat([first, halves.subarray(used - HALF, used)]);
  };
}

/** What a digest is for; each purpose has a key of its own, so that one kind of hash never passes for another. */
export type DigestPurpose = 'code' | 'refresh-token' | 'simulation';

/**
 * All cryptography that needs the server's data key.
 * Sealed values are `version (1) | nonce (24) | tag (16) | ciphertext`, XAES-256-GCM, bound to a context: a value moved
 * to another row, column or pool does not open.
 */
export interface Keyring {
  /** `context` names the place a value belongs to, e.g. `users.srp/us-east-1_AbCdEf123/<sub>`. */
  seal(context: string, plaintext: string | Uint8Array): Buffer;
  /** Throws when the value was altered, belongs to another context or was sealed under another data key. */
  open(context: string, sealed: Uint8Array): Buffer;
  /** HMAC-SHA-256 under the purpose's own key: 32 bytes. */
  digest(purpose: DigestPurpose, data: string): Buffer;
}

/** `dataKey` is 32 random bytes; every working key is derived from it by HKDF-SHA-256 (RFC 5869). */
export function createKeyring(dataKey: Uint8Array): Keyring {
  if (dataKey.length !== 32) throw new Error('The data key must be 32 bytes.');
  const derive = (label: string) => Buffer.from(hkdfSync('sha256', dataKey, '', `poolkeeper/${label}`, 32));
  const sealingKey = derive('seal');
  const xaes = createXaes(sealingKey);
  const nextNonce = nonceSource();
  const digestKeys: Record<DigestPurpose, Buffer> = {
    code: derive('digest/code'),
    'refresh-token': derive('digest/refresh-token'),
    simulation: derive('digest/simulation'),
  };
  return {
    seal(context, plaintext) {
      const nonce = nextNonce();
      return Buffer.concat([Buffer.of(VERSION), nonce, ...xaes.encrypt(nonce, plaintext, context)]);
    },
    open(context, sealed) {
      if (sealed[0] === SHORT_NONCES)
        return openGcm(sealingKey, sealed.subarray(1, 13), sealed.subarray(13), context);
      if (sealed[0] !== VERSION) throw new Error('Sealed value of an unknown version.');
      const end = 1 + NONCE_BYTES;
      return xaes.decrypt(sealed.subarray(1, end), sealed.subarray(end), context);
    },
    digest: (purpose, data) => createHmac('sha256', digestKeys[purpose]).update(data).digest(),
  };
}
