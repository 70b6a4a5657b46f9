import { addClientSecret } from '../../domain/pools/change-client-secrets.ts';
import { describeClientSecret } from '../../domain/pools/describe.ts';
import { newClientSecret } from '../../platform/random.ts';
import type { Operation } from '../operation.ts';

/** A second secret beside the first. Only one that was generated is shown, here and never again. */
export const addUserPoolClientSecret: Operation<'AddUserPoolClientSecret'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const { id } = await services.pools.clientOfPool(pool.id, input.ClientId);
  const value = input.ClientSecret ?? newClientSecret();
  const added = await services.storage.write((unit) =>
    addClientSecret(services, unit, { poolId: pool.id, id }, value),
  );
  return {
    ClientSecretDescriptor: {
      ...describeClientSecret(added),
      ...(input.ClientSecret === undefined && { ClientSecretValue: value }),
    },
  };
};
