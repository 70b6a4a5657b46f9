import type { Load, SignIns } from './measure.ts';

/** The machine varies from one minute to the next: what is compared takes turns, and the middle of the rounds counts. */
export function median<T>(rounds: readonly T[], of: (round: T) => number): number {
  const sorted = rounds.map(of).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export const middle = (rounds: readonly number[]) => median(rounds, (value) => value);

export const round2 = (value: number) => Math.round(value * 100) / 100;

export const summary = (loads: readonly Load[]) => ({
  requestsPerSecond: Math.round(median(loads, (load) => load.requestsPerSecond)),
  p50: median(loads, (load) => load.p50),
  p99: median(loads, (load) => load.p99),
  memoryMiB: median(loads, (load) => load.memory),
  cpuMicroseconds: round2(median(loads, (load) => load.cpu * 1e6)),
});

export const srpSummary = (signIns: readonly SignIns[], cryptoAlone: readonly number[]) => ({
  perSecond: round2(median(signIns, (round) => round.perSecond)),
  cryptoAlonePerSecond: round2(middle(cryptoAlone)),
  p50: round2(median(signIns, (round) => round.p50)),
  p99: round2(median(signIns, (round) => round.p99)),
  ratioToCrypto: round2(median(signIns, (round) => round.perSecond) / middle(cryptoAlone)),
});

export function printSrp(result: ReturnType<typeof srpSummary>): void {
  const { perSecond, p50, p99, ratioToCrypto } = result;
  console.table({
    'SRP crypto alone': { perSecond: result.cryptoAlonePerSecond, ratio: 1 },
    'SRP sign-in': { perSecond, p50, p99, ratio: ratioToCrypto },
  });
}
