import { type Logger, pino } from 'pino';

/** JSON lines on standard error. An error is logged as what happened and where, never with the values it met. */
export const createLogger = (level: 'info' | 'warn' | 'silent'): Logger =>
  pino({ level, base: null, serializers: { err: safeError } }, standardError());

/** What waits to be written at most, bytes. */
const LARGEST_BACKLOG = 1_048_576;

/** A log that cannot be written, for a full disk, must not end a server that waits for the same disk. */
function standardError() {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: LARGEST_BACKLOG });
  destination.on('error', () => {});
  return destination;
}

interface SafeError {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  /** Where it was thrown, without the message that a stack begins with. */
  readonly stack?: string;
  readonly cause?: SafeError;
}

/** How deep causes are followed. */
const DEEPEST = 5;

/** What is safe of an error: drivers hang whole rows, statements and replies on theirs, as `detail`, `parameters`, `response`. */
export function safeError(error: unknown, depth = 0): SafeError {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const frames = error.stack?.match(/^ {4}at .+$/gm)?.join('\n');
  return {
    type: error.name === 'Error' ? error.constructor.name : error.name,
    ...(code !== undefined && { code }),
    ...(!quotesValues(error, code) && { message: error.message }),
    ...(frames !== undefined && { stack: frames }),
    ...(error.cause !== undefined && depth < DEEPEST && { cause: safeError(error.cause, depth + 1) }),
  };
}

/** A JSON parser's message quotes what it was given, and so do PostgreSQL's of class 22 (data exception). */
const quotesValues = (error: Error, code: string | undefined) =>
  error instanceof SyntaxError || /^22[0-9A-Z]{3}$/.test(code ?? '');
