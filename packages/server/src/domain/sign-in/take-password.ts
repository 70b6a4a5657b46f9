import { passwordAttemptsExceeded, wrongCredentials } from '../../errors.ts';
import type { Unit } from '../../storage/unit.ts';
import { type Counted, countPassword, passwordsLocked, wrongPasswords } from '../codes/lock-out.ts';
import type { User } from '../users/user.ts';
import { proceed, type SignInRequest, type SignInResult } from './sign-in-result.ts';

/** Throws NotAuthorizedException while the passwords of a user, or of a stand-in, are not looked at. */
export async function refuseWhileLocked({ services, pool }: SignInRequest, sub: string): Promise<void> {
  const counted = await services.storage.read((unit) => wrongPasswords(unit, { poolId: pool.id, sub }));
  if (!passwordsLocked(counted, services.clock.now())) return;
  services.lockedOut('password');
  throw passwordAttemptsExceeded();
}

/**
 * Takes a sign-in on by a password, or by a proof of one: `isRight` tells whether it is that of the user as they are now,
 * and `spend` completes the challenge that it answers. The unit that decides whether it counts also opens the session;
 * `goOn` is for what follows in place of one.
 */
export function proceedByPassword(
  request: SignInRequest,
  sub: string,
  isRight: (user: User) => boolean,
  spend: (unit: Unit) => Promise<void>,
  goOn?: (user: User) => Promise<SignInResult>,
): Promise<SignInResult> {
  const { services, pool } = request;
  const owner = { poolId: pool.id, sub };
  return proceed<Counted>(
    request,
    sub,
    {},
    async (unit, user, counted) => {
      const right = user !== undefined && isRight(user) ? user : undefined;
      const now = services.clock.now();
      const outcome = await countPassword(unit, owner, counted, now, right !== undefined);
      if (outcome === 'locked') {
        unit.onCommit(() => services.lockedOut('password'));
        return passwordAttemptsExceeded();
      }
      if (right === undefined) return wrongCredentials();
      await spend(unit);
      return right;
    },
    (unit) => wrongPasswords(unit, owner),
    goOn,
  );
}
