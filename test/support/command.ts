import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { StartOptions } from '../../packages/server/src/index.ts';

/** Runs the program as its users do. */
export function commandLine() {
  const children = new Set<ChildProcess>();

  /** `poolkeeper …` as a process of its own. */
  function command(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(
      process.execPath,
      ['--conditions=poolkeeper-source', 'packages/server/src/main.ts', ...args],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
    );
    children.add(child);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    return {
      child,
      async url(): Promise<string> {
        for await (const line of createInterface(child.stdout)) {
          const url = /answers at (\S+)/.exec(line)?.[1];
          if (url !== undefined) return url;
        }
        throw new Error(`The server ended: ${errors}`);
      },
      async end(): Promise<{ code: number | null; errors: string }> {
        const code = child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];
        return { code, errors };
      },
    };
  }

  return {
    /** `poolkeeper start …` on a free port. */
    start: (options: StartOptions, args: readonly string[] = [], environment?: NodeJS.ProcessEnv) =>
      command(['start', '--port', '0', ...flags(options), ...args], environment),
    /** `poolkeeper …` as a process that can be killed. */
    spawn: (args: readonly string[]) => command(args),
    /** `poolkeeper …` to its end. */
    async run(args: readonly string[], environment?: NodeJS.ProcessEnv) {
      const { child, end } = command(args, environment);
      // An exit does not wait for what is still in the pipes.
      const said = once(child.stderr as Readable, 'end');
      const [output] = await Promise.all([text(child.stdout as Readable), said]);
      return { ...(await end()), output };
    },
    killAll() {
      for (const child of children) child.kill('SIGKILL');
      children.clear();
    },
  };
}

export const flags = (options: StartOptions) =>
  Object.entries(options).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
