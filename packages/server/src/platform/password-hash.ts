/**
 * Passwords at rest: argon2id (RFC 9106) in PHC string format, `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.
 * A password is hashed as the exact UTF-8 bytes that came: Cognito does not normalise, and SRP clients hash those bytes
 * too, so normalising here would let the two ways of signing in disagree.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { fairQueue, type Turn } from './fair-queue.ts';

type Parameters = { memory: number; passes: number; parallelism: number };

/** OWASP Password Storage Cheat Sheet's first choice for argon2id; memory in KiB. About 28 ms on one server core. */
const CURRENT: Parameters = { memory: 19456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MAX_MEMORY = 262_144;
const MAX_PASSES = 16;
const MAX_PARALLELISM = 8;

const argon2Async = promisify(argon2);

/**
 * One hash takes 19 MiB and a thread of libuv's pool (four by default) for some 28 ms. A flood of sign-ins would take
 * all the threads and leave key agreement, file and DNS work waiting, so no more run at once than there are cores, and
 * never more than three.
 */
export const HASHES_AT_ONCE = Math.min(availableParallelism(), 3);
/** On one core the last of them waits for seven seconds, on three for two and a half; most clients wait for longer. */
export const HASHES_WAITING = 256;
const queue = fairQueue({ running: HASHES_AT_ONCE, waiting: HASHES_WAITING });

/** How many hashes wait for their turn. */
export const hashesWaiting = queue.length;
/** Throws `QueueFull` while no hash of this lane would be let in, for who counts an attempt before the hash. */
export const requireRoomToHash = queue.requireRoom;

/** A PHC string for `password` under a fresh salt. Throws `QueueFull` when too many wait. */
export async function hashPassword(password: string, turn?: Turn): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return formatPhc(CURRENT, salt, await derive(CURRENT, salt, HASH_BYTES, password, turn));
}

/**
 * Whether `password` is the one behind `phc`; compares in constant time. The parameters are the string's own, so that
 * hashes outlive a change of `CURRENT`. Throws a RangeError on a string that is not argon2id v19 or asks for more than
 * 256 MiB, 16 passes or 8 lanes: a hash is data, and must not be able to exhaust the server. Throws `QueueFull` when too
 * many wait.
 */
export async function verifyPassword(phc: string, password: string, turn?: Turn): Promise<boolean> {
  const { parameters, salt, hash } = parsePhc(phc);
  return timingSafeEqual(await derive(parameters, salt, hash.length, password, turn), hash);
}

/** A hash like any other, of a password that nobody knows. It costs nothing. */
export const hashOfNone = (): string => formatPhc(CURRENT, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));

/** To verify against when there is no user, so that both cases take as long. */
export const dummyHash = hashOfNone();

function derive(
  parameters: Parameters,
  salt: Buffer,
  tagLength: number,
  password: string,
  turn?: Turn,
): Promise<Buffer> {
  const message = Buffer.from(password, 'utf8');
  return queue.run(() => argon2Async('argon2id', { ...parameters, message, nonce: salt, tagLength }), turn);
}

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function parsePhc(phc: string): { parameters: Parameters; salt: Buffer; hash: Buffer } {
  const [, m, t, p, salt, hash] = PHC.exec(phc) ?? [];
  const parameters = { memory: Number(m), passes: Number(t), parallelism: Number(p) };
  const bounded =
    parameters.memory <= MAX_MEMORY &&
    parameters.passes >= 1 &&
    parameters.passes <= MAX_PASSES &&
    parameters.parallelism >= 1 &&
    parameters.parallelism <= MAX_PARALLELISM &&
    parameters.memory >= 8 * parameters.parallelism;
  if (salt === undefined || hash === undefined || !bounded) {
    throw new RangeError('not an argon2id hash that this server reads');
  }
  return { parameters, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function formatPhc({ memory, passes, parallelism }: Parameters, salt: Buffer, hash: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** The PHC string format's B64 is Base64 without its `=`. */
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
