import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Seconds that a code is shown for (RFC 6238's default, and what authenticator apps assume). */
const PERIOD = 30;
const DIGITS = 6;
/** Steps that a phone's clock may be off, either way. */
const DRIFT = 1;
/** 256 bits: as long as Amazon Cognito's, which are 52 characters of base32. */
const SEED_BYTES = 32;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const newSeed = (): Buffer => randomBytes(SEED_BYTES);

/** RFC 4648 base32 without padding: the form that people type into an authenticator app. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(held >>> (bits - 5)) & 31];
  }
  return bits > 0 ? text + BASE32[(held << (5 - bits)) & 31] : text;
}

/** The code of a time step: HOTP (RFC 4226 §5.3) with HMAC-SHA-1, which is what every authenticator app knows. */
export function codeAt(seed: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', seed).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, '0');
}

export type TotpOutcome =
  | { readonly outcome: 'right'; readonly step: number }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'used' };

/**
 * Compares a code with those of now and of one step around it (RFC 6238 §5.2). A code is good once: `lastStep` is the
 * step of the last one that was accepted. `now` is in milliseconds.
 */
export function checkTotp(
  seed: Uint8Array,
  code: string,
  { now, lastStep }: { now: number; lastStep: number },
): TotpOutcome {
  const current = Math.floor(now / 1000 / PERIOD);
  const given = Buffer.from(code);
  let matched = -1;
  // All of them, whichever fits: the time taken tells nothing.
  for (let step = current - DRIFT; step <= current + DRIFT; step += 1) {
    const right = Buffer.from(codeAt(seed, step));
    if (given.length === right.length && timingSafeEqual(given, right)) matched = step;
  }
  if (matched < 0) return { outcome: 'wrong' };
  return matched > lastStep ? { outcome: 'right', step: matched } : { outcome: 'used' };
}
