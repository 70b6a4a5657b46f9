import { describeUserPool } from '../../domain/pools/describe.ts';
import { requireTargets } from '../../domain/pools/lambda-config.ts';
import { poolConfigOf } from '../../domain/pools/pool-config.ts';
import { defaultSettings } from '../../domain/pools/settings.ts';
import { newSigningKeys, storeSigningKeys } from '../../domain/tokens/signing-keys.ts';
import { newUserPoolId } from '../../platform/random.ts';
import { insertUserPool } from '../../storage/repositories/user-pools.ts';
import type { Operation } from '../operation.ts';

export const createUserPool: Operation<'CreateUserPool'> = async (services, input) => {
  const config = poolConfigOf(input);
  requireTargets(services.functions, config.LambdaConfig);
  await services.delivery.checkPool(config);
  const keys = await newSigningKeys();
  const id = newUserPoolId(services.region);
  const now = services.clock.now();
  await services.storage.write(async (unit) => {
    await insertUserPool.run(unit, {
      id,
      name: input.PoolName,
      config: JSON.stringify(config),
      settings: JSON.stringify(defaultSettings),
      now,
    });
    await storeSigningKeys(unit, services.keyring, id, keys, now);
  });
  return { UserPool: describeUserPool(await services.pools.pool(id), services.region, 0) };
};
