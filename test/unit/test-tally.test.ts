import { expect, test } from 'vitest';
import { closingLine, type Report, tallyOf } from '../../scripts/test.ts';

const file = (name: string, statuses: string[], status = 'passed') => ({
  name,
  status,
  message: '',
  assertionResults: statuses.map((status) => ({ status })),
});

function report(...testResults: Report['testResults'][number][]): Report {
  const tests = testResults.flatMap((result) => result.assertionResults);
  const count = (status: string) => tests.filter((t) => t.status === status).length;
  return {
    numTotalTests: tests.length,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    testResults,
  };
}

test('counts tests, and mentions skipped ones where there are any', () => {
  expect(closingLine(tallyOf(report(file('a', ['passed', 'passed'])), 0))).toBe('2 passed, 0 failed');
  expect(closingLine(tallyOf(report(file('a', ['passed', 'failed', 'skipped'], 'failed')), 1))).toBe(
    '1 passed, 1 failed, 1 skipped',
  );
});

test('a file that did not load is a failure', () => {
  const tally = tallyOf(report(file('a', ['passed']), file('b', [], 'failed')), 1);
  expect(closingLine(tally)).toBe('1 passed, 1 failed');
  expect(tally.problems).toEqual(['b: not all of it ran.']);
});

test('a file whose worker died half-way is a failure', () => {
  const tally = tallyOf(report(file('a', ['passed', 'pending'], 'failed')), 1);
  expect(closingLine(tally)).toBe('1 passed, 1 failed, 1 skipped');
});

test('an error outside all tests is a failure', () => {
  expect(closingLine(tallyOf(report(file('a', ['passed'])), 1))).toBe('1 passed, 1 failed');
});

test('no report, no test, or skipped tests alone are a failure', () => {
  expect(closingLine(tallyOf(undefined, 'SIGKILL'))).toBe('0 passed, 1 failed');
  expect(tallyOf(undefined, 'SIGKILL').problems).toEqual(['vitest ended with SIGKILL and without a report.']);
  expect(closingLine(tallyOf(report(), 0))).toBe('0 passed, 1 failed');
  expect(closingLine(tallyOf(report(file('a', ['skipped'])), 0))).toBe('0 passed, 1 failed, 1 skipped');
});
