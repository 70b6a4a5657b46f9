import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Claim, Scope, SignedRequest } from './sigv4-claim.ts';

const SIGNING_KEYS = 1000;

export interface SigningSecret {
  readonly id: string;
  readonly secret: string;
}

/** Proves signatures made for one service in one region. */
export interface SignatureVerifier {
  /** Whether the request was signed, just as it came, with the key's secret. */
  matches(request: SignedRequest, claim: Claim, key: SigningSecret): boolean;
}

/** AWS Signature Version 4, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function createSignatureVerifier({ region, service }: Scope): SignatureVerifier {
  const signingKeys = new Map<string, Buffer>();

  /** A signing key is good for a day; its derivation costs as much as the rest of a verification. */
  function signingKey({ id, secret }: SigningSecret, date: string): Buffer {
    const name = `${id}/${date}`;
    let key = signingKeys.get(name);
    if (key === undefined) {
      key = [date, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
      if (signingKeys.size >= SIGNING_KEYS) signingKeys.delete(signingKeys.keys().next().value as string);
      signingKeys.set(name, key);
    }
    return key;
  }

  return {
    matches(request, claim, key) {
      const canonical = canonicalRequest(request, claim);
      const date = claim.timestamp.slice(0, 8);
      const stringToSign = [
        'AWS4-HMAC-SHA256',
        claim.timestamp,
        `${date}/${region}/${service}/aws4_request`,
        canonical === undefined ? '' : hash('sha256', canonical, 'hex'),
      ].join('\n');
      const expected = Buffer.from(hmac(signingKey(key, date), stringToSign).toString('hex'));
      const given = Buffer.from(claim.signature);
      return canonical !== undefined && given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}

const hmac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest();

/** Undefined for what no signer signs. */
function canonicalRequest({ method, url, body }: SignedRequest, claim: Claim): Buffer | undefined {
  // A body that was not UTF-8 arrives changed, and so does its hash: it is refused.
  const payloadHash = hash('sha256', body, 'hex');
  const declared = claim.headers.get('x-amz-content-sha256');
  if (declared !== undefined && declared.join(',') !== payloadHash) return undefined;

  const headers: string[] = [];
  for (const name of claim.signedHeaders.split(';')) {
    const values = claim.headers.get(name);
    if (values === undefined) return undefined;
    headers.push(`${name}:${values.map((value) => value.trim().replace(/\s+/g, ' ')).join(',')}`);
  }
  const query = canonicalQuery(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
  if (query === undefined) return undefined;
  // The endpoint is served at no other path.
  const path = '/';
  // One byte a character, as Node hands out the bytes of a header.
  return Buffer.from(
    [method, path, query, ...headers, '', claim.signedHeaders, payloadHash].join('\n'),
    'latin1',
  );
}

function canonicalQuery(query: string): string | undefined {
  try {
    return query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.includes('=') ? pair.indexOf('=') : pair.length;
        return [pair.slice(0, at), pair.slice(at + 1)].map((part) => encode(decodeURIComponent(part)));
      })
      .sort(([a = '', x = ''], [b = '', y = '']) => (a === b ? compare(x, y) : compare(a, b)))
      .map((pair) => pair.join('='))
      .join('&');
  } catch {
    return undefined;
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** RFC 3986: what `encodeURIComponent` leaves alone besides is encoded too. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
