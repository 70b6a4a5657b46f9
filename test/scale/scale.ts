import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { markdownOf, type Step } from './measured.ts';
import { measureStep } from './step.ts';
import { openSubject } from './subject.ts';

/**
 * How what requests cost grows with the number of users: fills a database in steps and measures through the server at
 * each. `--database-url` names an empty PostgreSQL database; without it, `--database postgres` brings one along.
 */
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '5000000' },
    database: { type: 'string', default: 'sqlite' },
    'database-url': { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    seconds: { type: 'string', default: '8' },
    report: { type: 'string' },
    plans: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const users = Number(values.users);
const steps = [...[10_000, 100_000, 1_000_000].filter((step) => step < users), users];
const kind = values.database === 'postgres' || values['database-url'] !== undefined ? 'postgres' : 'sqlite';
/** With the log of PostgreSQL and what sorting takes meanwhile. */
const BYTES_A_USER = 5_500;

const { bavail, bsize } = statfsSync(values.folder);
if (bavail * bsize < users * BYTES_A_USER) {
  throw new Error(`${Math.ceil((users * BYTES_A_USER) / 1e9)} GB have to be free in ${values.folder}.`);
}
if (values.keep && kind === 'postgres' && values['database-url'] === undefined) {
  throw new Error('A PostgreSQL that this brings along ends with it: --keep needs --database-url.');
}

const folder = mkdtempSync(join(values.folder, 'poolkeeper-scale-'));
const done: Step[] = [];
const report = values.report ?? `scale-${kind}.md`;
try {
  await using subject = await openSubject(kind, folder, values['database-url'] ?? 'start', values.keep);
  let from = 0;
  for (const to of steps) {
    const filling = await subject.fill(from, to);
    const measured = await measureStep(subject, folder, to, Number(values.seconds));
    done.push({ users: to, measured: { ...filling, ...measured } });
    console.log(JSON.stringify({ database: subject.name, users: to, ...filling, ...measured }));
    writeFileSync(report, markdownOf(subject.name, done));
    from = to;
  }
  if (values.plans !== undefined) writeFileSync(values.plans, await subject.plans(users));
  console.log(markdownOf(subject.name, done));
  console.error(`The table is in ${report}.${values.keep ? ` The data is kept: ${folder}` : ''}`);
} finally {
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}
