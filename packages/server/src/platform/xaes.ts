import { createCipheriv, createDecipheriv } from 'node:crypto';

export const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;

/** XAES-256-GCM (https://c2sp.org/XAES-256-GCM): AES-256-GCM whose nonces are long enough to be drawn at random, for ever. */
export interface Xaes {
  /** `tag (16) | ciphertext`, in pieces. */
  encrypt(nonce: Uint8Array, plaintext: string | Uint8Array, context: string): readonly Buffer[];
  /** Throws when the nonce, the context or a bit of the rest is another. */
  decrypt(nonce: Uint8Array, sealed: Uint8Array, context: string): Buffer;
}

/** `key` is 32 bytes. */
export function createXaes(key: Uint8Array): Xaes {
  const subkeyMask = maskOf(key);

  let latest: { readonly half: Uint8Array; readonly subkey: Buffer } | undefined;

  /** What the first half of the nonce makes of the key; the second half is the nonce of AES-256-GCM. */
  function subkeyOf(nonce: Uint8Array): Buffer {
    const half = nonce.subarray(0, NONCE_BYTES / 2);
    // Nonces that share the first half come in a row.
    if (latest === undefined || Buffer.compare(latest.half, half) !== 0) {
      latest = { half: Buffer.from(half), subkey: derived(half) };
    }
    return latest.subkey;
  }

  function derived(half: Uint8Array): Buffer {
    const blocks = Buffer.alloc(2 * BLOCK_BYTES);
    for (const counter of [1, 2]) {
      const at = (counter - 1) * BLOCK_BYTES;
      blocks[at + 1] = counter;
      blocks[at + 2] = 0x58;
      blocks.set(half, at + 4);
      for (let index = 0; index < BLOCK_BYTES; index += 1) {
        blocks[at + index] = (blocks[at + index] as number) ^ (subkeyMask[index] as number);
      }
    }
    return encryptBlocks(key, blocks);
  }

  return {
    encrypt(nonce, plaintext, context) {
      const cipher = createCipheriv('aes-256-gcm', subkeyOf(nonce), nonce.subarray(NONCE_BYTES / 2));
      cipher.setAAD(Buffer.from(context));
      const body =
        typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext);
      const last = cipher.final();
      return [cipher.getAuthTag(), body, last];
    },
    decrypt: (nonce, sealed, context) =>
      openGcm(subkeyOf(nonce), nonce.subarray(NONCE_BYTES / 2), sealed, context),
  };
}

/** AES-256-GCM by itself: `sealed` is `tag (16) | ciphertext`. Throws when anything is another. */
export function openGcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  // Without the length, a value cut short would open by a shorter tag, which is easier to forge.
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(0, TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(TAG_BYTES)), decipher.final()]);
}

/** K1 of CMAC (NIST SP 800-38B §6.1): the encrypted zero block, doubled in GF(2^128). */
function maskOf(key: Uint8Array): Buffer {
  const zero = encryptBlocks(key, Buffer.alloc(BLOCK_BYTES));
  const mask = Buffer.alloc(BLOCK_BYTES);
  for (let index = 0; index < BLOCK_BYTES; index += 1) {
    const carry = index + 1 < BLOCK_BYTES ? (zero[index + 1] as number) >> 7 : 0;
    mask[index] = (((zero[index] as number) << 1) | carry) & 0xff;
  }
  if ((zero[0] as number) & 0x80) mask[BLOCK_BYTES - 1] = (mask[BLOCK_BYTES - 1] as number) ^ 0x87;
  return mask;
}

const encryptBlocks = (key: Uint8Array, blocks: Buffer): Buffer =>
  createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(blocks);
