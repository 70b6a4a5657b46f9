/** Tells every few seconds how many rows are in, how fast, and when the rest will be. */
export function createProgress(title: string, total: number) {
  const started = performance.now();
  let done = 0;
  let told = started;
  return {
    count(): void {
      done += 1;
      if ((done & 8191) !== 0 || performance.now() - told < 5000) return;
      told = performance.now();
      const perSecond = (done * 1000) / (told - started);
      const left = Math.round((total - done) / perSecond);
      console.error(`${title}: ${done} of ${total} rows, ${Math.round(perSecond)} a second, ${left} s left`);
    },
    say(text: string): void {
      console.error(`${title}: ${text} (${Math.round((performance.now() - started) / 1000)} s)`);
    },
    seconds: () => (performance.now() - started) / 1000,
  };
}

export type Progress = ReturnType<typeof createProgress>;
