/** Keeps the tokens of one browser. */
export function memoryStorage() {
  const items = new Map<string, string>();
  return {
    setItem: (key: string, value: string) => void items.set(key, value),
    getItem: (key: string) => items.get(key) ?? null,
    removeItem: (key: string) => void items.delete(key),
    clear: () => items.clear(),
  };
}

/** For methods that end in `callback(error, result)`. */
export const call = <T>(
  run: (callback: (error?: Error, result?: T) => void) => void,
): Promise<T | undefined> =>
  new Promise((resolve, reject) => run((error, result) => (error ? reject(error) : resolve(result))));

/** What a method fails with: `UserNotFoundException: User does not exist.` */
export const failing = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'It succeeded.',
    (error) => `${error.code}: ${error.message}`,
  );
