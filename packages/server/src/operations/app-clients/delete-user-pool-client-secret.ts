import { deleteClientSecret } from '../../domain/pools/change-client-secrets.ts';
import type { Operation } from '../operation.ts';

export const deleteUserPoolClientSecret: Operation<'DeleteUserPoolClientSecret'> = async (
  services,
  input,
) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const { id } = await services.pools.clientOfPool(pool.id, input.ClientId);
  await services.storage.write((unit) =>
    deleteClientSecret(services, unit, { poolId: pool.id, id }, input.ClientSecretId),
  );
  return {};
};
