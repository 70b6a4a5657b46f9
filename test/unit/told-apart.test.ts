import { expect, test } from 'vitest';
import { cannotTell, toldApart } from '../support/told-apart.ts';

/** Latencies with a long tail, as servers have them; the same for the same seed. */
function latencies(seed: number, count: number, shift = 0): number[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  return Array.from({ length: count }, () => 1 + shift - 0.2 * Math.log(random()));
}

test('two samples of one distribution are not told apart', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const compared = toldApart(latencies(seed, 1000), latencies(seed + 1000, 1000));
    expect(cannotTell(compared), JSON.stringify(compared)).toBe(true);
  }
});

test('samples are told apart that differ by a third of their spread', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const compared = toldApart(latencies(seed, 1000), latencies(seed + 1000, 1000, 0.07));
    expect(cannotTell(compared), JSON.stringify(compared)).toBe(false);
  }
});

test('so are samples with one mean and another shape', () => {
  const narrow = latencies(7, 1000).map((value) => 1.2 + (value - 1.2) / 4);
  expect(cannotTell(toldApart(narrow, latencies(8, 1000)))).toBe(false);
});

test('equal values say nothing', () => {
  expect(toldApart([1, 1, 1], [1, 1, 1])).toMatchObject({ longer: 0.5, distance: 0 });
});
