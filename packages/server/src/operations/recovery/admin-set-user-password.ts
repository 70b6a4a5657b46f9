import { passwordMaterial, requirePolicy, storePassword } from '../../domain/passwords/password-material.ts';
import { temporaryUntil } from '../../domain/passwords/temporary-password.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import type { Operation } from '../operation.ts';

export const adminSetUserPassword: Operation<'AdminSetUserPassword'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const owner = await services.storage.read((unit) => userForAdmin(unit, pool, input.Username));
  requirePolicy(pool, input.Password, 'Password does not conform to policy');
  const material = await passwordMaterial(services, pool, owner, input.Password);
  await services.storage.write(async (unit) => {
    const user = await userForAdmin(unit, pool, owner.sub);
    const now = services.clock.now();
    const status = input.Permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
    await updateUser(unit, pool, user, { status }, { now });
    await storePassword(unit, user, material, {
      status,
      now,
      ...(!input.Permanent && { temporaryUntil: temporaryUntil(pool, now) }),
    });
  });
  return {};
};
