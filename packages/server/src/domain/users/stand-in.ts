import type { AddressAttribute } from '../delivery/masked-destination.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { looksLikeEmail, looksLikePhoneNumber } from './attributes.ts';
import { foldName } from './names.ts';

/** Who is made up for a name that nobody has. */
export interface StandIn {
  readonly sub: string;
  readonly username: string;
}

type Addresses = Partial<Record<AddressAttribute, string>>;

/**
 * The 122 bits of a stand-in's sub that are random in a user's:
 * `name (44) | what a masked address shows, encrypted (34) | tag (44)`. The first is a keyed hash of the name; the tag
 * is one of the two before it, and a random UUID has it by a chance of 2^-44. So a sub that was told as a username is
 * known for one of the server's own, and stands for the same nobody, with the same address, as the name it was made of.
 */
const NAME = 44n;
const SHOWN = 34n;
const TAG = 44n;
const low = (value: bigint, bits: bigint) => value & ((1n << bits) - 1n);

const UUID_V4 = /^([0-9a-f]{8})-([0-9a-f]{4})-4([0-9a-f]{3})-([89ab][0-9a-f]{3})-([0-9a-f]{12})$/;

function toUuid(bits: bigint): string {
  const hex = (value: bigint, digits: number) => value.toString(16).padStart(digits, '0');
  const time = hex(bits >> 74n, 12);
  const rest = hex((0b10n << 62n) | low(bits, 62n), 16);
  return `${time.slice(0, 8)}-${time.slice(8)}-4${hex(low(bits >> 62n, 12n), 3)}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}

function fromUuid(text: string): bigint | undefined {
  const [, a, b, c, d, e] = UUID_V4.exec(text) ?? [];
  if (a === undefined) return undefined;
  return (BigInt(`0x${a}${b}${c}`) << 62n) | low(BigInt(`0x${d}${e}`), 62n);
}

function keyedBits(services: Services, pool: UserPool, what: string, bits: bigint): bigint {
  const digest = services.keyring.digest('simulation', `stand-in/${pool.id}/${what}`);
  return BigInt(`0x${digest.toString('hex')}`) >> (256n - bits);
}

const padOf = (services: Services, pool: UserPool, name: bigint) =>
  keyedBits(services, pool, `shown/${name}`, SHOWN);
const tagOf = (services: Services, pool: UserPool, body: bigint) =>
  keyedBits(services, pool, `tag/${body}`, TAG);

/** Who stands in for nobody of that name: the same at every try, in that pool. */
export function standInFor(services: Services, pool: UserPool, typed: string): StandIn {
  const name = foldName(pool, typed);
  // Where usernames are made by the server, they are compared as typed names are.
  const asSub = pool.config.UsernameAttributes?.length ? name : typed;
  if (isStandIn(services, pool, asSub)) return { sub: asSub, username: asSub };
  const seed = keyedBits(services, pool, `name/${name}`, NAME);
  const body = (seed << SHOWN) | (packShown(name) ^ padOf(services, pool, seed));
  const sub = toUuid((body << TAG) | tagOf(services, pool, body));
  return { sub, username: standsForAlias(pool, name) ? sub : name };
}

/** A user of that name would have another username: a generated one, as far as anybody can tell. */
const standsForAlias = ({ config }: UserPool, name: string) =>
  !!config.UsernameAttributes?.length ||
  (!!config.AliasAttributes?.length && (looksLikeEmail(name) || looksLikePhoneNumber(name)));

/** Whether this is the sub of a stand-in of that pool. */
export function isStandIn(services: Services, pool: UserPool, sub: string): boolean {
  const bits = fromUuid(sub);
  return bits !== undefined && low(bits, TAG) === tagOf(services, pool, bits >> TAG);
}

/** The address that a stand-in was named by, as far as it shows when it is masked. */
export function shownAddressOf(services: Services, pool: UserPool, sub: string): Addresses {
  const body = (fromUuid(sub) ?? 0n) >> TAG;
  return unpackShown(low(body, SHOWN) ^ padOf(services, pool, body >> SHOWN));
}

const AS_EMAIL = 1n;
const AS_PHONE_NUMBER = 2n;

/** `kind (2) | two letters (16 each), or the number of digits and the last four of them`; 0 where nothing fits. */
function packShown(name: string): bigint {
  if (looksLikeEmail(name)) {
    const letters = [name, name.slice(name.lastIndexOf('@') + 1)].map((text) => text.codePointAt(0) ?? 0);
    const [first = 0, second = 0] = letters;
    return letters.some((letter) => letter > 0xffff) ? 0n : pack(AS_EMAIL, first, second);
  }
  if (!looksLikePhoneNumber(name)) return 0n;
  const digits = name.slice(1);
  return pack(AS_PHONE_NUMBER, digits.length, Number(digits.slice(-4)));
}

const pack = (kind: bigint, first: number, second: number) =>
  (kind << 32n) | (BigInt(first) << 16n) | BigInt(second);

function unpackShown(packed: bigint): Addresses {
  const kind = packed >> 32n;
  const first = Number(low(packed >> 16n, 16n));
  const second = Number(low(packed, 16n));
  if (kind === AS_EMAIL) return { email: `${String.fromCharCode(first)}@${String.fromCharCode(second)}` };
  if (kind !== AS_PHONE_NUMBER) return {};
  const end = String(second).padStart(Math.min(first, 4), '0');
  return { phone_number: `+${end.padStart(first, '0')}` };
}
