import { deleteAppClient } from '../../storage/repositories/app-clients.ts';
import type { Operation } from '../operation.ts';

export const deleteUserPoolClient: Operation<'DeleteUserPoolClient'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const client = await services.pools.clientOfPool(pool.id, input.ClientId);
  await services.storage.write(async (unit) => {
    await deleteAppClient.run(unit, { poolId: pool.id, id: client.id });
    services.pools.forgetOnCommit(unit, pool.id, client.id);
  });
  return {};
};
