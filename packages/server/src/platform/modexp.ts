/**
 * Powers modulo the 3072-bit MODP prime (RFC 3526 §4, generator 2; the same prime as RFC 5054's), all by OpenSSL.
 *
 * Node has no "modular power" call, so each use takes the OpenSSL operation that is one:
 * secret exponents go through Diffie-Hellman, which OpenSSL computes in constant time and Node runs on its thread
 * pool; public exponents go through the raw RSA public operation, the cheapest call but not constant in the exponent.
 * `createDiffieHellman(prime)` is not used: it proves the prime anew on each call, 1.2 s.
 */
import type { KeyObject } from 'node:crypto';
import {
  constants,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPair,
  getDiffieHellman,
  publicEncrypt,
} from 'node:crypto';
import { promisify } from 'node:util';

const GROUP_NAME = 'modp15';
const primeBytes = getDiffieHellman(GROUP_NAME).getPrime();

/** The group's prime, 3072 bits. */
export const prime = toBigInt(primeBytes);
/** The group's generator. */
export const generator = 2n;
/** Bytes that hold any element of the group. */
export const ELEMENT_BYTES = primeBytes.length;

/** A secret exponent, held by OpenSSL, and the generator to its power. */
export type Ephemeral = { readonly secret: KeyObject; readonly power: bigint };

type KeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

// Both functions have overloads that `promisify` cannot tell apart, hence the types.
const generateKeyPairAsync = promisify(generateKeyPair) as unknown as (
  type: 'dh',
  options: { group: string },
) => Promise<KeyPair>;
const diffieHellmanAsync = promisify(diffieHellman) as (keys: KeyPair) => Promise<Buffer>;

/**
 * A fresh secret exponent and its power of the generator, made on the thread pool (0.9 ms). OpenSSL draws 275 bits,
 * its strength-matched length for this group (RFC 5054 §2.5.3 asks for at least 256).
 */
export async function newEphemeral(): Promise<Ephemeral> {
  const pair = await generateKeyPairAsync('dh', { group: GROUP_NAME });
  return { secret: pair.privateKey, power: publicValue(pair.publicKey) };
}

/**
 * An ephemeral of a given secret exponent; computes the power on the calling thread, in constant time (0.7 ms for 256
 * bits): PKCS #8 carries no public value, so OpenSSL makes it while it reads the key.
 */
export function ephemeralOf(exponent: bigint): Ephemeral {
  const secret = createPrivateKey({
    key: der(0x30, derInteger(0n), groupAlgorithm, der(0x04, derInteger(exponent))),
    format: 'der',
    type: 'pkcs8',
  });
  return { secret, power: publicValue(createPublicKey(secret)) };
}

/**
 * `base` to a secret exponent, on the thread pool and in constant time (0.6 ms for 275 bits).
 * Rejects for the bases 0, 1 and prime - 1, which OpenSSL takes for an attack (NIST SP 800-56A §5.6.2.3.2).
 */
export async function powerOfSecret(base: bigint, secret: KeyObject): Promise<bigint> {
  const publicKey = createPublicKey({
    key: der(0x30, groupAlgorithm, der(0x03, Buffer.of(0), derInteger(base))),
    format: 'der',
    type: 'spki',
  });
  return toBigInt(await diffieHellmanAsync({ privateKey: secret, publicKey }));
}

/**
 * `base` to an exponent that need not stay secret, on the calling thread (0.5 ms for 256 bits). It is textbook RSA
 * with the prime as its modulus: OpenSSL allows a long public exponent up to 3072 bits of modulus, and the base
 * (which may be secret) does not steer the time.
 */
export function powerOfPublic(base: bigint, exponent: bigint): bigint {
  const key = createPublicKey({
    key: { kty: 'RSA', n: primeBytes.toString('base64url'), e: toBytes(exponent).toString('base64url') },
    format: 'jwk',
  });
  return toBigInt(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, toElement(base)));
}

/** Big-endian bytes, as few as hold the number; zero is one byte. */
export function toBytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** Big-endian bytes of a group element, always ELEMENT_BYTES long. */
export function toElement(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(ELEMENT_BYTES * 2, '0'), 'hex');
}

export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex') || '0'}`);
}

/** dhKeyAgreement with the group's parameters (PKCS #3 §9), the AlgorithmIdentifier of both key formats. */
const groupAlgorithm = der(
  0x30,
  Buffer.from('06092a864886f70d010301', 'hex'),
  der(0x30, derInteger(prime), derInteger(generator)),
);

/** One DER element: tag, definite length, contents (X.690 §8.1). */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), body]);
}

function derInteger(value: bigint): Buffer {
  const bytes = toBytes(value);
  return der(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

/** Where the contents of the DER element at `offset` start and end. */
function derSpan(bytes: Buffer, offset: number): { start: number; end: number } {
  const first = bytes.readUInt8(offset + 1);
  const extra = first & 0x80 ? first & 0x7f : 0;
  const start = offset + 2 + extra;
  return { start, end: start + (extra ? bytes.readUIntBE(offset + 2, extra) : first) };
}

/** The number inside a DH public key: SubjectPublicKeyInfo is the algorithm, then a bit string around an INTEGER. */
function publicValue(key: KeyObject): bigint {
  const bytes = key.export({ format: 'der', type: 'spki' });
  const algorithm = derSpan(bytes, derSpan(bytes, 0).start);
  const integer = derSpan(bytes, derSpan(bytes, algorithm.end).start + 1);
  return toBigInt(bytes.subarray(integer.start, integer.end));
}
