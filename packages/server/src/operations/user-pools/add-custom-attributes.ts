import { currentPool } from '../../domain/pools/directory.ts';
import { withCustomAttributes } from '../../domain/pools/schema-attributes.ts';
import { updateUserPool } from '../../storage/repositories/user-pools.ts';
import type { Operation } from '../operation.ts';

export const addCustomAttributes: Operation<'AddCustomAttributes'> = async (services, input) => {
  await services.storage.write(async (unit) => {
    const pool = await currentPool(unit, input.UserPoolId);
    const SchemaAttributes = withCustomAttributes(pool.config.SchemaAttributes, input.CustomAttributes);
    await updateUserPool.run(unit, {
      id: pool.id,
      name: pool.name,
      config: JSON.stringify({ ...pool.config, SchemaAttributes }),
      now: services.clock.now(),
    });
    services.pools.forgetOnCommit(unit, pool.id);
  });
  return {};
};
