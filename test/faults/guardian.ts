/**
 * Waits for the end of the process that started it, `kill -9` included, and then ends the servers, takes away the file
 * systems and removes the folders that it was told of.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export type Notice = { readonly add: Leftover } | { readonly drop: Leftover };
export type Leftover = { readonly pid: number } | { readonly mount: string } | { readonly folder: string };

const left = new Map<string, Leftover>();

process.on('message', (notice: Notice) => {
  if ('add' in notice) left.set(JSON.stringify(notice.add), notice.add);
  else left.delete(JSON.stringify(notice.drop));
});
// A terminal's ^C reaches it, too, and what it is there for comes after that.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

process.once('disconnect', async () => {
  for (const one of left.values()) if ('pid' in one) kill(one.pid);
  for (const one of left.values()) if ('mount' in one) await unmount(one.mount);
  for (const one of left.values()) if ('folder' in one) rmSync(one.folder, { recursive: true, force: true });
  process.exit();
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended already.
  }
}

/** What is on it needs a moment to end. */
async function unmount(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (spawnSync('umount', [folder], { stdio: 'ignore' }).status === 0) return;
    await sleep(200);
  }
  spawnSync('umount', ['--lazy', folder], { stdio: 'ignore' });
}
