/**
 * The server's side of Cognito's SRP-6a dialect (RFC 2945, RFC 5054; details as in the Amplify and
 * amazon-cognito-identity-js sources): 3072-bit group, g = 2, SHA-256, integers hashed in Java's BigInteger bytes,
 * a 16-byte key by HKDF, and an HMAC over the challenge instead of SRP's own M1.
 *
 * The client's A arrives with the first call, so the whole key agreement happens there: what waits for the answer is
 * the 16-byte key, not the verifier and the ephemeral secret, and checking the answer is one HMAC.
 * Pool sign-in and device sign-in differ in names only (device: group key for pool name, device key for user id).
 */
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Ephemeral } from '../../platform/modexp.ts';
import {
  ELEMENT_BYTES,
  ephemeralOf,
  generator,
  newEphemeral,
  powerOfPublic,
  powerOfSecret,
  prime,
  toBigInt,
  toBytes,
  toElement,
} from '../../platform/modexp.ts';

/** What the server keeps instead of the password. Enough to guess it offline: seal it (see `packVerifier`). */
export type SrpVerifier = {
  /** Hex of the salt as an integer, hence without leading zeros; sent to the client as SALT. */
  readonly salt: string;
  /** v = g^x mod N, 384 bytes, big-endian. */
  readonly verifier: Buffer;
};

export type SrpChallenge = {
  /** Hex without leading zeros, as Java prints it; sent to the client as SRP_B. */
  readonly B: string;
  /** The key that the client's signature must be made with, 16 bytes. Secret: seal it into the session. */
  readonly key: Buffer;
};

export type SrpProof = {
  /** The pool id after its `_`, or the device group key. */
  readonly poolName: string;
  /** USER_ID_FOR_SRP, or the device key. */
  readonly userId: string;
  readonly key: Uint8Array;
  /** The bytes behind SECRET_BLOCK, decoded from Base64. */
  readonly secretBlock: Uint8Array;
  /** TIMESTAMP exactly as the client sent it. */
  readonly timestamp: string;
};

const SALT_BYTES = 16;
const MAX_SALT_BYTES = 64;
/** 384 bytes in hex and the `00` that some clients put before a set top bit. */
const MAX_HEX_DIGITS = ELEMENT_BYTES * 2 + 2;
const KEY_BYTES = 16;
const multiplier = toBigInt(sha256(padded(prime), padded(generator)));

/**
 * Salt and verifier for a password, by a random 16-byte salt.
 * Blocks the caller for 0.7 ms: the exponent is the password's hash, so the power is taken in constant time.
 */
export async function createVerifier(account: {
  poolName: string;
  userId: string;
  password: string;
}): Promise<SrpVerifier> {
  const salt = toBigInt(randomBytes(SALT_BYTES));
  const identity = sha256(`${account.poolName}${account.userId}:${account.password}`);
  const x = toBigInt(sha256(padded(salt), identity));
  return { salt: salt.toString(16), verifier: toElement(ephemeralOf(x).power) };
}

/**
 * A verifier that a client computed (ConfirmDevice's DeviceSecretVerifierConfig), brought into the stored form.
 *
 * @returns undefined when the salt is empty or over 64 bytes, or the verifier lies outside 2…N-2: each of 0, 1 and
 * N-1 would let anybody sign in.
 */
export function verifierFromClient(config: {
  salt: Uint8Array;
  verifier: Uint8Array;
}): SrpVerifier | undefined {
  if (config.salt.length === 0 || config.salt.length > MAX_SALT_BYTES) return undefined;
  if (config.verifier.length > ELEMENT_BYTES + 1) return undefined;
  const verifier = toBigInt(config.verifier);
  if (verifier < 2n || verifier > prime - 2n) return undefined;
  return { salt: toBigInt(config.salt).toString(16), verifier: toElement(verifier) };
}

/**
 * A stand-in verifier for a user who does not exist. Seed it with a keyed hash of pool and user name: the salt must be
 * the same at each attempt (RFC 5054 §2.5.1.3). Nobody knows a password for it: v is a random square, like every true
 * verifier, so that `startChallenge` does the same work and B is as evenly spread.
 */
export function simulatedVerifier(seed: Uint8Array): SrpVerifier {
  // 16 bytes over the prime's length make the remainder even to within 2^-128.
  const bytes = Buffer.from(hkdfSync('sha256', seed, '', 'simulated srp', SALT_BYTES + ELEMENT_BYTES + 16));
  const root = toBigInt(bytes.subarray(SALT_BYTES)) % prime;
  return {
    salt: toBigInt(bytes.subarray(0, SALT_BYTES)).toString(16),
    verifier: toElement((root * root) % prime),
  };
}

/**
 * Answers SRP_A: B = k·v + g^b, and the key out of S = (A·v^u)^b. Three powers, about 2 ms of work in all; 0.5 ms of it
 * (v^u, whose exponent is public) on the calling thread, the two that use the secret b on Node's thread pool.
 *
 * @param ephemeral b and g^b; left out but in tests of fixed values.
 * @returns undefined when A is not one to answer: not hex, longer than the group, zero, or not below N. RFC 5054
 * §2.5.4 demands the refusal of A mod N = 0 (S would be 0 without a password); an honest A is reduced already.
 */
export async function startChallenge(
  request: { A: string; verifier: SrpVerifier },
  ephemeral?: Ephemeral,
): Promise<SrpChallenge | undefined> {
  const A = parsePublicValue(request.A);
  if (A === undefined) return undefined;
  const v = toBigInt(request.verifier.verifier);
  const { secret, power } = ephemeral ?? (await newEphemeral());
  const B = (multiplier * v + power) % prime;
  const u = toBigInt(sha256(padded(A), padded(B)));
  const base = (A * powerOfPublic(v, u)) % prime;
  // OpenSSL refuses these as bases; only who knows v can bring them about, and to sign in that is enough already.
  if (base === 1n || base === prime - 1n) return undefined;
  const S = await powerOfSecret(base, secret);
  return { B: B.toString(16), key: deriveKey(S, u) };
}

/** The signature that PASSWORD_CLAIM_SIGNATURE must decode to, 32 bytes. */
export function expectedSignature(proof: SrpProof): Buffer {
  return createHmac('sha256', proof.key)
    .update(proof.poolName)
    .update(proof.userId)
    .update(proof.secretBlock)
    .update(proof.timestamp)
    .digest();
}

/** Whether `signature` (PASSWORD_CLAIM_SIGNATURE, Base64) proves the password. Compares in constant time. */
export function verifyProof(proof: SrpProof & { signature: string }): boolean {
  const expected = expectedSignature(proof);
  const given = Buffer.from(proof.signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** One buffer to seal and store: the salt's length in a byte, the salt, the verifier (401 bytes for our own salts). */
export function packVerifier(verifier: SrpVerifier): Buffer {
  const salt = toBytes(BigInt(`0x${verifier.salt}`));
  return Buffer.concat([Buffer.of(salt.length), salt, verifier.verifier]);
}

/** The inverse of `packVerifier`; throws a RangeError on anything that it cannot have made. */
export function unpackVerifier(packed: Uint8Array): SrpVerifier {
  const saltLength = packed[0] ?? 0;
  if (saltLength === 0 || packed.length !== 1 + saltLength + ELEMENT_BYTES) {
    throw new RangeError('not a packed SRP verifier');
  }
  return {
    salt: toBigInt(packed.subarray(1, 1 + saltLength)).toString(16),
    verifier: Buffer.from(packed.subarray(1 + saltLength)),
  };
}

function parsePublicValue(hex: string): bigint | undefined {
  if (hex.length > MAX_HEX_DIGITS || !/^[0-9a-f]+$/i.test(hex)) return undefined;
  const value = BigInt(`0x${hex}`);
  return value > 0n && value < prime ? value : undefined;
}

/** RFC 5869 with one block, as the clients write it out: salt u, info `Caldera Derived Key`, 16 bytes. */
function deriveKey(S: bigint, u: bigint): Buffer {
  return Buffer.from(hkdfSync('sha256', padded(S), padded(u), 'Caldera Derived Key', KEY_BYTES));
}

/** The clients' padHex: Java's BigInteger.toByteArray, a zero byte before a set top bit so that it stays positive. */
function padded(value: bigint): Buffer {
  const bytes = toBytes(value);
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function sha256(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
