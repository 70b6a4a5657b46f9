import { currentPool } from '../../domain/pools/directory.ts';
import { deletionProtected } from '../../errors.ts';
import { insertDeletedPool } from '../../storage/repositories/deleted-pools.ts';
import { deleteUserPoolItself } from '../../storage/repositories/user-pools.ts';
import type { Operation } from '../operation.ts';

/** The pool is gone at once; the rows of its users, however many, are removed after the answer. */
export const deleteUserPool: Operation<'DeleteUserPool'> = async (services, input) => {
  await services.storage.write(async (unit) => {
    const pool = await currentPool(unit, input.UserPoolId);
    if (pool.config.DeletionProtection === 'ACTIVE') throw deletionProtected();
    for (const deletion of deleteUserPoolItself) await deletion.run(unit, { poolId: pool.id });
    await insertDeletedPool.run(unit, { poolId: pool.id, now: services.clock.now() });
    services.pools.forgetOnCommit(unit, pool.id);
    unit.onCommit(services.poolDeleted);
  });
  return {};
};
