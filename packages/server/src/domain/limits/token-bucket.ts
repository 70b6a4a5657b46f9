import { SECOND } from '../../platform/duration.ts';

/** Holds what a second lets through, and fills up again in a second. */
export interface Bucket {
  tokens: number;
  /** When it held them, ms of a clock that never goes back. */
  at: number;
}

export const fullBucket = (rate: number, now: number): Bucket => ({ tokens: rate, at: now });

/** Whether there is one more; it is gone then. `rate` a second. */
export function take(bucket: Bucket, rate: number, now: number): boolean {
  bucket.tokens = Math.min(rate, bucket.tokens + ((now - bucket.at) * rate) / SECOND);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

/** Users that are remembered in a second. Beyond it memory goes before exactness; the categories hold all the same. */
const MOST_USERS = 50_000;

/**
 * Buckets by key. Who was quiet for a second has a full one, so no more than two seconds of keys are ever kept: a
 * stranger who makes names up fills nothing.
 */
export function keyedBuckets(rate: number): (key: string, now: number) => boolean {
  let current = new Map<string, Bucket>();
  let previous = current;
  let since = Number.NEGATIVE_INFINITY;
  return (key, now) => {
    if (now - since >= SECOND || current.size >= MOST_USERS) {
      previous = now - since < 2 * SECOND ? current : new Map();
      current = new Map();
      since = now;
    }
    let bucket = current.get(key);
    if (bucket === undefined) {
      bucket = previous.get(key) ?? fullBucket(rate, now);
      current.set(key, bucket);
    }
    return take(bucket, rate, now);
  };
}
