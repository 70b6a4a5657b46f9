import { passwordResetRequired, userNotConfirmed } from '../../errors.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { userForAdmin } from '../users/find-user.ts';
import type { User } from '../users/user.ts';
import { type Factors, factorsOf, storeFactors } from './factors.ts';

/** What a user's factors become. Throws what refuses it, and then nothing changes. */
export type Change = (factors: Factors, user: User) => Factors;

/** Applies a change to the user as they are now, in one unit of work. Throws UserNotFoundException. */
export function changeFactors(
  services: Services,
  pool: UserPool,
  username: string,
  change: Change,
): Promise<void> {
  return services.storage.write(async (unit) => {
    const user = await userForAdmin(unit, pool, username);
    await storeFactors(services, unit, user, change(factorsOf(services, user), user));
  });
}

/**
 * The same for who may change how they sign in: not before the account is confirmed, nor while an administrator has them
 * reset their password, for then whoever holds a token may be somebody else. Throws UserNotConfirmedException and
 * PasswordResetRequiredException.
 */
export const ofReadyUser =
  (change: Change): Change =>
  (factors, user) => {
    if (user.status === 'UNCONFIRMED') throw userNotConfirmed();
    if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
    return change(factors, user);
  };
