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
 * Name and tag are whole digits of the UUID, which is cheaper than arithmetic on the 122 bits together.
 */
interface Parts {
  /** Hexadecimal, as the tag is. */
  readonly name: string;
  readonly shown: Shown;
  readonly tag: string;
}

/** 34 bits. */
interface Shown {
  readonly high: number;
  readonly low: number;
}

const UUID_V4 =
  /^([0-9a-f]{8})-([0-9a-f]{3})([0-9a-f])-4([0-9a-f]{3})-([89ab][0-9a-f]{3})-([0-9a-f])([0-9a-f]{11})$/;
const DIGITS = 11;

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** Of `shown`, 16 bits are before the variant of the UUID, and 14 and 4 after it. */
function toUuid({ name, shown: { high, low }, tag }: Parts): string {
  const before = hex(high * 0x4000 + (low >>> 18), 4);
  const after = hex(0x8000 | ((low >>> 4) & 0x3fff), 4);
  const time = name + before.slice(0, 1);
  return `${time.slice(0, 8)}-${time.slice(8)}-4${before.slice(1)}-${after}-${hex(low & 0xf, 1)}${tag}`;
}

function fromUuid(text: string): Parts | undefined {
  const [, a, b, c = '', d = '', e = '', f = '', tag = ''] = UUID_V4.exec(text) ?? [];
  if (a === undefined || b === undefined) return undefined;
  const before = Number.parseInt(c + d, 16);
  const after = ((Number.parseInt(e, 16) & 0x3fff) << 4) | Number.parseInt(f, 16);
  return { name: a + b, shown: { high: before >>> 14, low: ((before << 18) | after) >>> 0 }, tag };
}

const digestOf = (services: Services, pool: UserPool, what: string) =>
  services.keyring.digest('simulation', `stand-in/${pool.id}/${what}`);

const nameOf = (services: Services, pool: UserPool, name: string) =>
  digestOf(services, pool, `name/${name}`).toString('hex').slice(0, DIGITS);

const tagOf = (services: Services, pool: UserPool, { name, shown }: Omit<Parts, 'tag'>) => {
  const body = (BigInt(`0x${name}`) << 34n) | (BigInt(shown.high) << 32n) | BigInt(shown.low);
  return digestOf(services, pool, `tag/${body}`).toString('hex').slice(0, DIGITS);
};

/** Encrypts what is shown, and decrypts it. */
function padded(services: Services, pool: UserPool, name: string, { high, low }: Shown): Shown {
  const digest = digestOf(services, pool, `shown/${Number.parseInt(name, 16)}`);
  // The first 34 bits of it.
  const first = digest.readUInt32BE(0);
  const padHigh = first >>> 30;
  const padLow = ((first << 2) | ((digest[4] as number) >>> 6)) >>> 0;
  return { high: high ^ padHigh, low: (low ^ padLow) >>> 0 };
}

/** Who stands in for nobody of that name: the same at every try, in that pool. */
export function standInFor(services: Services, pool: UserPool, typed: string): StandIn {
  const name = foldName(pool, typed);
  // Where usernames are made by the server, they are compared as typed names are.
  const asSub = pool.config.UsernameAttributes?.length ? name : typed;
  if (isStandIn(services, pool, asSub)) return { sub: asSub, username: asSub };
  const hashed = nameOf(services, pool, name);
  const body = { name: hashed, shown: padded(services, pool, hashed, packShown(name)) };
  const sub = toUuid({ ...body, tag: tagOf(services, pool, body) });
  return { sub, username: standsForAlias(pool, name) ? sub : name };
}

/** A user of that name would have another username: a generated one, as far as anybody can tell. */
const standsForAlias = ({ config }: UserPool, name: string) =>
  !!config.UsernameAttributes?.length ||
  (!!config.AliasAttributes?.length && (looksLikeEmail(name) || looksLikePhoneNumber(name)));

/** Whether this is the sub of a stand-in of that pool. */
export function isStandIn(services: Services, pool: UserPool, sub: string): boolean {
  const parts = fromUuid(sub);
  return parts !== undefined && parts.tag === tagOf(services, pool, parts);
}

/** The address that a stand-in was named by, as far as it shows when it is masked. */
export function shownAddressOf(services: Services, pool: UserPool, sub: string): Addresses {
  const parts = fromUuid(sub) ?? NO_PARTS;
  return unpackShown(padded(services, pool, parts.name, parts.shown));
}

const NO_PARTS: Parts = { name: '0', shown: { high: 0, low: 0 }, tag: '' };

const AS_EMAIL = 1;
const AS_PHONE_NUMBER = 2;

/** `kind (2) | two letters (16 each), or the number of digits and the last four of them`; 0 where nothing fits. */
function packShown(name: string): Shown {
  if (looksLikeEmail(name)) {
    const letters = [name, name.slice(name.lastIndexOf('@') + 1)].map((text) => text.codePointAt(0) ?? 0);
    const [first = 0, second = 0] = letters;
    return letters.some((letter) => letter > 0xffff) ? pack(0, 0, 0) : pack(AS_EMAIL, first, second);
  }
  if (!looksLikePhoneNumber(name)) return pack(0, 0, 0);
  const digits = name.slice(1);
  return pack(AS_PHONE_NUMBER, digits.length, Number(digits.slice(-4)));
}

const pack = (kind: number, first: number, second: number): Shown => ({
  high: kind,
  low: ((first << 16) | second) >>> 0,
});

function unpackShown({ high: kind, low }: Shown): Addresses {
  const first = low >>> 16;
  const second = low & 0xffff;
  if (kind === AS_EMAIL) return { email: `${String.fromCharCode(first)}@${String.fromCharCode(second)}` };
  if (kind !== AS_PHONE_NUMBER) return {};
  const end = String(second).padStart(Math.min(first, 4), '0');
  return { phone_number: `+${end.padStart(first, '0')}` };
}
