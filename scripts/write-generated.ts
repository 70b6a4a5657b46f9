import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Writes generated files into a folder, or, with `--check` on the command line, writes nothing and makes the process exit
 * with 1 when what is committed is another text, naming the files.
 */
export function writeGenerated(
  folder: string,
  files: Readonly<Record<string, string>>,
  summary: string,
): void {
  const place = relative(join(import.meta.dirname, '..'), folder);
  if (!process.argv.includes('--check')) {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    console.log(`Wrote ${Object.keys(files).length} files into ${place}: ${summary}.`);
    return;
  }
  const stale = Object.entries(files).filter(([name, text]) => {
    const path = join(folder, name);
    return !existsSync(path) || readFileSync(path, 'utf8') !== text;
  });
  if (stale.length === 0) {
    console.log(`${place} is what its generator writes: ${summary}.`);
    return;
  }
  const list = stale.map(([name]) => join(place, name)).join(', ');
  console.error(`Stale: ${list}. Run \`npm run generate\` and commit what it writes.`);
  process.exitCode = 1;
}
