import { secretContext } from '../../domain/pools/app-client.ts';
import { requireGrantable } from '../../domain/pools/client-attributes.ts';
import { clientConfigOf } from '../../domain/pools/client-config.ts';
import { describeAppClient } from '../../domain/pools/describe.ts';
import { invalid } from '../../errors.ts';
import { newClientId, newClientSecret } from '../../platform/random.ts';
import { insertAppClient } from '../../storage/repositories/app-clients.ts';
import type { Operation } from '../operation.ts';

export const createUserPoolClient: Operation<'CreateUserPoolClient'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const config = clientConfigOf(input);
  requireGrantable(pool, config, 'creating');
  if (input.GenerateSecret && input.ClientSecret !== undefined) {
    throw invalid('GenerateSecret and ClientSecret cannot be combined.');
  }
  const id = newClientId();
  const secret = input.ClientSecret ?? (input.GenerateSecret ? newClientSecret() : undefined);
  await services.storage.write(async (unit) => {
    await insertAppClient.run(unit, {
      poolId: pool.id,
      id,
      name: input.ClientName,
      config: JSON.stringify(config),
      sealedSecret: secret === undefined ? null : services.keyring.seal(secretContext(pool.id, id), secret),
      now: services.clock.now(),
    });
    services.pools.forgetOnCommit(unit, pool.id, id);
  });
  return { UserPoolClient: describeAppClient(await services.pools.client(id)) };
};
