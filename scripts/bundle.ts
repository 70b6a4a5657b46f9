import { join } from 'node:path';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');
/** It is nowhere on disk: its text is given. */
const entry = join(root, 'bundle-entry.js');

interface Wish {
  readonly platform: 'browser' | 'neutral';
  readonly minify: boolean;
}

/** A module's text together with all that it imports and uses, as one ES module. */
export async function bundle(code: string, { platform, minify }: Wish): Promise<string> {
  const bundled = await rolldown({
    input: entry,
    cwd: root,
    platform,
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
  });
  const { output } = await bundled.generate({ format: 'esm', minify, codeSplitting: false });
  await bundled.close();
  return output[0].code;
}
