import { requireGrantable } from '../../domain/pools/client-attributes.ts';
import { clientConfigOf } from '../../domain/pools/client-config.ts';
import { describeAppClient } from '../../domain/pools/describe.ts';
import { updateAppClient } from '../../storage/repositories/app-clients.ts';
import type { Operation } from '../operation.ts';

/** What the request leaves out goes back to its default, as Amazon Cognito does; the secret stays. */
export const updateUserPoolClient: Operation<'UpdateUserPoolClient'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const client = await services.pools.clientOfPool(pool.id, input.ClientId);
  const config = clientConfigOf(input);
  requireGrantable(pool, config, 'updating');
  await services.storage.write(async (unit) => {
    await updateAppClient.run(unit, {
      poolId: pool.id,
      id: client.id,
      name: input.ClientName ?? client.name,
      config: JSON.stringify(config),
      now: services.clock.now(),
    });
    services.pools.forgetOnCommit(unit, pool.id, client.id);
  });
  return { UserPoolClient: describeAppClient(await services.pools.client(client.id)) };
};
