import { requireAcceptable } from '../../domain/passwords/check-password.ts';
import { isAmong, rememberedHashes } from '../../domain/passwords/password-history.ts';
import { passwordMaterial, storePassword } from '../../domain/passwords/password-material.ts';
import { temporaryUntil } from '../../domain/passwords/temporary-password.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import { passwordUsedBefore } from '../../errors.ts';
import type { Unit } from '../../storage/unit.ts';
import type { Operation } from '../operation.ts';

export const adminSetUserPassword: Operation<'AdminSetUserPassword'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const owner = await services.storage.read((unit) => userForAdmin(unit, pool, input.Username));
  await requireAcceptable(services, pool, input.Password, 'Password does not conform to policy');
  const material = await passwordMaterial(services, pool, owner, input.Password);
  // A further round means that somebody else has set a password in the one before it.
  const checked = new Set<string>();
  const store = async (unit: Unit): Promise<readonly string[]> => {
    const user = await userForAdmin(unit, pool, owner.sub);
    const unchecked = (await rememberedHashes(unit, pool, user)).filter((hash) => !checked.has(hash));
    if (unchecked.length > 0) return unchecked;
    const now = services.clock.now();
    const status = input.Permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
    await updateUser(unit, pool, user, { status }, { now });
    await storePassword(unit, pool, user, material, {
      status,
      now,
      ...(!input.Permanent && { temporaryUntil: temporaryUntil(pool, now) }),
    });
    return [];
  };
  for (;;) {
    const unchecked = await services.storage.write(store);
    if (unchecked.length === 0) return {};
    if (await isAmong(unchecked, input.Password, { lane: owner.sub })) throw passwordUsedBefore();
    for (const hash of unchecked) checked.add(hash);
  }
};
