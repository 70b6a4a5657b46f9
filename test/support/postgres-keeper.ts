/**
 * Runs commands, the last of which is a PostgreSQL server, for the process that started this one, as often as it asks.
 * However that process ends, by `kill -9` too, the server is shut down and its folder removed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './postgres-binaries.ts';

export interface Keeping {
  readonly account: Account | undefined;
  readonly commands: readonly (readonly string[])[];
}

/** What it tells: the process that runs now, or that the server, or what goes before it, ended. */
export type Told = { readonly running: string; readonly pid: number } | { readonly ended: string };

const folder = process.argv[2] as string;
const log = openSync(join(folder, 'log'), 'a');
let child: ChildProcess | undefined;
let ending = false;

process.once('disconnect', async () => {
  ending = true;
  if (child !== undefined) await shutDown(child);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  process.exit();
});

process.on('message', async ({ account, commands }: Keeping) => {
  for (const [program = '', ...args] of commands) {
    if (ending) return;
    const env = { ...process.env, LC_ALL: 'C' };
    child = spawn(program, args, { ...account, cwd: folder, env, stdio: ['ignore', log, log] });
    const exit = once(child, 'exit');
    if (child.pid !== undefined) tell({ running: program, pid: child.pid });
    const code = await exit.then(
      ([status, signal]) => signal ?? status,
      (error: Error) => error.message,
    );
    child = undefined;
    const last = program === commands.at(-1)?.[0];
    if (code !== 0 || last) return tell({ ended: `${program} ended with ${code}` });
  }
});

// Nobody but the process that started this one ends it, and that one by its end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

function tell(told: Told): void {
  if (process.connected) process.send?.(told, undefined, undefined, () => {});
}

/** SIGINT ends sessions at once and writes what is to be written; a server that hangs is not waited for. */
async function shutDown(server: ChildProcess): Promise<void> {
  const exit = once(server, 'exit');
  server.kill('SIGINT');
  const impatience = setTimeout(() => server.kill('SIGKILL'), 20_000);
  await exit;
  clearTimeout(impatience);
}
