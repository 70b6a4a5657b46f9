/** What was loaded once, kept until it is forgotten or, beyond `capacity`, until it is the oldest. */
export interface PromiseCache<T> {
  /** The value under a key, loaded by the first who asks. A load that fails is not kept. */
  get(key: string, load: () => Promise<T>): Promise<T>;
  delete(key: string): void;
  entries(): Iterable<[string, Promise<T>]>;
}

/** The promise is what is kept, so that a change which commits during a load also throws that load away. */
export function createPromiseCache<T>(capacity: number): PromiseCache<T> {
  const kept = new Map<string, Promise<T>>();
  return {
    get(key, load) {
      const known = kept.get(key);
      if (known !== undefined) return known;
      const loading = load();
      if (kept.size >= capacity) kept.delete(kept.keys().next().value as string);
      kept.set(key, loading);
      loading.catch(() => {
        if (kept.get(key) === loading) kept.delete(key);
      });
      return loading;
    },
    delete: (key) => void kept.delete(key),
    entries: () => kept.entries(),
  };
}
