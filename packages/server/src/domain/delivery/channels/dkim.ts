import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConfigError } from '../../../config/config-error.ts';

/** With what mail is signed (RFC 6376). */
export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  /** PEM. */
  readonly privateKey: string;
}

/** Fewer bits are signed with by nobody (RFC 8301). */
const FEWEST_BITS = 1024;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})+$`);
const SELECTOR = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`);

/** What `dkim-domain`, `dkim-selector` and `dkim-key` say, which go together. Throws what `wrong` makes. */
export function readDkim(
  options: { readonly [name in 'dkim-domain' | 'dkim-selector' | 'dkim-key']?: string },
  wrong: (problem: string) => ConfigError,
): DkimKey | undefined {
  const domain = options['dkim-domain']?.toLowerCase();
  const selector = options['dkim-selector']?.toLowerCase();
  const file = options['dkim-key'];
  if (domain === undefined && selector === undefined && file === undefined) return undefined;
  if (domain === undefined || selector === undefined || file === undefined) {
    throw wrong('has some of dkim-domain, dkim-selector and dkim-key, which go together');
  }
  if (!DOMAIN.test(domain)) throw wrong('has a dkim-domain that is no domain such as example.com');
  if (!SELECTOR.test(selector)) throw wrong('has a dkim-selector that is no label such as mail2026');
  return { domain, selector, privateKey: keyIn(file, wrong) };
}

/** An RSA key: of Ed25519 (RFC 8463) most receivers make nothing. */
function keyIn(file: string, wrong: (problem: string) => ConfigError): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(`names a dkim-key file that could not be read (${(error as NodeJS.ErrnoException).code})`);
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    throw wrong('names a dkim-key file that holds no private key in PEM without a passphrase');
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < FEWEST_BITS) {
    throw wrong(
      `names a dkim-key that is no RSA key of ${FEWEST_BITS} bits or more: make one with openssl genrsa 2048`,
    );
  }
  return text;
}

/** Whether a signature by a domain vouches for a sender (relaxed alignment, RFC 7489 §3.1.1). */
export function vouchesFor(domain: string, sender: string): boolean {
  const senders = /@([^\s@<>]+)>?\s*$/.exec(sender)?.[1]?.toLowerCase() ?? '';
  return senders === domain || senders.endsWith(`.${domain}`) || domain.endsWith(`.${senders}`);
}

/** What is to be published in the DNS: a name, and the text of its TXT record. */
export function dkimRecord({ domain, selector, privateKey }: DkimKey): { name: string; text: string } {
  const published = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    name: `${selector}._domainkey.${domain}`,
    text: `v=DKIM1; k=rsa; p=${published.toString('base64')}`,
  };
}
