import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** An editor writes a file in several steps. */
const SETTLING = 20;

/** Tells when one of the files changes. Folders are watched, for many an editor replaces a file instead of writing it. */
export function watchFiles(onChange: () => void) {
  const folders = new Map<string, { readonly names: Set<string>; readonly watcher: FSWatcher | undefined }>();
  let settling: NodeJS.Timeout | undefined;

  function changed(): void {
    clearTimeout(settling);
    settling = setTimeout(onChange, SETTLING);
  }

  function open(folder: string, names: Set<string>): FSWatcher | undefined {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || names.has(name)) changed();
      });
      // A folder that goes away is no reason to stop.
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }

  return {
    add(path: string): void {
      const folder = dirname(path);
      const known = folders.get(folder);
      const names = known?.names ?? new Set<string>();
      names.add(basename(path));
      if (known === undefined) folders.set(folder, { names, watcher: open(folder, names) });
    },
    close(): void {
      clearTimeout(settling);
      for (const { watcher } of folders.values()) watcher?.close();
    },
  };
}
