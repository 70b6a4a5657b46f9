import { DAY } from '../../platform/duration.ts';

/** The day that a time is in, in UTC; it ends at `endsAt` after midnight, ms. */
export function dayOf(now: number, endsAt = 0): { day: string; dayEnd: number } {
  const start = Math.floor((now - endsAt) / DAY) * DAY;
  return { day: new Date(start).toISOString().slice(0, 10), dayEnd: start + endsAt + DAY };
}
