import { HOUR } from '../../platform/duration.ts';
import { sourceOf } from '../../platform/source-address.ts';
import type { RequestFacts } from '../services.ts';

/** Sources that are remembered; beyond it the longest known is forgotten. */
const MOST_SOURCES = 100_000;

/**
 * How many requests of one source address may send messages in an hour. Counted in this node's memory: whole offices and
 * back ends come from one address, and a row for each would have all their requests wait for each other.
 */
export function createSourceCap(most: number): (request: RequestFacts, now: number) => boolean {
  const sources = new Map<string, { count: number; readonly until: number }>();
  // A unit of work may run more than once, and send two messages; the request is one.
  const decided = new WeakMap<RequestFacts, boolean>();

  function count(request: RequestFacts, now: number): boolean {
    const source = sourceOf(request.sourceIp);
    const known = sources.get(source);
    // A clock that was set back must not make an hour longer.
    if (known !== undefined && known.until > now && known.until <= now + HOUR) {
      if (known.count >= most) return false;
      known.count += 1;
      return true;
    }
    sources.delete(source);
    if (sources.size >= MOST_SOURCES) sources.delete(sources.keys().next().value as string);
    sources.set(source, { count: 1, until: now + HOUR });
    return true;
  }

  return (request, now) => {
    const allowed = decided.get(request) ?? count(request, now);
    decided.set(request, allowed);
    return allowed;
  };
}
