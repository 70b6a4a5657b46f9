import type { Inputs, OperationName, Outputs } from '@poolkeeper/model';
import { base64 } from './bytes.ts';
import type { Answer, CallOptions, Client, HttpRequest } from './client.ts';
import { NetworkError, ServiceError, TimeoutError } from './errors.ts';
import { answerValue, type Spec } from './value.ts';

/** The longest wait before a request is sent again, in milliseconds. */
const LONGEST_WAIT = 20_000;

/**
 * Calls an operation. Sent again is only what the service throttled, after a random wait that doubles: everything else may
 * have been carried out, and most operations send a message or count an attempt.
 */
export async function call<Name extends OperationName>(
  client: Client,
  name: Name,
  request: Inputs[Name],
  options: CallOptions | undefined,
  answer?: Spec,
  signed = false,
): Promise<Answer<Outputs[Name]>> {
  if (signed && !client.sign) throw new TypeError(`${name} is signed: give the client a \`sign\` (sigV4).`);
  const http = {
    method: 'POST',
    url: new URL(client.endpoint),
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${name}`,
    },
    body: JSON.stringify(onTheWire(request)),
  };
  for (let attempt = 1; ; attempt += 1) {
    const headers = signed && client.sign ? await client.sign(http) : http.headers;
    const { response, text } = await send(client, { ...http, headers }, options?.signal);
    const json = objectIn(text);
    const requestId = response.headers.get('x-amzn-requestid') ?? undefined;
    if (response.ok && json) {
      return answerValue({ ...json, httpStatus: response.status, requestId }, answer) as Answer<
        Outputs[Name]
      >;
    }
    const error = refusal(response, requestId, json);
    const asked = Number(response.headers.get('retry-after')) * 1000;
    const wait = asked || Math.random() * 500 * 2 ** attempt;
    const throttled = response.status === 429 || /^TooManyRequests|Throttl/.test(error.name);
    if (!throttled || attempt >= (client.attempts ?? 3) || wait > LONGEST_WAIT) throw error;
    await pause(wait, options?.signal);
  }
}

/** Calls an operation that an administrator signs. */
export function callSigned<Name extends OperationName>(
  client: Client,
  name: Name,
  request: Inputs[Name],
  options: CallOptions | undefined,
  answer?: Spec,
): Promise<Answer<Outputs[Name]>> {
  return call(client, name, request, options, answer, true);
}

/** Plain JSON, with bytes in Base64 and dates in seconds; of request values too, which hide from JSON what they keep. */
function onTheWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64(value);
  if (Array.isArray(value)) return value.map(onTheWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, onTheWire(item)]));
}

/** One request and the text of its answer, unless it is aborted, late, or not answered at all. */
async function send(client: Client, { url, ...init }: HttpRequest, signal?: AbortSignal) {
  signal?.throwIfAborted();
  const { fetch = globalThis.fetch, timeout = 30_000 } = client;
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  const late = () => stop.abort(new TimeoutError(`${url.origin} did not answer within ${timeout} ms.`));
  const timer = setTimeout(late, timeout);
  signal?.addEventListener('abort', abort);
  // Not every `fetch` that is passed in looks at its signal.
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason));
  });
  const whole = async () => {
    // A redirect would carry passwords to whatever place the answer names.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: stop.signal });
    return { response, text: await response.text() };
  };
  try {
    return await Promise.race([whole(), stopped]);
  } catch (cause) {
    if (stop.signal.aborted) throw stop.signal.reason;
    throw new NetworkError(`${url.origin} could not be reached.`, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Undefined where the text is no JSON object, e.g. the page of a proxy; operations without output may answer nothing. */
function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function refusal(
  { headers, status: httpStatus }: Response,
  requestId: string | undefined,
  json: Readonly<Record<string, unknown>> = {},
): ServiceError {
  // AWS JSON 1.1: the name may follow a namespace and `#`, and a colon and a URL may follow the name.
  const type = textOf(headers.get('x-amzn-errortype') ?? json['__type']);
  const name = type?.replace(/[:,].*$/s, '').replace(/^.*#/s, '') || 'UnknownError';
  const message =
    textOf(json['message'] ?? json['Message']) ?? `The endpoint answered ${httpStatus} without saying why.`;
  return new ServiceError(name, message, { httpStatus, requestId, reasonCode: textOf(json['reasonCode']) });
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
