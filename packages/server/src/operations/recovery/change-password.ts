import { attemptAllowed } from '../../domain/codes/attempt-limit.ts';
import { passwordMaterial, requirePolicy, storePassword } from '../../domain/passwords/password-material.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { attemptLimitExceeded, passwordResetRequired, wrongCredentials } from '../../errors.ts';
import { verifyPassword } from '../../platform/password-hash.ts';
import type { Operation } from '../operation.ts';

export const changePassword: Operation<'ChangePassword'> = async (services, input) => {
  const { pool, user } = await signedInUser(services, input.AccessToken);
  // After an administrator's reset the old password vouches for nobody, whoever still holds a token.
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
  requirePolicy(pool, input.ProposedPassword, 'Password does not conform to policy');
  const now = services.clock.now();
  const allowed = await services.storage.write((unit) =>
    attemptAllowed(unit, pool, user.sub, 'change-password', now),
  );
  if (!allowed) throw attemptLimitExceeded();
  // PreviousPassword may be left out by a user who has none; whoever has one must show it.
  const shown = input.PreviousPassword ?? '';
  if (user.passwordHash !== null && !(await verifyPassword(user.passwordHash, shown)))
    throw wrongCredentials();

  const material = await passwordMaterial(services, pool, user, input.ProposedPassword);
  await services.storage.write(async (unit) => {
    const current = await userForAdmin(unit, pool, user.sub);
    // Another change, or a reset, came first: the password that was shown is no longer the one.
    if (current.passwordHash !== user.passwordHash) throw wrongCredentials();
    await storePassword(unit, user, material, { status: current.status, now: services.clock.now() });
  });
  return {};
};
