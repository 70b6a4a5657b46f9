import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FileTarget } from '../../../config/functions.ts';
import { newId } from '../../../platform/random.ts';
import { answerTooLarge, FunctionThrew, LARGEST_ANSWER, NotInvoked, TIMED_OUT } from '../functions.ts';
import { thrownIn } from './function-error.ts';
import { frame, frameReader } from './module-frames.ts';

/** A process that has a function's module loaded, and handles one event at a time. */
export interface Environment {
  /** False once it ended, or cannot be trusted any more. */
  alive(): boolean;
  /** Throws `FunctionThrew` and `NotInvoked`. */
  handle(arn: string, event: string, patience: number): Promise<string>;
  end(): void;
}

export interface EnvironmentOptions {
  /** What the process finds in `process.env`. */
  readonly env: NodeJS.ProcessEnv;
  readonly mode: 'dev' | 'production';
  /** A file that the module consists of. */
  onFile(path: string): void;
  onEnd(): void;
}

// Beside this file, in source and once built.
const RUNTIME = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('./module-runtime.ts', import.meta.url)
    : new URL('./module-runtime.js', import.meta.url),
);
/** An answer in full, or an error, with its JSON around it. */
const LARGEST_FRAME = LARGEST_ANSWER + 100_000;
const MOST_FILES = 10_000;

interface Caller {
  readonly requestId: string;
  answer(text: string): void;
  fail(error: Error): void;
}

export function startEnvironment(target: FileTarget, options: EnvironmentOptions): Environment {
  const child = spawn(process.execPath, [RUNTIME, target.path, target.exportName, options.mode], {
    env: options.env,
    // What a function prints is a log: a command's own output stays its own.
    stdio: ['ignore', 2, 2, 'pipe'],
    // A group of its own: Ctrl-C is for the server, and what the function starts ends with it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  lowerPriority(child);
  // There is none when the system could not start a process.
  const socket = child.stdio?.[3] as Socket | undefined;
  let usable = true;
  let caller: Caller | undefined;
  let files = 0;

  const settle = (act: (caller: Caller) => void) => {
    const asked = caller;
    caller = undefined;
    if (asked !== undefined) act(asked);
  };
  /** Nothing that it sends after this counts. */
  const kill = () => {
    usable = false;
    killGroup(child);
  };

  const read = frameReader(LARGEST_FRAME, (kind, text) => {
    if (!usable) return;
    if (kind === 'answer') settle(({ answer }) => answer(text));
    else if (kind === 'error') settle(({ fail }) => fail(thrownIn(text)));
    else if (kind === 'end') {
      usable = false;
      settle(({ fail }) => fail(thrownIn(text)));
    } else if (kind === 'file' && files++ < MOST_FILES) options.onFile(text);
  });
  socket?.on('data', (piece: Buffer) => {
    if (usable && !read(piece)) kill();
  });
  // The exit that follows tells more.
  socket?.on('error', () => {});
  let ended: ((requestId: string) => Error) | undefined;
  const end = (why: (requestId: string) => Error) => {
    if (ended !== undefined) return;
    usable = false;
    ended = why;
    settle(({ requestId, fail }) => fail(why(requestId)));
    options.onEnd();
  };
  child.on('error', (cause) => end(() => new NotInvoked('ServiceException', { passing: true, cause })));
  // Its last words come before its end.
  child.on('close', (code, signal) => end((requestId) => exitOf(requestId, code, signal)));

  return {
    alive: () => usable,
    handle: (arn, event, patience) =>
      new Promise((resolve, reject) => {
        const requestId = newId();
        if (ended !== undefined) return reject(ended(requestId));
        const timer = setTimeout(() => {
          settle(({ fail }) => fail(new NotInvoked(TIMED_OUT, { passing: true })));
          kill();
        }, patience);
        const finish = () => clearTimeout(timer);
        caller = {
          requestId,
          answer(text) {
            finish();
            if (Buffer.byteLength(text) > LARGEST_ANSWER) reject(answerTooLarge());
            else resolve(text);
          },
          fail(error) {
            finish();
            reject(error);
          },
        };
        socket?.write(frame('task', JSON.stringify({ requestId, arn, patience, event })));
      }),
    end: kill,
  };
}

function killGroup(child: ChildProcess): void {
  // The number of one that ended may be another's by now.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** A function that spins must not take the server's turn. */
function lowerPriority({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where that is not allowed, the system shares its cores as it likes.
  }
}

/** As the Lambda service words the end of a runtime (aws-lambda-runtime-interface-emulator#86, amplify-js#9127). */
function exitOf(requestId: string, code: number | null, signal: NodeJS.Signals | null): FunctionThrew {
  const how =
    signal === null
      ? code === 0
        ? 'Runtime exited without providing a reason'
        : `Runtime exited with error: exit status ${code}`
      : `Runtime exited with error: signal: ${signals[signal] ?? signal}`;
  return new FunctionThrew(`RequestId: ${requestId} Error: ${how}`, 'Runtime.ExitError');
}

/** Signals by the words of the Lambda service, which is written in Go. */
const signals: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};
