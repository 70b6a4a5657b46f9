import type { Inputs, OperationName, Outputs } from '@poolkeeper/model';
import { CognitoError } from './cognito-error.ts';

/** Where an operation is called, and how. */
export interface CallOptions {
  /** URL of a Poolkeeper server, or `https://cognito-idp.<region>.amazonaws.com`. */
  readonly endpoint: string | URL;
  /** Gives up on the answer when it aborts; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait for the answer before rejecting with a `TimeoutError`; 30 000 by default. */
  readonly timeout?: number | undefined;
  /** Used in place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Sends one request and never repeats it: most operations here send a message or count an attempt, so whether to try
 * again is for the caller to know.
 */
export async function call<N extends OperationName>(
  options: CallOptions,
  operation: N,
  input: Inputs[N],
): Promise<Outputs[N]> {
  const { endpoint, signal, timeout = 30_000, fetch = globalThis.fetch } = options;
  const limit = AbortSignal.timeout(timeout);
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(input),
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  const answer = parse(await response.text());
  if (!response.ok || answer === undefined) throw errorOf(response, answer);
  return answer as Outputs[N];
}

/** Undefined where the text is no JSON object, e.g. the error page of a proxy; operations without output may answer nothing. */
function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function errorOf(
  { headers, status }: Response,
  answer: Readonly<Record<string, unknown>> = {},
): CognitoError {
  const type = headers.get('x-amzn-errortype') ?? answer['__type'];
  const message = answer['message'] ?? answer['Message'];
  return new CognitoError({
    // AWS JSON 1.1: the name may follow a namespace and `#`, and a colon and a URL may follow the name.
    name: typeof type === 'string' ? type.replace(/[:,].*$/s, '').replace(/^.*#/s, '') : 'UnknownError',
    message: typeof message === 'string' ? message : `The endpoint answered ${status} without saying why.`,
    requestId: headers.get('x-amzn-requestid') ?? undefined,
    status,
  });
}
