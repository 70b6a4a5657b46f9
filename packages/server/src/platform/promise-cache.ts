/** How long a node may go by what another has changed since, ms: the one bound for all configuration. */
export const LONGEST_STALE = 1000;

/** What was loaded once, kept until it is forgotten, too old or, beyond `capacity`, the oldest. */
export interface PromiseCache<T> {
  /** The value under a key, loaded by the first who asks. A load that fails is not kept. */
  get(key: string, load: () => Promise<T>): Promise<T>;
  delete(key: string): void;
  entries(): Iterable<[string, Promise<T>]>;
}

interface Entry<T> {
  readonly value: Promise<T>;
  /** When its load began, by a clock that never jumps, ms. */
  readonly since: number;
}

/**
 * The promise is what is kept, so that a change which commits during a load also throws that load away. Nothing older
 * than `maxAge` (ms) is handed out: what another node changes is seen by then.
 */
export function createPromiseCache<T>(capacity: number, maxAge = Number.POSITIVE_INFINITY): PromiseCache<T> {
  const kept = new Map<string, Entry<T>>();
  return {
    get(key, load) {
      const now = performance.now();
      const known = kept.get(key);
      if (known !== undefined && now - known.since < maxAge) return known.value;
      const entry = { value: load(), since: now };
      kept.delete(key);
      if (kept.size >= capacity) kept.delete(kept.keys().next().value as string);
      kept.set(key, entry);
      entry.value.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return entry.value;
    },
    delete: (key) => void kept.delete(key),
    *entries() {
      for (const [key, { value }] of kept) yield [key, value];
    },
  };
}
