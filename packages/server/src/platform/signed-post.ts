import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from './clock.ts';
import { SECOND } from './duration.ts';

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
  /**
   * Posts once and follows nothing; 101 is what a receiver answers that changes the protocol. Rejects with what broke
   * the connection, `ADDRESS_NOT_ALLOWED` and `ANSWER_TOO_LARGE` among its codes; where the receiver had begun to
   * answer, the error has its `status`.
   */
  send(url: string, request: SignedRequest, signal: AbortSignal): Promise<{ status: number; body: string }>;
  close(): void;
}

const ADDRESS_NOT_ALLOWED = 'AddressNotAllowed';
export const ANSWER_TOO_LARGE = 'ANSWER_TOO_LARGE';

/** Posts JSON to URLs, signed as Standard Webhooks are. */
export function createSignedPost({ keys, clock, mayBeAt, largestAnswer }: SignedPostOptions): SignedPost {
  // Whoever waits is bounded by who calls; here nobody waits for another's.
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxFreeSockets: 32 }),
    https: new HttpsAgent({ keepAlive: true, maxFreeSockets: 32 }),
  };
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
    send(url, signedRequest, signal) {
      return new Promise((resolve, reject) => {
        const { protocol, hostname } = new URL(url);
        // Nothing is looked up for an address, so it is looked at here.
        const address = hostname.replace(/^\[|\]$/g, '');
        if (isIP(address) !== 0 && mayBeAt?.(address) === false) throw failure(ADDRESS_NOT_ALLOWED);
        const options = {
          method: 'POST',
          headers: signed(signedRequest),
          signal,
          ...(resolveAllowed && { lookup: resolveAllowed }),
        };
        const request =
          protocol === 'https:'
            ? httpsRequest(url, { ...options, agent: agents.https })
            : httpRequest(url, { ...options, agent: agents.http });
        let status: number | undefined;
        const fail = (error: Error) =>
          reject(status === undefined ? error : Object.assign(error, { status }));
        request.on('error', fail);
        // Neither an error nor a response follows one that nobody takes.
        request.on('upgrade', (_response, socket) => {
          socket.destroy();
          resolve({ status: 101, body: '' });
        });
        request.on('response', (response) => {
          const { statusCode = 0 } = response;
          status = statusCode;
          textOf(response, largestAnswer).then((body) => resolve({ status: statusCode, body }), fail);
        });
        request.end(signedRequest.body);
      });
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

const signature = (key: Buffer, content: string) =>
  `v1,${createHmac('sha256', key).update(content).digest('base64')}`;

const failure = (code: string) => Object.assign(new Error(code), { code });

async function textOf(response: IncomingMessage, largest: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > largest) {
      response.destroy();
      throw failure(ANSWER_TOO_LARGE);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

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
