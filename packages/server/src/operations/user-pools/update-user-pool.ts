import { currentPool } from '../../domain/pools/directory.ts';
import { requireTargets } from '../../domain/pools/lambda-config.ts';
import { updatedPoolConfig } from '../../domain/pools/pool-config.ts';
import { withoutKeptSms } from '../../domain/pools/sms-config.ts';
import { updateUserPool as update } from '../../storage/repositories/user-pools.ts';
import type { Operation } from '../operation.ts';

export const updateUserPool: Operation<'UpdateUserPool'> = async (services, input) => {
  requireTargets(services.functions, input.LambdaConfig);
  const { config } = await services.pools.pool(input.UserPoolId);
  await services.delivery.checkPool(withoutKeptSms(updatedPoolConfig(config, input), input.SmsConfiguration));
  await services.storage.write(async (unit) => {
    const pool = await currentPool(unit, input.UserPoolId);
    await update.run(unit, {
      id: pool.id,
      name: input.PoolName ?? pool.name,
      config: JSON.stringify(updatedPoolConfig(pool.config, input)),
      now: services.clock.now(),
    });
    services.pools.forgetOnCommit(unit, pool.id);
  });
  return {};
};
