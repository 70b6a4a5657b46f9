import type { UserPool } from '../pools/user-pool.ts';
import type { User } from './user.ts';

/**
 * The verified address that `attribute` had until the user changed it to one that is not verified, for as long as the
 * pool lets recovery go to it. Nobody signs in with it.
 */
export function previousAddressOf(
  user: User,
  attribute: 'email' | 'phone_number',
  now: number,
): string | undefined {
  const previous = user.addressChanges[attribute]?.previous;
  return previous !== undefined && previous.until > now ? previous.address : undefined;
}

/**
 * Until when an address that a user gives up now is remembered. An administrator's change takes it away at once: an
 * address that was lost to somebody else must not recover.
 */
export const previousUntil = (pool: UserPool, by: 'user' | 'admin', now: number): number | undefined =>
  by === 'user' ? now + pool.settings.recovery.previousAddressGrace : undefined;
