import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const pins = canPin();

function canPin(): boolean {
  try {
    execFileSync('taskset', ['-c', '1', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether server and load have a core each; where not, ratios still hold but both compete. */
export const pinned = pins;

/** Runs a TypeScript file on one core; `undefined`: wherever there is room. */
export function nodeOnCore(core: number | undefined, file: string, args: readonly string[]): ChildProcess {
  const command = [process.execPath, '--conditions=poolkeeper-source', file, ...args];
  const [program, ...rest] =
    pins && core !== undefined ? ['taskset', '-c', String(core), ...command] : command;
  return spawn(program as string, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The URL a server prints once it answers. */
export async function urlOf(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('The server has no output.');
  for await (const line of createInterface(server.stdout)) {
    const url = /answers at (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The server ended before it answered.');
}

export async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`A process of the benchmark ended with ${code}.`);
  return output;
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Resident memory now, MiB; 0 where /proc does not tell. */
export function residentMemory(child: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

/** User and system time spent so far, seconds, of the process (at 100 ticks a second). */
export function cpuSeconds(child: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}
