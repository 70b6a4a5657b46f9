import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from './clock.ts';
import { SECOND } from './duration.ts';
import { createHttpAgents, type HttpAnswer, httpOnce } from './http-once.ts';

export interface SignedPostOptions {
  /** With which requests are signed, the newest first. */
  readonly keys: readonly Buffer[];
  /** The system's own: receivers compare it with theirs. */
  readonly clock: Clock;
  /** Whether a receiver may be at an address; undefined: anywhere. */
  readonly mayBeAt: ((address: string) => boolean) | undefined;
  /** Bytes. */
  readonly largestAnswer: number;
}

export interface SignedRequest {
  /** An id of `[\w.-]`, the same in every attempt at what must happen once. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
  /** More of them, by names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SignedPost {
  /** As `httpOnce`, with `ADDRESS_NOT_ALLOWED` among its codes. */
  send(url: string, request: SignedRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
}

const ADDRESS_NOT_ALLOWED = 'AddressNotAllowed';

/** Posts JSON to URLs, signed as Standard Webhooks are. */
export function createSignedPost({ keys, clock, mayBeAt, largestAnswer }: SignedPostOptions): SignedPost {
  // Whoever waits is bounded by who calls; here nobody waits for another's.
  const agents = createHttpAgents();
  const resolveAllowed = mayBeAt && allowedLookup(mayBeAt);

  const signed = ({ id, body, headers }: SignedRequest) => {
    const timestamp = Math.floor(clock.now() / SECOND);
    return {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json',
      'user-agent': 'poolkeeper',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': keys.map((key) => signature(key, `${id}.${timestamp}.${body}`)).join(' '),
      ...headers,
    };
  };

  return {
    async send(url, signedRequest, signal) {
      // Nothing is looked up for an address, so it is looked at here.
      const address = new URL(url).hostname.replace(/^\[|\]$/g, '');
      if (isIP(address) !== 0 && mayBeAt?.(address) === false) throw failure(ADDRESS_NOT_ALLOWED);
      return httpOnce(url, {
        method: 'POST',
        headers: signed(signedRequest),
        body: signedRequest.body,
        signal,
        agents,
        largestAnswer,
        ...(resolveAllowed && { lookup: resolveAllowed }),
      });
    },
    close: agents.close,
  };
}

const signature = (key: Buffer, content: string) =>
  `v1,${createHmac('sha256', key).update(content).digest('base64')}`;

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Looks names up like any other request, and leaves out addresses where no receiver may be. */
function allowedLookup(mayBeAt: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      const [first, ...others] = found.filter(({ address }) => mayBeAt(address));
      if (first === undefined) return callback(failure(ADDRESS_NOT_ALLOWED), '');
      if (options.all) callback(null, [first, ...others]);
      else callback(null, first.address, first.family);
    });
  };
}
