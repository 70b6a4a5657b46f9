import { anyOf } from '../../platform/random.ts';

/** Enough to be usual, and few enough to follow a function that became faster or slower. */
const WINDOW = 50;
const MOST_FUNCTIONS = 10_000;

/** How long functions took of late. */
export function durationsOf() {
  const newest = new Map<string, number[]>();
  return {
    add(name: string, milliseconds: number): void {
      const known = newest.get(name) ?? [];
      known.push(milliseconds);
      if (known.length > WINDOW) known.shift();
      // One that is not called any more goes first.
      newest.delete(name);
      newest.set(name, known);
      const [oldest] = newest.size > MOST_FUNCTIONS ? newest.keys() : [];
      if (oldest !== undefined) newest.delete(oldest);
    },
    /** Any of the newest calls: an average would be told from real calls, which differ. 0 while nothing is known. */
    usual: (name: string): number => anyOf(newest.get(name) ?? []) ?? 0,
  };
}
