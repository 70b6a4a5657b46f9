import { pipeline, Transform } from 'node:stream';
import { namesAwsCredentials } from '../../../config/aws-credentials.ts';
import type { Finding } from './channel.ts';

/** How long AWS is waited for, the search for credentials and the assumption of a role included, ms. */
export const PATIENCE = 10_000;
const CONNECT_TIMEOUT = 5_000;
/** Bytes; what is larger is none of AWS's answers. */
const LARGEST_ANSWER = 65_536;

/** Where AWS, or what stands in for it, is asked. */
export interface AwsPlace {
  readonly region: string;
  /** Undefined: AWS's own. */
  readonly endpoint: string | undefined;
}

/** Of a client that goes by the server's own credentials. */
export function clientOptions({ region, endpoint }: AwsPlace) {
  return {
    region,
    // Trying again is the outbox's: after a reset the SDK would send a message twice that was accepted once.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT,
      requestTimeout: PATIENCE,
      // Without it the SDK only complains, and waits on.
      throwOnRequestTimeout: true,
    },
    ...(endpoint !== undefined && { endpoint }),
    ...(endpoint !== undefined && takesAnybody(endpoint) && { credentials: ANYBODY }),
  };
}

const ANYBODY = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Emulators look at no credentials, but the SDK sends nothing without. AWS's own endpoints want real ones. */
const takesAnybody = (endpoint: string) =>
  !namesAwsCredentials(process.env) && !/\.amazonaws\.com(?:\.cn)?$/i.test(new URL(endpoint).hostname);

interface Handler {
  handle(request: never, options?: never): Promise<{ readonly response: { body?: unknown } }>;
}

/**
 * What a channel's clients share: its connections, and the credentials of the server once they are found. Clients
 * made of these cost next to nothing, so that each role's need not be kept.
 */
export const sharedParts = <H extends Handler, C>({
  config,
}: {
  readonly config: { readonly requestHandler: H; readonly credentials: C };
}) => ({ requestHandler: withBoundedAnswers(config.requestHandler), credentials: config.credentials });

/** The handler, which cuts an answer off that is too large, while it comes. */
function withBoundedAnswers<H extends Handler>(handler: H): H {
  const handle: Handler['handle'] = async (request, options) => {
    const answered = await handler.handle(request, options);
    const { body } = answered.response;
    if (isReadable(body)) answered.response.body = pipeline(body, bound(), () => {});
    return answered;
  };
  return Object.create(handler, { handle: { value: handle } }) as H;
}

const isReadable = (body: unknown): body is NodeJS.ReadableStream =>
  typeof (body as { pipe?: unknown } | undefined)?.pipe === 'function';

function bound(): Transform {
  let size = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      size += piece.length;
      if (size <= LARGEST_ANSWER) done(null, piece);
      else done(Object.assign(new Error('The answer is too large.'), { code: 'ANSWER_TOO_LARGE' }));
    },
  });
}

/** Rejects when the time is up, also amid what no SDK ends: the search for credentials takes its own time. */
export function patiently<T>(patience: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(patience);
  const timeUp = new Promise<never>((_, reject) => {
    const late = () => reject(Object.assign(new Error('No answer in time.'), { code: 'ETIMEDOUT' }));
    signal.addEventListener('abort', late, { once: true });
  });
  return Promise.race([work(signal), timeUp]);
}

/** What an SDK's error says, without its text, which can quote a message. */
export interface AwsFailure {
  /** The wire's word (`Throttled`), the system's (`ECONNRESET`), or `HTTP_503`. */
  readonly code: string;
  /** A finer word, of AWS End User Messaging SMS. */
  readonly reason: string | undefined;
  /** The provider is down, slow or busy, or its answer makes no sense. */
  readonly passing: boolean;
}

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** The wire's, where the query protocol is spoken. */
  readonly Code?: unknown;
  readonly Reason?: unknown;
  /** The system's. */
  readonly code?: unknown;
}

const WORD = /^\w{1,40}$/;
const BUSY = /^(?:Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|KMSThrottling)/;
const NO_CREDENTIALS = /^(?:Credentials|Token)Provider/;

/** The status is looked at first: the SDK has names of its own for a body that it cannot read. */
export function awsFailureOf(thrown: unknown): AwsFailure {
  const error = thrown as SdkError;
  const status = error.$metadata?.httpStatusCode;
  const { name } = error;
  if (NO_CREDENTIALS.test(name)) return { code: 'NO_CREDENTIALS', reason: undefined, passing: false };
  const named = [error.Code, status === undefined || status < 400 ? error.code : undefined, known(name)];
  const code = named.find((word) => typeof word === 'string' && WORD.test(word)) ?? `HTTP_${status ?? 0}`;
  const passing = status === undefined || status < 400 || status >= 500 || [408, 429].includes(status);
  return {
    code: code as string,
    reason: typeof error.Reason === 'string' && /^\w+$/.test(error.Reason) ? error.Reason : undefined,
    passing: passing || BUSY.test(code as string),
  };
}

/** Names that the SDK gives to what has none. */
const known = (name: string) =>
  ['Unknown', 'UnknownError', 'Error', 'SyntaxError'].includes(name) ? undefined : name;

/** Whoever may only send need not be allowed to look. */
export const notLookedAt = (permissions: readonly string[]): Finding => ({
  ok: true,
  text: `Not looked at, for the AWS credentials lack ${permissions.join(' and ')}.`,
});
