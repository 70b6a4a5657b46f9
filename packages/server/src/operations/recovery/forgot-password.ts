import { requireSecretHash } from '../../domain/pools/client-secret.ts';
import { beginRecovery } from '../../domain/recovery/begin-recovery.ts';
import type { Operation } from '../operation.ts';

export const forgotPassword: Operation<'ForgotPassword'> = async (services, input) => {
  const client = await services.pools.client(input.ClientId);
  requireSecretHash(client, input.SecretHash, input.Username);
  const pool = await services.pools.pool(client.poolId);
  return { CodeDeliveryDetails: await beginRecovery(services, pool, client, input.Username) };
};
