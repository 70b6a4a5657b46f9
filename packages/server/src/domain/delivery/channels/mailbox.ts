import { domainToASCII } from 'node:url';
import { Undeliverable } from './channel.ts';

/** What makes one stored address read as several, or as another, by who parses it, encoded words (RFC 2047) included. */
const AMBIGUOUS = /[\s\p{Cc}<>()[\],;:\\"]|=\?/u;

/** One after the other (RFC 2047 §2), of the one charset that is still written. */
const ENCODED_WORDS = /=\?utf-8\?[bq]\?[^?\s]*\?=(?:\s+=\?utf-8\?[bq]\?[^?\s]*\?=)*/gi;
const NAMED = /^(.*)<([^<>]+)>$/su;
/** Characters of an atom (RFC 5322 §3.2.3), and blanks between them. */
const ATOMS = /^[\w !#$%&'*+/=?^`{|}~-]*$/;
/** Bytes of UTF-8 in an encoded word, which has 75 characters at most (RFC 2047 §2). */
const LONGEST_PIECE = 45;

/** Throws Undeliverable. */
export function requireOneAddress(address: string): void {
  if (AMBIGUOUS.test(address)) throw new Undeliverable('The address cannot be written to.');
}

/** A sender that `isOneSender` takes, bare or as `Name <address>`, as a header has it: in ASCII. */
export function mailboxOf(sender: string): string {
  const { name, address } = partsOf(sender);
  return name === '' ? asciiAddress(address) : `${phraseOf(name)} <${asciiAddress(address)}>`;
}

/** The same for who writes the header by itself: Amazon SES has names of other scripts given as encoded words. */
export function readSender(sender: string): { name: string; address: string } {
  const { name, address } = partsOf(sender);
  return { name: name.replace(ENCODED_WORDS, wordsOf).replace(/\p{Cc}+/gu, ' '), address };
}

function partsOf(sender: string) {
  const [, name = '', address = sender] = NAMED.exec(sender) ?? [];
  return { name: name.trim().replace(/^"(.*)"$/s, '$1'), address };
}

/** Of one character's bytes, some can be in a word and some in the next. */
function wordsOf(words: string): string {
  const pieces = words.split(/\s+/).map((word) => {
    const [, , encoding, text = ''] = word.split('?');
    if (encoding?.toLowerCase() === 'b') return Buffer.from(text, 'base64');
    const hex = /=([0-9a-f]{2})/gi;
    const bytes = text
      .replaceAll('_', ' ')
      .replace(hex, (_, byte) => String.fromCharCode(Number.parseInt(byte, 16)));
    return Buffer.from(bytes, 'latin1');
  });
  return Buffer.concat(pieces).toString('utf8');
}

/** An address whose domain is written as the DNS has it. */
export function asciiAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  return domain === '' ? address : `${address.slice(0, at)}@${domain}`;
}

function phraseOf(name: string): string {
  if (ATOMS.test(name)) return name;
  if (/^[\x20-\x7e]*$/.test(name)) return `"${name.replace(/["\\]/g, '\\$&')}"`;
  return pieces(name)
    .map((piece) => `=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`)
    .join(' ');
}

/** No character is cut in two. */
function pieces(text: string): string[] {
  const found: string[] = [''];
  for (const character of text) {
    const last = found.at(-1) as string;
    if (Buffer.byteLength(last + character) <= LONGEST_PIECE) found[found.length - 1] = last + character;
    else found.push(character);
  }
  return found;
}
