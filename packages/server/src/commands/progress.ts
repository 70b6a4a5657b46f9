import type { OnRows } from '../storage/copy/progress.ts';

/** What is over by then needs no progress. */
const FIRST = 2000;
const EVERY_ON_TERMINAL = 200;
const EVERY = 5000;

export interface Progress {
  readonly onRows: OnRows;
  /** How many rows there are in all and how many are there already, where that is known. */
  of(total: number, before: number): void;
  /** Resolves nothing: ends the line, so that what is printed next has one of its own. */
  end(): { readonly rows: number; readonly seconds: number };
}

/** Shows on standard error how far a copy is: one line that changes on a terminal, a line every few seconds elsewhere. */
export function showProgress(output: NodeJS.WriteStream = process.stderr): Progress {
  const began = performance.now();
  let rows = 0;
  let before = 0;
  let total: number | undefined;
  let next = began + FIRST;
  let shown = false;
  const seconds = () => (performance.now() - began) / 1000;

  function show(table: string): void {
    const rate = Math.round(rows / seconds());
    const part = total ? ` of ${number(total)} (${Math.floor((100 * (before + rows)) / total)} %)` : '';
    const line = `${number(before + rows)} rows${part}, ${number(rate)} a second, now ${table}`;
    output.write(output.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    shown = true;
  }

  return {
    onRows(table, count) {
      rows += count;
      if (performance.now() < next) return;
      next = performance.now() + (output.isTTY ? EVERY_ON_TERMINAL : EVERY);
      show(table);
    },
    of(all, there) {
      total = all;
      before = there;
    },
    end() {
      if (shown && output.isTTY) output.write('\n');
      return { rows, seconds: seconds() };
    },
  };
}

export const number = (value: number) => value.toLocaleString('en-US');
