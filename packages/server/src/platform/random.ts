import { randomBytes, randomInt, randomUUID } from 'node:crypto';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const UPPER_ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const LOWER_ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789';

function randomText(alphabet: string, length: number): string {
  let text = '';
  for (let index = 0; index < length; index += 1) text += alphabet[randomInt(alphabet.length)];
  return text;
}

export const newId = randomUUID;

/** Any one of them; undefined of none. */
export const anyOf = <Item>(items: readonly Item[]): Item | undefined =>
  items.length === 0 ? undefined : items[randomInt(items.length)];

let lastMillisecond = 0;
let idsInMillisecond = 0;
/**
 * A UUID (version 7, RFC 9562 §6.2) that sorts by its time of creation and, within a millisecond, in the order of the
 * calls: rows that arrive together lie together, and of two codes it is plain which is the newer.
 */
export function newOrderedId(now: number): string {
  idsInMillisecond = now === lastMillisecond ? (idsInMillisecond + 1) & 0xfff : 0;
  lastMillisecond = now;
  const time = now.toString(16).padStart(12, '0');
  const counter = idsInMillisecond.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${newId().slice(19)}`;
}

/** The one UUID, sorting among the others as made at `at`, for what 32 bytes stand for. */
export function orderedIdOf(at: number, digest: Uint8Array): string {
  const time = at.toString(16).padStart(12, '0');
  const hex = Buffer.from(digest).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-a${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}

/** `us-east-1_AbCdEf123`, as Amazon Cognito's. */
export const newUserPoolId = (region: string) => `${region}_${randomText(ALPHANUMERIC, 9)}`;
/** 26 lower-case letters and digits, as Amazon Cognito's. */
export const newClientId = () => randomText(LOWER_ALPHANUMERIC, 26);
/** 52 lower-case letters and digits, about 268 bits. */
export const newClientSecret = () => randomText(LOWER_ALPHANUMERIC, 52);
/** A confirmation code of decimal digits, uniform, leading zeros kept. */
export const newCode = (digits = 6) =>
  randomInt(10 ** digits)
    .toString()
    .padStart(digits, '0');

/** Without the letters and digits that are taken for one another. */
const UNMISTAKABLE = 'abcdefghjkmnpqrstuvwxyz23456789';
/** `xxxx-xxxx-xxxx`, 59 bits: for somebody to write down and type. */
export const newRecoveryCode = () => randomText(UNMISTAKABLE, 12).replace(/.{4}(?=.)/g, '$&-');

/** `PK` and 18 upper-case letters and digits: in the alphabet and of the length of AWS's own. */
export const newAccessKeyId = () => `PK${randomText(UPPER_ALPHANUMERIC, 18)}`;
export const ACCESS_KEY_ID = /^PK[A-Z0-9]{18}$/;
/** 40 characters of base64, 240 bits. */
export const newAccessKeySecret = () => randomBytes(30).toString('base64');

export const newDataKey = (bytes: number): Buffer => randomBytes(bytes);
