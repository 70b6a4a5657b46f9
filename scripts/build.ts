/** Builds every package into its dist folder: JavaScript and declarations, by tsc alone. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

const root = join(import.meta.dirname, '..');
const packages = join(root, 'packages');

/** In the order of their imports: each finds the ones before it as its users will, in dist. */
for (const name of ['model', 'client', 'console', 'server']) {
  const folder = join(packages, name);
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '--project', 'tsconfig.build.json'],
    {
      cwd: folder,
      stdio: 'inherit',
    },
  );
  // npm packs the licence that lies in the package's own folder.
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  console.log(`Built packages/${name}.`);
}
giveClientItsTypes();
chmodSync(join(packages, 'server/dist/main.js'), 0o755);

/** The client uses types of the model and nothing else, so it carries them, and its users install no second package. */
function giveClientItsTypes(): void {
  const dist = join(packages, 'client/dist');
  copyFileSync(join(packages, 'model/dist/generated/types.d.ts'), join(dist, 'model.d.ts'));
  for (const path of globSync('**/*.d.ts', { cwd: dist })) {
    const model = `${'../'.repeat(path.split(sep).length - 1) || './'}model.js`;
    const text = readFileSync(join(dist, path), 'utf8');
    writeFileSync(
      join(dist, path),
      // tsc leaves `.ts` in declarations, which no resolver but its own takes for the declaration beside.
      text
        .replaceAll(/(?<=['"])@poolkeeper\/model(?=['"])/g, model)
        .replaceAll(/(?<=['"]\.{1,2}\/[\w/.-]*)\.ts(?=['"])/g, '.js'),
    );
  }
}
