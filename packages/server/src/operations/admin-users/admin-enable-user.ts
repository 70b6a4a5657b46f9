import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUserEnabled } from '../../storage/repositories/users.ts';
import type { Operation } from '../operation.ts';

export const adminEnableUser: Operation<'AdminEnableUser'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  await services.storage.write(async (unit) => {
    const { sub } = await userForAdmin(unit, pool, input.Username);
    await updateUserEnabled.run(unit, { poolId: pool.id, sub, enabled: 1, now: services.clock.now() });
  });
  return {};
};
