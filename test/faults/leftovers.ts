import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Leftover } from './guardian.ts';

let guardian: ChildProcess | undefined;

/** Has this end, or go, at the latest with this process. Call the result when it has gone by itself. */
export function guard(leftover: Leftover): () => void {
  if (guardian === undefined) {
    guardian = fork(join(import.meta.dirname, 'guardian.ts'), [], {
      detached: true,
      execArgv: [],
      stdio: 'ignore',
    });
    guardian.unref();
    guardian.channel?.unref();
  }
  guardian.send({ add: leftover });
  return () => void guardian?.send({ drop: leftover });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'poolkeeper-faults-'));
  guard({ folder });
  return folder;
}

/** A file system of its own that is soon full; undefined where this process must not have one. */
export function smallFileSystem(megabytes: number): string | undefined {
  const parent = temporaryFolder();
  // PostgreSQL, which runs as somebody else, has to get at what is in it.
  chmodSync(parent, 0o755);
  const folder = join(parent, 'disk');
  mkdirSync(folder);
  const options = `size=${megabytes}m,mode=0777`;
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'poolkeeper-faults', folder]);
  if (status !== 0) return undefined;
  guard({ mount: folder });
  return folder;
}

/** Resolves once everything is gone that was guarded until now. */
export async function removeLeftovers(): Promise<void> {
  if (guardian === undefined) return;
  const exit = once(guardian, 'exit');
  guardian.ref();
  guardian.disconnect();
  guardian = undefined;
  await exit;
}
