import { parseArgs } from 'node:util';
import { systemPostgresBin } from '../support/postgres-binaries.ts';
import { openLedger } from './ledger.ts';
import { removeLeftovers } from './leftovers.ts';
import { type Outcome, outcomeOf, summary, table } from './report.ts';
import { NotPossible, type Scenario } from './scenario.ts';
import { clockJumpsPostgres, clockJumpsSqlite } from './scenarios/clock-jumps.ts';
import { blackHole, connectionResets } from './scenarios/connection-resets.ts';
import { failover, standbyLost } from './scenarios/failover.ts';
import { fullDiskPostgres, fullDiskSqlite } from './scenarios/full-disk.ts';
import { killPostgres, killSqlite } from './scenarios/kill-node.ts';
import { restartPostgres } from './scenarios/restart-postgres.ts';

const scenarios: readonly Scenario[] = [
  killSqlite,
  killPostgres,
  restartPostgres,
  failover,
  standbyLost,
  connectionResets,
  blackHole,
  fullDiskSqlite,
  fullDiskPostgres,
  clockJumpsSqlite,
  clockJumpsPostgres,
];

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, hurry: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const strange = positionals.filter((name) => scenarios.every((scenario) => scenario.name !== name));
if (!Number.isInteger(rounds) || rounds < 1 || strange.length > 0) {
  const names = scenarios.map(({ name }) => `[${name}]`).join(' ');
  stop(2, `Usage: npm run test:faults -- [--rounds 20] [--hurry] ${names}`);
}
const chosen = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (chosen.some(({ postgres }) => postgres) && systemPostgresBin() === undefined) {
  stop(1, 'PostgreSQL with pg_basebackup is not installed: apt-get install postgresql');
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const outcomes: Outcome[] = [];
for (const scenario of chosen) {
  console.log(`\n${scenario.name}: ${scenario.title}`);
  const started = performance.now();
  const ledger = openLedger();
  const trouble = await scenario
    .run({ rounds, hurry: values.hurry, ledger, say: (text) => console.log(`  ${text}`) })
    .then(
      () => undefined,
      (error: Error) => error,
    );
  if (trouble !== undefined) console.log(trouble instanceof NotPossible ? `  ${trouble.message}` : trouble);
  const outcome = outcomeOf(scenario, rounds, ledger, trouble, positionals.includes(scenario.name));
  outcomes.push(outcome);
  await removeLeftovers();
  for (const line of outcome.complaints) console.log(`  ${line}`);
  console.log(`  ${summary(outcome)}; took ${Math.round((performance.now() - started) / 1000)} s`);
}
console.log(`\n${table(outcomes)}`);
process.exit(outcomes.some(({ fails }) => fails) ? 1 : 0);

function stop(code: number, text: string): never {
  console.error(text);
  process.exit(code);
}
