import { type Bytes, base64, fromBase64, hex } from './bytes.ts';
import { N } from './srp-group.ts';
import { hmac, sha256 } from './web-crypto.ts';

/** Cognito's dialect of SRP-6a (RFC 5054; details as in amazon-cognito-identity-js), the user's side. */
export interface SrpStart {
  /** Stays here. */
  readonly a: bigint;
  /** SRP_A, hex. */
  readonly A: string;
}

/** 256 random bits, as RFC 5054 §3.1 asks for at least. */
export async function startSrp(): Promise<SrpStart> {
  const a = integer(hex(crypto.getRandomValues(new Uint8Array(32))));
  return { a, A: (await power(2n, a)).toString(16) };
}

/** The ChallengeResponses that prove the password to PASSWORD_VERIFIER; `poolName` is the pool's id after its `_`. */
export async function proveSrp(
  { a, A }: SrpStart,
  poolName: string,
  password: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const { SRP_B = '', SALT = '', SECRET_BLOCK = '', USER_ID_FOR_SRP = '' } = parameters;
  const [B, salt] = [integer(SRP_B), integer(SALT)];
  const k = integer(hex(await sha256(padded(N), padded(2n))));
  const u = integer(hex(await sha256(padded(integer(A)), padded(B))));
  // RFC 5054 §2.5.3: with these, whoever answers would need no verifier.
  if (B % N === 0n || u === 0n)
    throw new TypeError('The server answered SRP with a value that proves nothing.');
  const identity = await sha256(`${poolName}${USER_ID_FOR_SRP}:${password}`);
  const x = integer(hex(await sha256(padded(salt), identity)));
  const base = (((B - k * (await power(2n, x))) % N) + N) % N;
  const prk = await hmac(padded(u), padded(await power(base, a + u * x)));
  const key = (await hmac(prk, 'Caldera Derived Key', Uint8Array.of(1))).slice(0, 16);
  const TIMESTAMP = timestamp(new Date());
  return {
    PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: base64(
      await hmac(key, poolName, USER_ID_FOR_SRP, fromBase64(SECRET_BLOCK), TIMESTAMP),
    ),
    TIMESTAMP,
  };
}

/** `Tue Nov 3 07:05:09 UTC 2026`: the day unpadded, in English wherever the page is read. */
export function timestamp(date: Date): string {
  const [weekday, day, month, year, time] = date.toUTCString().split(/,? /);
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}

/** How long a page may stand still, in milliseconds: half of a frame. */
const TURN = 8;

/** base^exponent mod N. Lets others have their turn: on a telephone a whole power takes longer than a frame. */
async function power(base: bigint, exponent: bigint): Promise<bigint> {
  let result = 1n;
  let since = performance.now();
  for (const bit of exponent.toString(2)) {
    result = (result * result) % N;
    if (bit === '1') result = (result * base) % N;
    if (performance.now() - since > TURN) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
  }
  return result;
}

/** Of hex digits, no more than the group has; a text of other digits is a SyntaxError of `BigInt`. */
function integer(digits: string): bigint {
  if (digits.length > 2 + 3072 / 4) throw new RangeError('The server answered SRP with too large a number.');
  return BigInt(`0x${digits}`);
}

/** Java's BigInteger.toByteArray: a zero byte before a set top bit, so that the number stays positive. */
function padded(value: bigint): Bytes {
  const digits = value.toString(16);
  const even = digits.length % 2 ? `0${digits}` : /^[89a-f]/.test(digits) ? `00${digits}` : digits;
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
