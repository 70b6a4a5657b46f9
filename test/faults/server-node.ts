import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { urlOf } from '../bench/processes.ts';
import { freePort } from '../support/free-port.ts';
import { guard } from './leftovers.ts';

export interface NodeOptions {
  readonly name: string;
  /** Where its log goes, and its data unless that is on PostgreSQL. */
  readonly folder: string;
  readonly databaseUrls?: readonly string[];
  readonly masterKey: string;
  readonly email: string;
}

const LAST_WORDS = 2000;

/** A server as its users run it: a process of its own, which comes back at the same address. */
export async function startNode({ name, folder, databaseUrls = [], masterKey, email }: NodeOptions) {
  const port = await freePort();
  const logFile = join(folder, `${name}.log`);
  const args = [
    ...['--conditions=poolkeeper-source', 'packages/server/src/main.ts', 'start'],
    ...['--port', String(port), '--data', join(folder, 'data'), '--email', email, '--issuer', 'aws'],
    ...databaseUrls.flatMap((url) => ['--database-url', url]),
  ];
  let child: ChildProcess | undefined;
  let asked = false;
  let fell: string | undefined;

  async function start(): Promise<void> {
    const log = openSync(logFile, 'a');
    const started = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', log],
      env: { ...process.env, POOLKEEPER_MASTER_KEY: masterKey },
    });
    closeSync(log);
    const released = guard({ pid: started.pid as number });
    child = started;
    asked = false;
    started.once('exit', (code, signal) => {
      released();
      if (!asked) fell = `ended by itself (${signal ?? code}): ${lastWords()}`;
      if (child === started) child = undefined;
    });
    await urlOf(started);
    started.stdout?.resume();
  }

  const lastWords = () => readFileSync(logFile, 'utf8').slice(-LAST_WORDS);

  await start();
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    port,
    start,
    /** Undefined while it does not run. */
    pid: () => child?.pid,
    async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
      if (child === undefined) return;
      asked = true;
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    },
    /** How it ended when nobody had asked for it, if it did. */
    fell: () => fell,
  };
}

export type ServerNode = Awaited<ReturnType<typeof startNode>>;
