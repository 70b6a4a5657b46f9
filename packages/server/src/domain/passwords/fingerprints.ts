import { createHash } from 'node:crypto';

/** What a password is known by in the list of common ones: the first 32 bits of its SHA-1. */
export const fingerprintOf = (password: string): number =>
  createHash('sha1').update(password, 'utf8').digest().readUInt32BE(0);

/** Sorted fingerprints as the distances between them, seven bits a byte: 3 bytes each instead of 4. */
export function packFingerprints(fingerprints: Iterable<number>): string {
  const bytes: number[] = [];
  let last = 0;
  for (const fingerprint of [...new Set(fingerprints)].sort((a, b) => a - b)) {
    let distance = fingerprint - last;
    last = fingerprint;
    for (; distance > 127; distance = Math.floor(distance / 128)) bytes.push((distance % 128) | 128);
    bytes.push(distance);
  }
  return Buffer.from(bytes).toString('base64');
}

/** Sorted again. */
export function unpackFingerprints(packed: string): Uint32Array {
  const found: number[] = [];
  let [last, distance, weight] = [0, 0, 1];
  for (const byte of Buffer.from(packed, 'base64')) {
    distance += (byte & 127) * weight;
    weight *= 128;
    if (byte > 127) continue;
    last += distance;
    found.push(last);
    [distance, weight] = [0, 1];
  }
  return Uint32Array.from(found);
}
