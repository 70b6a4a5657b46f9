import { type Bytes, hex } from './bytes.ts';
import type { HttpRequest, Signer } from './client.ts';
import { hmac, sha256 } from './web-crypto.ts';

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

export interface Signing {
  /** E.g. `us-east-1`; Poolkeeper's is its `--region`. */
  readonly region: string;
  /** A function is asked before each request, so that temporary credentials may be renewed. */
  readonly credentials: SigningKey | (() => SigningKey | Promise<SigningKey>);
  readonly service?: string | undefined;
  /** The time that requests are signed for; the machine's clock by default. */
  readonly now?: (() => Date) | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Signs requests by AWS Signature Version 4: what administrators' operations need.
 * Source: "Create a signed AWS API request" in the AWS IAM user guide.
 */
export function sigV4({
  region,
  credentials,
  service = 'cognito-idp',
  now = () => new Date(),
}: Signing): Signer {
  let kept: { readonly of: string; readonly key: Promise<Bytes> } | undefined;
  return async (request) => {
    const key = typeof credentials === 'function' ? await credentials() : credentials;
    const time = now()
      .toISOString()
      .replace(/[-:]|\.\d+/g, '');
    const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
    const headers: Record<string, string> = { ...request.headers, 'x-amz-date': time };
    if (key.sessionToken !== undefined) headers['x-amz-security-token'] = key.sessionToken;

    const { signed, canonical } = await canonicalRequest(request, headers);
    const text = [ALGORITHM, time, scope, hex(await sha256(canonical))].join('\n');
    // A day's key serves all requests of that day.
    const of = `${scope} ${key.secretAccessKey}`;
    if (kept?.of !== of) kept = { of, key: signingKey(key.secretAccessKey, scope) };
    const signature = hex(await hmac(await kept.key, text));
    const credential = `Credential=${key.accessKeyId}/${scope}`;
    headers['authorization'] = `${ALGORITHM} ${credential}, SignedHeaders=${signed}, Signature=${signature}`;
    return headers;
  };
}

async function signingKey(secret: string, scope: string): Promise<Bytes> {
  const parts = scope.split('/');
  let key = await hmac(`AWS4${secret}`, parts[0] ?? '');
  for (const part of parts.slice(1)) key = await hmac(key, part);
  return key;
}

/** `host` is signed and not sent: whoever sends the request sets it. */
async function canonicalRequest(
  { method, url, body }: HttpRequest,
  headers: Readonly<Record<string, string>>,
) {
  const all = Object.entries({ ...headers, host: url.host })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')] as const)
    .sort(byName);
  const signed = all.map(([name]) => name).join(';');
  const query = [...url.searchParams].map(([name, value]) => [encoded(name), encoded(value)] as const);
  const canonical = [
    method,
    url.pathname.split('/').map(encoded).join('/'),
    query
      .sort(byName)
      .map((pair) => pair.join('='))
      .join('&'),
    ...all.map(([name, value]) => `${name}:${value}`),
    '',
    signed,
    hex(await sha256(body)),
  ].join('\n');
  return { signed, canonical };
}

/** By code units, whatever the language; equal names by their values. */
const byName = (one: readonly [string, string], other: readonly [string, string]) =>
  one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]) ? -1 : 1;

/** RFC 3986: all but unreserved characters. */
const encoded = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
