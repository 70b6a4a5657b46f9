import { attemptLimitExceeded, userDisabled } from '../../errors.ts';
import { attemptsExhausted } from '../codes/attempt-limit.ts';
import { type CodeOutcome, consumeCode, requireConsumed } from '../codes/codes.ts';
import { passwordMaterial, requirePolicy, storePassword } from '../passwords/password-material.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { userOrStandIn } from '../users/find-user.ts';
import { updateUser } from '../users/update-user.ts';

/**
 * Sets a new password for who holds the code. The password is hashed before the code is looked at, for everybody: a
 * wrong code and an unknown user take the same time, and the unit that consumes the code also stores the password.
 * Throws InvalidPasswordException, CodeMismatchException, ExpiredCodeException, LimitExceededException.
 */
export async function confirmRecovery(
  services: Services,
  pool: UserPool,
  client: AppClient,
  name: string,
  code: string,
  password: string,
): Promise<void> {
  requirePolicy(pool, password, 'Password does not conform to policy');
  const now = services.clock.now();
  const owner = await services.storage.read(async (unit) => {
    const found = await userOrStandIn(services, unit, pool, client, name);
    if (found.user && !found.user.enabled && !client.hidesUsers) throw userDisabled();
    return { ...found, exhausted: await attemptsExhausted(unit, pool, found.sub, 'reset-password', now) };
  });
  if (owner.exhausted) throw attemptLimitExceeded();
  const material = await passwordMaterial(services, pool, owner, password);

  const result = await services.storage.write(async (unit): Promise<CodeOutcome> => {
    // The name may have passed to somebody else while the password was hashed.
    const { user, sub } = await userOrStandIn(services, unit, pool, client, name);
    if (sub !== owner.sub) return { outcome: 'expired' };
    const consumed = await consumeCode(services, unit, pool, { sub, purpose: 'reset-password' }, code);
    if (consumed.outcome !== 'consumed') return consumed;
    // A stand-in's code was told to nobody; a disabled user's stays unanswered like a wrong one.
    if (user === undefined || !user.enabled) return { outcome: 'mismatch' };
    const now = services.clock.now();
    await updateUser(unit, pool, user, { status: 'CONFIRMED' }, { now });
    await storePassword(unit, user, material, { status: 'CONFIRMED', now });
    return consumed;
  });
  requireConsumed(result);
}
