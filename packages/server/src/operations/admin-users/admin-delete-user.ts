import { userForAdmin } from '../../domain/users/find-user.ts';
import { deleteUserEntirely } from '../../storage/repositories/users.ts';
import type { Operation } from '../operation.ts';

export const adminDeleteUser: Operation<'AdminDeleteUser'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  await services.storage.write(async (unit) => {
    const { sub } = await userForAdmin(unit, pool, input.Username);
    for (const deletion of deleteUserEntirely) await deletion.run(unit, { poolId: pool.id, sub });
  });
  return {};
};
