import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { deleteUserEntirely } from '../../storage/repositories/users.ts';
import type { Operation } from '../operation.ts';

export const deleteUser: Operation<'DeleteUser'> = async (services, input) => {
  const { pool, user } = await signedInUser(services, input.AccessToken);
  await services.storage.write(async (unit) => {
    const { poolId, sub } = await userForAdmin(unit, pool, user.sub);
    for (const deletion of deleteUserEntirely) await deletion.run(unit, { poolId, sub });
  });
  return {};
};
