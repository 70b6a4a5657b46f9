import type { FunctionError, Task } from './module-frames.ts';

export type Handler = (event: unknown, context: object, callback: Callback) => unknown;
type Callback = (error?: unknown, result?: unknown) => void;

/** What a handler came to: its result, or what it failed with. */
export type Outcome = { readonly result: unknown } | { readonly error: unknown };

/**
 * Calls a handler as the Lambda runtimes for Node.js do: it answers by a promise, by what it returns, by its callback or by
 * the older `context.done`, `succeed` and `fail`. Resolves once; never when the handler does nothing of the kind.
 */
export function callHandler(handler: Handler, { requestId, arn, patience, event }: Task): Promise<Outcome> {
  return new Promise((resolve) => {
    const deadline = performance.now() + patience;
    // A callback without an error, null or undefined, tells that all went well.
    const done: Callback = (error, result) =>
      resolve(error === null || error === undefined ? { result } : { error });
    const context = {
      callbackWaitsForEmptyEventLoop: true,
      functionName: arn.split(':')[6] ?? arn,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: '128',
      awsRequestId: requestId,
      logGroupName: `/aws/lambda/${arn.split(':')[6] ?? arn}`,
      logStreamName: requestId,
      getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
      done,
      succeed: (result: unknown) => resolve({ result }),
      fail: (error: unknown) => resolve({ error: error ?? 'handled' }),
    };
    try {
      const returned = handler(JSON.parse(event), context, done);
      if (isThenable(returned)) {
        returned.then(
          (result) => resolve({ result }),
          (error: unknown) => resolve({ error }),
        );
      } else if (returned !== undefined && handler.length < 3) {
        resolve({ result: returned });
      }
    } catch (error) {
      resolve({ error });
    }
  });
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** An error as aws-lambda-ric's `formatError` writes it, whatever was thrown. */
export function functionErrorOf(error: unknown): FunctionError {
  try {
    if (error instanceof Error || isErrorLike(error)) {
      return {
        errorType: String(error.name),
        errorMessage: String(error.message),
        trace: String(error.stack ?? '').split('\n'),
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    // What was thrown throws itself when it is looked at.
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
}

/** An error of another realm, such as one of a vm's or of a test environment. */
function isErrorLike(error: unknown): error is Error {
  const { name, message, stack } = (error ?? {}) as Partial<Record<'name' | 'message' | 'stack', unknown>>;
  return [name, message, stack].every((part) => typeof part === 'string');
}
