/**
 * Runs the tests, or those that the arguments name to vitest, and ends with one line to count by: `12 passed, 0 failed`.
 * Whatever keeps a test from being judged (a file that does not load, an error outside tests, a crash, no test at all)
 * counts as failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is used of vitest's JSON report. */
export interface Report {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Failures that no test tells of. */
  readonly problems: readonly string[];
}

/** `end` is the exit code of vitest, or the signal that ended it. */
export function tallyOf(report: Report | undefined, end: number | string): Tally {
  if (report === undefined) {
    return { passed: 0, failed: 1, skipped: 0, problems: [`vitest ended with ${end} and without a report.`] };
  }
  const problems = report.testResults
    .filter((file) => file.status === 'failed' && file.assertionResults.every((t) => t.status !== 'failed'))
    .map((file) => `${file.name}: not all of it ran. ${file.message}`.trim());
  const { numTotalTests: total, numPassedTests: passed, numFailedTests } = report;
  if (passed + numFailedTests + problems.length === 0) problems.push('Not one test ran.');
  if (end !== 0 && numFailedTests + problems.length === 0) {
    problems.push(`vitest ended with ${end} although no test failed: see the errors above.`);
  }
  const failed = numFailedTests + problems.length;
  return { passed, failed, skipped: total - passed - numFailedTests, problems };
}

export const closingLine = ({ passed, failed, skipped }: Tally) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

function runVitest(args: readonly string[]): Tally {
  const root = join(import.meta.dirname, '..');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  if (!existsSync(vitest)) throw new Error('The dependencies are not installed: run `npm ci` first.');
  const folder = mkdtempSync(join(tmpdir(), 'poolkeeper-tests-'));
  try {
    const file = join(folder, 'report.json');
    const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { status, signal } = spawnSync(process.execPath, [vitest, 'run', ...options, ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
    return tallyOf(report, status ?? signal ?? 'no exit code');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const tally = runVitest(process.argv.slice(2));
  for (const problem of tally.problems) console.log(problem);
  console.log(closingLine(tally));
  process.exitCode = tally.failed === 0 ? 0 : 1;
}
