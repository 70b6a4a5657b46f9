import { deletionProtected } from '../../errors.ts';
import { deleteUserPoolEntirely } from '../../storage/repositories/user-pools.ts';
import type { Operation } from '../operation.ts';

export const deleteUserPool: Operation<'DeleteUserPool'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  if (pool.config.DeletionProtection === 'ACTIVE') throw deletionProtected();
  await services.storage.write(async (unit) => {
    for (const deletion of deleteUserPoolEntirely) await deletion.run(unit, { poolId: pool.id });
    services.pools.forgetOnCommit(unit, pool.id);
    unit.onCommit(() => services.signingKeys.forget(pool.id));
  });
  return {};
};
