import type { FileTarget } from '../../../config/functions.ts';
import { MINUTE } from '../../../platform/duration.ts';
import { NotInvoked } from '../functions.ts';
import type { Invoker } from './invoker.ts';
import { type Environment, startEnvironment } from './module-environment.ts';
import { watchFiles } from './watch-files.ts';

/** Of one function. A Lambda function would have up to 1,000. */
const MOST_ENVIRONMENTS = 10;
const MOST_WAITING = 1000;
const IDLE = MINUTE;

export interface ModuleOptions {
  readonly mode: 'dev' | 'production';
  /** What functions find in `process.env`. */
  env(): NodeJS.ProcessEnv;
}

/** Runs functions as modules in processes of their own, which start when they are needed and end when they are not. */
export function createModuleInvoker(options: ModuleOptions): Invoker<FileTarget> {
  const functions = new Map<FileTarget, ReturnType<typeof environmentsOf>>();
  let closed = false;
  return {
    async invoke(target, arn, event, patience) {
      if (closed) throw ending();
      let environments = functions.get(target);
      if (environments === undefined) {
        environments = environmentsOf(target, options);
        functions.set(target, environments);
      }
      return environments.invoke(arn, event, patience);
    },
    async close() {
      closed = true;
      for (const environments of functions.values()) environments.close();
    },
  };
}

interface Waiter {
  go(environment: Environment): void;
  refuse(error: NotInvoked): void;
}

function environmentsOf(target: FileTarget, { mode, env }: ModuleOptions) {
  const all = new Set<Environment>();
  /** The one used last is the last: those that are not needed get old. */
  const idle: { readonly environment: Environment; readonly timer: NodeJS.Timeout }[] = [];
  /** Those who began before a file changed end when they are idle. */
  let current = new Set<Environment>();
  const line = new Set<Waiter>();
  let closed = false;

  const watched = mode === 'dev' ? watchFiles(replaceAll) : undefined;

  function start(): Environment {
    const environment = startEnvironment(target, {
      env: env(),
      mode,
      onFile: (path) => watched?.add(path),
      onEnd() {
        forget(environment);
        all.delete(environment);
        const [next] = line;
        if (next !== undefined && !closed) hand(start(), next);
      },
    });
    all.add(environment);
    current.add(environment);
    return environment;
  }

  function hand(environment: Environment, waiter: Waiter): void {
    line.delete(waiter);
    waiter.go(environment);
  }

  /** Takes an environment off the shelf. */
  function forget(environment: Environment): void {
    current.delete(environment);
    const index = idle.findIndex((rested) => rested.environment === environment);
    for (const { timer } of index < 0 ? [] : idle.splice(index, 1)) clearTimeout(timer);
  }

  function replaceAll(): void {
    current = new Set();
    for (const { environment } of [...idle]) environment.end();
  }

  function rest(environment: Environment): void {
    if (!environment.alive()) return;
    if (!current.has(environment) || closed) {
      environment.end();
      return;
    }
    const [next] = line;
    if (next !== undefined) {
      hand(environment, next);
      return;
    }
    const timer = setTimeout(() => environment.end(), IDLE);
    // It is not for this that a test or a command would stay.
    timer.unref();
    idle.push({ environment, timer });
  }

  function take(patience: number): Promise<Environment> | Environment {
    for (let rested = idle.pop(); rested !== undefined; rested = idle.pop()) {
      clearTimeout(rested.timer);
      if (rested.environment.alive()) return rested.environment;
    }
    if (all.size < MOST_ENVIRONMENTS) return start();
    if (line.size >= MOST_WAITING) throw tooMany();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        go(environment) {
          clearTimeout(timer);
          resolve(environment);
        },
        refuse(error) {
          clearTimeout(timer);
          line.delete(waiter);
          reject(error);
        },
      };
      const timer = setTimeout(() => waiter.refuse(tooMany()), patience);
      line.add(waiter);
    });
  }

  return {
    async invoke(arn: string, event: string, patience: number): Promise<string> {
      const began = performance.now();
      const environment = await take(patience);
      try {
        return await environment.handle(arn, event, Math.max(1, patience - (performance.now() - began)));
      } finally {
        rest(environment);
      }
    },
    close(): void {
      closed = true;
      watched?.close();
      for (const waiter of [...line]) waiter.refuse(ending());
      for (const environment of all) environment.end();
    },
  };
}

const ending = () => new NotInvoked('ServiceException', { passing: false });
const tooMany = () => new NotInvoked('TooManyRequestsException', { passing: false });
