import type { Ledger } from './ledger.ts';
import { NotPossible, type Scenario } from './scenario.ts';

export interface Outcome {
  readonly cells: readonly string[];
  readonly verdict: 'passed' | 'failed' | 'not possible here';
  /** Whether the run as a whole fails for it. */
  readonly fails: boolean;
  readonly complaints: readonly string[];
}

const HEAD = [
  'scenario',
  'rounds',
  'acknowledged',
  'codes raced for',
  'errors meanwhile',
  'lost',
  'doubled',
  'wrong answers',
  'longest silence',
  'slowest mail',
  'mails twice',
];
const MOST_COMPLAINTS = 20;

/** What a scenario showed. One that showed nothing has not passed. */
export function outcomeOf(
  { name }: Scenario,
  rounds: number,
  ledger: Ledger,
  trouble: Error | undefined,
  asked: boolean,
): Outcome {
  const { counts, problems } = ledger;
  // Who names a scenario wants it run; who runs them all can do without what the machine does not allow.
  if (trouble instanceof NotPossible) {
    return { cells: [name], verdict: 'not possible here', fails: asked, complaints: [] };
  }
  const complaints = [
    ...(trouble === undefined ? [] : [`It broke off: ${trouble.message}`]),
    ...(ledger.injected() < rounds
      ? [`The fault came about in ${ledger.injected()} rounds of ${rounds}.`]
      : []),
    ...(counts.acknowledged < rounds * 10 ? ['Next to nothing was acknowledged.'] : []),
    ...Object.entries(problems).flatMap(([kind, texts]) =>
      [...texts].slice(0, MOST_COMPLAINTS).map((text) => `${kind}: ${text}`),
    ),
  ];
  const delivery = ledger.longestDelivery();
  return {
    cells: [
      name,
      `${ledger.injected()}`,
      `${counts.acknowledged}`,
      `${counts.races}`,
      `${counts.inFault}`,
      `${problems.lost.size}`,
      `${problems.doubled.size}`,
      `${problems.wrong.size}`,
      seconds(ledger.longestSilence()),
      delivery === undefined ? 'not timed' : seconds(delivery),
      `${ledger.duplicates()}`,
    ],
    verdict: complaints.length === 0 ? 'passed' : 'failed',
    fails: complaints.length > 0,
    complaints,
  };
}

/** It in a line: `passed: rounds 20, acknowledged 9774, …`. */
export function summary({ cells, verdict }: Outcome): string {
  const figures = cells.map((cell, column) => `${HEAD[column]} ${cell}`).slice(1);
  return [verdict, figures.join(', ')].filter(Boolean).join(': ');
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

/** The outcomes as a table in Markdown. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = [HEAD, ...outcomes.map(({ cells }) => HEAD.map((_, column) => cells[column] ?? '-'))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}
