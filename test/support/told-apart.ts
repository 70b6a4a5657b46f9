/** How well one measurement tells which of two kinds a call was of. */
export interface ToldApart {
  /** Chance that a call of the first kind took longer than one of the second: 0.5 when nothing can be told. */
  readonly longer: number;
  /** Largest distance between the two distributions (Kolmogorov–Smirnov), 0 to 1. */
  readonly distance: number;
  /** What `distance` stays below but once in a million, when both are the same distribution. */
  readonly chance: number;
}

/** Compares two samples by rank: outliers and the unit they are in do not matter. */
export function toldApart(first: readonly number[], second: readonly number[]): ToldApart {
  const [n, m] = [first.length, second.length];
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ].sort((a, b) => a.value - b.value);
  let [seenFirst, seenSecond, pairs, distance] = [0, 0, 0, 0];
  for (let from = 0; from < all.length; ) {
    let [tiedFirst, tiedSecond] = [0, 0];
    const { value } = all[from] as { value: number };
    for (; all[from]?.value === value; from += 1) {
      if (all[from]?.isFirst) tiedFirst += 1;
      else tiedSecond += 1;
    }
    pairs += tiedFirst * (seenSecond + tiedSecond / 2);
    seenFirst += tiedFirst;
    seenSecond += tiedSecond;
    distance = Math.max(distance, Math.abs(seenFirst / n - seenSecond / m));
  }
  const chance = Math.sqrt((-Math.log(1e-6 / 2) / 2) * ((n + m) / (n * m)));
  return { longer: pairs / (n * m), distance, chance };
}

/** The largest advantage over guessing that is borne: five standard errors with a thousand calls of each kind. */
const BORNE = 0.065;

export const cannotTell = ({ longer, distance, chance }: ToldApart) =>
  Math.abs(longer - 0.5) < BORNE && distance < chance;
