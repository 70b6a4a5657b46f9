import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { deleteUserEntirely } from '../../storage/repositories/users.ts';
import type { Operation } from '../operation.ts';

export const deleteUser: Operation<'DeleteUser'> = async (services, input) => {
  const { user } = await signedInUser(services, input.AccessToken);
  await services.storage.write(async (unit) => {
    for (const deletion of deleteUserEntirely)
      await deletion.run(unit, { poolId: user.poolId, sub: user.sub });
  });
  return {};
};
