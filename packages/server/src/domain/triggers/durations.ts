import { anyOf } from '../../platform/random.ts';

/** Enough to be usual, and few enough to follow a function that became faster or slower. */
const WINDOW = 50;
const MOST_FUNCTIONS = 10_000;

/** How long functions took of late. */
export function durationsOf() {
  const newest = new Map<string, number[]>();
  return {
    add(arn: string, milliseconds: number): void {
      const known = newest.get(arn) ?? [];
      known.push(milliseconds);
      if (known.length > WINDOW) known.shift();
      // One that is not called any more goes first.
      newest.delete(arn);
      newest.set(arn, known);
      const [oldest] = newest.size > MOST_FUNCTIONS ? newest.keys() : [];
      if (oldest !== undefined) newest.delete(oldest);
    },
    /** Any of the newest calls: an average would be told from real calls, which differ. 0 while nothing is known. */
    usual: (arn: string): number => anyOf(newest.get(arn) ?? []) ?? 0,
  };
}
