import { updatedPoolConfig } from '../../domain/pools/pool-config.ts';
import { updateUserPool as update } from '../../storage/repositories/user-pools.ts';
import type { Operation } from '../operation.ts';

export const updateUserPool: Operation<'UpdateUserPool'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const config = updatedPoolConfig(pool.config, input);
  await services.storage.write(async (unit) => {
    await update.run(unit, {
      id: pool.id,
      name: input.PoolName ?? pool.name,
      config: JSON.stringify(config),
      now: services.clock.now(),
    });
    services.pools.forgetOnCommit(unit, pool.id);
  });
  return {};
};
