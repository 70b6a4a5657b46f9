import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { HttpsTarget } from '../../../config/functions.ts';
import { webhookKey } from '../../../config/webhook-secret.ts';
import type { Clock } from '../../../platform/clock.ts';
import { SECOND } from '../../../platform/duration.ts';
import { newId } from '../../../platform/random.ts';
import { answerTooLarge, FunctionThrew, LARGEST_ANSWER, NotInvoked, TIMED_OUT } from '../functions.ts';
import { isPassing } from './connection-errors.ts';
import { membersIn, thrownIn } from './function-error.ts';
import type { Invoker } from './invoker.ts';

export interface HttpsOptions {
  /** With which requests are signed, the newest first. */
  readonly secrets: readonly string[];
  /** The system's own: receivers compare it with theirs. */
  readonly clock: Clock;
  /** Whether a function may be at an address; undefined: anywhere. */
  readonly mayBeAt: ((address: string) => boolean) | undefined;
}

/** What the function is called by, for one that serves several. */
const ARN_HEADER = 'poolkeeper-function-arn';
const NOT_ALLOWED = 'AddressNotAllowed';

/** Runs functions behind URLs, by requests that are signed as Standard Webhooks are. */
export function createHttpsInvoker({ secrets, clock, mayBeAt }: HttpsOptions): Invoker<HttpsTarget> {
  const keys = secrets.map(webhookKey);
  // Whoever waits is bounded for each function; here nobody waits for another's.
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxFreeSockets: 32 }),
    https: new HttpsAgent({ keepAlive: true, maxFreeSockets: 32 }),
  };
  const resolveAllowed = mayBeAt && allowedLookup(mayBeAt);

  async function invoke({ url }: HttpsTarget, arn: string, event: string, patience: number): Promise<string> {
    const id = newId();
    const timestamp = Math.floor(clock.now() / SECOND);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(event),
      accept: 'application/json',
      'user-agent': 'poolkeeper',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': keys.map((key) => signature(key, `${id}.${timestamp}.${event}`)).join(' '),
      [ARN_HEADER]: arn,
    };
    const patient = AbortSignal.timeout(patience);
    try {
      const { status, body } = await send(url, headers, event, patient);
      if (status >= 200 && status < 300) return body;
      throw failureOf(status, body);
    } catch (error) {
      if (error instanceof FunctionThrew || error instanceof NotInvoked) throw error;
      if (patient.aborted) throw new NotInvoked(TIMED_OUT, { passing: true });
      const { code = 'ServiceException' } = error as NodeJS.ErrnoException;
      throw new NotInvoked(code, { passing: isPassing(code), cause: error });
    }
  }

  function send(
    url: string,
    headers: Readonly<Record<string, string | number>>,
    body: string,
    signal: AbortSignal,
  ) {
    return new Promise<{ status: number; body: string }>((resolve, reject) => {
      const { protocol, hostname } = new URL(url);
      // Nothing is looked up for an address, so it is looked at here.
      const address = hostname.replace(/^\[|\]$/g, '');
      if (isIP(address) !== 0 && mayBeAt?.(address) === false) {
        throw new NotInvoked(NOT_ALLOWED, { passing: false });
      }
      const options = {
        method: 'POST',
        headers,
        signal,
        ...(resolveAllowed && { lookup: resolveAllowed }),
      };
      const request =
        protocol === 'https:'
          ? httpsRequest(url, { ...options, agent: agents.https })
          : httpRequest(url, { ...options, agent: agents.http });
      request.on('error', reject);
      // Neither an error nor a response follows one that nobody takes.
      request.on('upgrade', (_response, socket) => {
        socket.destroy();
        resolve({ status: 101, body: '' });
      });
      request.on('response', (response) => {
        textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }), reject);
      });
      request.end(body);
    });
  }

  return {
    invoke,
    async close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

const signature = (key: Buffer, content: string) =>
  `v1,${createHmac('sha256', key).update(content).digest('base64')}`;

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST_ANSWER) {
      response.destroy();
      throw answerTooLarge();
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** A function says by an error of its own that it failed; anything else did not come from one. */
function failureOf(status: number, body: string): FunctionThrew | NotInvoked {
  if (status === 429) return new NotInvoked('TooManyRequestsException', { passing: true });
  if (status >= 400 && typeof membersIn(body)['errorMessage'] === 'string') return thrownIn(body);
  return new NotInvoked(`HTTP status ${status}`, { passing: false });
}

/** Looks names up like any other request, and leaves out addresses where no function may be. */
function allowedLookup(mayBeAt: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      const [first, ...others] = found.filter(({ address }) => mayBeAt(address));
      if (first === undefined) {
        return callback(Object.assign(new Error('Not a public address.'), { code: NOT_ALLOWED }), '');
      }
      if (options.all) callback(null, [first, ...others]);
      else callback(null, first.address, first.family);
    });
  };
}
