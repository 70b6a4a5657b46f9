/**
 * The process that a module's function runs in: loads the module, then takes one event after the other from the server at
 * the other end of file descriptor 3, and ends when the server does. Started by module-environment.ts.
 */
import { registerHooks } from 'node:module';
import { Socket } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { answerTooLarge, LARGEST_ANSWER } from '../functions.ts';
import { type FunctionError, frame, frameReader, type Task } from './module-frames.ts';
import { callHandler, functionErrorOf, type Handler, type Outcome } from './module-handler.ts';

const [, , path = '', exportName = '', mode] = process.argv;
const server = new Socket({ fd: 3, readable: true, writable: true });
server.on('error', () => process.exit(1));
server.on('close', () => process.exit(1));

/** A function that spins never hears that the server was killed: another thread looks, and ends what it started as well. */
const WATCH = `const server = process.ppid;
  setInterval(() => {
    if (process.ppid !== server) process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
  }, 500);`;
new Worker(WATCH, { eval: true, execArgv: [], env: {} }).unref();

registerHooks({
  load(url, context, nextLoad) {
    // Dependencies do not change while somebody works on a function.
    if (url.startsWith('file:') && !url.includes('/node_modules/'))
      server.write(frame('file', fileURLToPath(url)));
    return nextLoad(url, context);
  },
});

/** Set while an event is being handled: ends it with what the handler itself did not say. */
let settle: ((outcome: Outcome) => void) | undefined;

/** An error that no handler's promise or callback tells of ends the process, as in Lambda. */
function end(error: FunctionError, exitCode: number): void {
  server.ref();
  server.write(failure('end', error), () => process.exit(exitCode));
}
process.on('uncaughtException', (error) => end(functionErrorOf(error), 129));
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = functionErrorOf(reason);
  end({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace }, 128);
});
// Nothing is left that could still answer: a handler that returned nothing and called nobody answers null.
process.on('beforeExit', () => settle?.({ result: null }));

const loading = load();
const read = frameReader(LARGEST_ANSWER, (kind, text) => {
  if (kind === 'task') void handle(JSON.parse(text) as Task);
});
server.on('data', (piece: Buffer) => read(piece));

async function load(): Promise<Handler | FunctionError> {
  try {
    const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    const handler =
      module[exportName] ?? (module['default'] as Record<string, unknown> | undefined)?.[exportName];
    if (typeof handler === 'function') return handler as Handler;
    const errorMessage = `${path} exports no function ${exportName}`;
    return { errorType: 'Runtime.HandlerNotFound', errorMessage, trace: [] };
  } catch (error) {
    const { errorType, errorMessage, trace } = functionErrorOf(error);
    // The Lambda runtime's own types for what it could not load; the message is one with its error's name.
    const type = error instanceof SyntaxError ? 'Runtime.UserCodeSyntaxError' : 'Runtime.ImportModuleError';
    return { errorType: type, errorMessage: `${errorType}: ${errorMessage}`, trace };
  }
}

async function handle(task: Task): Promise<void> {
  const handler = await loading;
  if (typeof handler !== 'function') return end(handler, 1);
  // The server does not keep this process busy: when nothing else does, the handler has nothing more to say.
  server.unref();
  const outcome = await new Promise<Outcome>((resolve) => {
    settle = resolve;
    callHandler(handler, task).then(resolve);
  });
  settle = undefined;
  server.ref();
  server.write(frameOf(outcome));
}

function frameOf(outcome: Outcome): Buffer {
  if ('error' in outcome) return failure('error', functionErrorOf(outcome.error));
  let answer: string;
  try {
    answer = JSON.stringify(outcome.result) ?? 'null';
  } catch {
    const errorMessage = 'Unable to stringify response body';
    return failure('error', { errorType: 'Runtime.JSONStringifyError', errorMessage, trace: [] });
  }
  if (Buffer.byteLength(answer) <= LARGEST_ANSWER) return frame('answer', answer);
  const { errorType, message } = answerTooLarge();
  return failure('error', { errorType, errorMessage: message, trace: [] });
}

/** What a caller is told of an error is cut off anyway. */
const LONGEST_MESSAGE = 10_000;

function failure(kind: 'error' | 'end', { errorType, errorMessage, trace }: FunctionError): Buffer {
  // For whoever works on the function; in production its texts are nobody's but the caller's.
  if (mode === 'dev') console.error(trace.join('\n') || `${errorType}: ${errorMessage}`);
  return frame(kind, JSON.stringify({ errorType, errorMessage: errorMessage.slice(0, LONGEST_MESSAGE) }));
}
