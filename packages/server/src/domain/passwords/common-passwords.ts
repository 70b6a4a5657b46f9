import { COMMON_PASSWORDS } from './common-passwords-list.ts';
import { fingerprintOf, unpackFingerprints } from './fingerprints.ts';

let fingerprints: Uint32Array | undefined;

/**
 * Whether a password is one of those that most people think of first, in any case and with symbols before or after it:
 * what a policy demands is seldom more than that. One password in 30,000 that is none of them is taken for one.
 */
export function isCommonPassword(password: string): boolean {
  fingerprints ??= unpackFingerprints(COMMON_PASSWORDS);
  const sorted = fingerprints;
  const lower = password.toLowerCase();
  const bare = lower.replace(/^[^a-z0-9]+/, '').replace(/[^a-z0-9]+$/, '');
  return [password, lower, bare].some((form) => holds(sorted, fingerprintOf(form)));
}

function holds(sorted: Uint32Array, wanted: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
