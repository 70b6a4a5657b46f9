import { attemptAllowed } from '../../domain/codes/attempt-limit.ts';
import { requireAcceptable } from '../../domain/passwords/check-password.ts';
import { isAmong, rememberedHashes } from '../../domain/passwords/password-history.ts';
import { passwordMaterial, storePassword } from '../../domain/passwords/password-material.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import {
  attemptLimitExceeded,
  passwordResetRequired,
  passwordUsedBefore,
  temporaryPasswordExpired,
  wrongCredentials,
} from '../../errors.ts';
import { requireRoomToHash, verifyPassword } from '../../platform/password-hash.ts';
import type { Operation } from '../operation.ts';

export const changePassword: Operation<'ChangePassword'> = async (services, input) => {
  const { pool, user } = await signedInUser(services, input.AccessToken);
  // After an administrator's reset the old password vouches for nobody, whoever still holds a token.
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
  await requireAcceptable(services, pool, input.ProposedPassword, 'Password does not conform to policy');
  const now = services.clock.now();
  // What is let in here goes through: an attempt that was counted must not end in a TooManyRequestsException.
  const turn = { lane: user.sub, admitted: true };
  requireRoomToHash(turn.lane);
  const allowed = await services.storage.write((unit) =>
    attemptAllowed(unit, pool, user.sub, 'change-password', now),
  );
  if (!allowed) throw attemptLimitExceeded();
  // PreviousPassword may be left out by a user who has none; whoever has one must show it.
  const shown = input.PreviousPassword ?? '';
  if (user.passwordHash !== null && !(await verifyPassword(user.passwordHash, shown, turn)))
    throw wrongCredentials();

  if (user.temporaryUntil !== null && user.temporaryUntil <= now) throw temporaryPasswordExpired();
  const hashes = await services.storage.read((unit) => rememberedHashes(unit, pool, user));
  if (await isAmong(hashes, input.ProposedPassword, turn)) throw passwordUsedBefore();
  const material = await passwordMaterial(services, pool, user, input.ProposedPassword, turn);
  await services.storage.write(async (unit) => {
    const current = await userForAdmin(unit, pool, user.sub);
    // Another change, or a reset, came first: the password that was shown is no longer the one.
    if (current.passwordHash !== user.passwordHash) throw wrongCredentials();
    // A temporary password makes way for another one, and stays to be replaced at the next sign-in.
    const { status, temporaryUntil } = current;
    await storePassword(unit, pool, current, material, {
      status,
      now: services.clock.now(),
      ...(temporaryUntil !== null && { temporaryUntil }),
    });
  });
  return {};
};
