import { domainToASCII } from 'node:url';
import { Undeliverable } from './channel.ts';

/** What makes one stored address read as several, or as another, by who parses it, encoded words (RFC 2047) included. */
const AMBIGUOUS = /[\s\p{Cc}<>()[\],;:\\"]|=\?/u;

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
  const [, name = '', address = sender] = NAMED.exec(sender) ?? [];
  const shown = name.trim().replace(/^"(.*)"$/s, '$1');
  return shown === '' ? asciiAddress(address) : `${phraseOf(shown)} <${asciiAddress(address)}>`;
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
