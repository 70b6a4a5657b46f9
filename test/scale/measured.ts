/** What is measured at one step, by a label that ends in its unit. */
export type Measured = Record<string, number>;

export interface Step {
  readonly users: number;
  readonly measured: Measured;
}

const shown = (value: number | undefined) => {
  if (value === undefined) return '';
  if (Number.isNaN(value)) return 'timed out';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
};

/** A table with a column for each step. */
export function markdownOf(title: string, steps: readonly Step[]): string {
  const labels = [...new Set(steps.flatMap(({ measured }) => Object.keys(measured)))];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `## ${title}`,
    '',
    row(['', ...steps.map(({ users }) => `${users.toLocaleString('en-US')} users`)]),
    row(['---', ...steps.map(() => '---:')]),
    ...labels.map((label) => row([label, ...steps.map(({ measured }) => shown(measured[label]))])),
    '',
  ].join('\n');
}
