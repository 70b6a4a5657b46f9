import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomFillSync } from 'node:crypto';

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** IVs are cut from one larger draw of the CSPRNG: a call for each would cost as much as the encryption. */
function ivSource(): () => Buffer {
  const pool = Buffer.allocUnsafeSlow(IV_BYTES * 256);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += IV_BYTES;
    return Buffer.from(pool.subarray(used - IV_BYTES, used));
  };
}

/** What a digest is for; each purpose has a key of its own, so that one kind of hash never passes for another. */
export type DigestPurpose = 'code' | 'refresh-token' | 'simulation';

/**
 * All cryptography that needs the server's data key.
 * Sealed values are `version (1) | iv (12) | tag (16) | ciphertext`, AES-256-GCM, bound to a context: a value moved
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
  const nextIv = ivSource();
  const digestKeys: Record<DigestPurpose, Buffer> = {
    code: derive('digest/code'),
    'refresh-token': derive('digest/refresh-token'),
    simulation: derive('digest/simulation'),
  };
  return {
    seal(context, plaintext) {
      const iv = nextIv();
      const cipher = createCipheriv('aes-256-gcm', sealingKey, iv);
      cipher.setAAD(Buffer.from(context));
      const body =
        typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext);
      const last = cipher.final();
      return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), body, last]);
    },
    open(context, sealed) {
      if (sealed[0] !== VERSION) throw new Error('Sealed value of an unknown version.');
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const iv = bytes.subarray(1, 1 + IV_BYTES);
      // Without the length, a value cut short would open by a shorter tag, which is easier to forge.
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(1 + IV_BYTES + TAG_BYTES)), decipher.final()]);
    },
    digest: (purpose, data) => createHmac('sha256', digestKeys[purpose]).update(data).digest(),
  };
}
