import { readFileSync } from 'node:fs';
import type { Target } from '../bench/measure.ts';
import { openStatements } from './statement-works.ts';

/**
 * The database's part of what requests cost, with no request around it, on one core. Arguments: where the database is
 * (a URL or a data folder), seconds for each, file with the target. Prints one line of JSON.
 */
const [where, seconds, file] = process.argv.slice(2) as [string, string, string];
const target = JSON.parse(readFileSync(file, 'utf8')) as Target;
const AT_ONCE = 64;

const { works, turns, close } = await openStatements(where, target);
const measured: Record<string, number> = {};
for (const [label, work] of Object.entries(works)) {
  const started = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (performance.now() - started < Number(seconds) * 1000) {
        await work();
        done += 1;
      }
    }),
  );
  measured[`statements of ${label}, a second`] = (done * 1000) / (performance.now() - started);
}
for (const [label, turn] of Object.entries(turns)) {
  const took: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const begun = performance.now();
    await turn();
    took.push(performance.now() - begun);
  }
  measured[`${label}, ms`] = took.sort((a, b) => a - b)[2] as number;
}
await close();
console.log(JSON.stringify(measured));
