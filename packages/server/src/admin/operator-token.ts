import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { operatorsAreNoBrowsers, operatorTokenWrong, tooManyGuesses } from '../errors.ts';
import { MINUTE } from '../platform/duration.ts';
import { sourceOf } from '../platform/source-address.ts';

/** Wrong tokens that an address may send in a minute before none of its tokens is looked at any more. */
const MOST_GUESSES = 10;
/** Addresses that are remembered; beyond it the longest known is forgotten. */
const MOST_ADDRESSES = 10_000;

/** Lets in who brings the admin token. Throws NotAuthorizedException, AccessDeniedException or TooManyRequestsException. */
export function requireToken(
  token: string,
  now = () => performance.now(),
): (request: FastifyRequest) => void {
  const expected = digestOf(token);
  const guesses = new Map<string, { count: number; readonly until: number }>();

  function countGuess(source: string): void {
    const known = guesses.get(source);
    if (known !== undefined && known.until > now()) {
      known.count += 1;
      return;
    }
    guesses.delete(source);
    if (guesses.size >= MOST_ADDRESSES) guesses.delete(guesses.keys().next().value as string);
    guesses.set(source, { count: 1, until: now() + MINUTE });
  }

  return ({ headers, ip }) => {
    // No page of a browser has any business here, so none can be made to lend its user's way in.
    if (headers.origin !== undefined) throw operatorsAreNoBrowsers();
    const source = sourceOf(ip);
    const known = guesses.get(source);
    if (known !== undefined && known.until > now() && known.count >= MOST_GUESSES) throw tooManyGuesses();
    const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    // Of equal length, as digests, the two are compared in constant time.
    if (given !== undefined && timingSafeEqual(digestOf(given), expected)) return;
    // Who brings none does not guess.
    if (given !== undefined) countGuess(source);
    throw operatorTokenWrong();
  };
}

const digestOf = (token: string) => createHash('sha256').update(token).digest();
