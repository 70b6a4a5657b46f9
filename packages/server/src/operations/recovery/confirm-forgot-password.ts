import { requireSecretHash } from '../../domain/pools/client-secret.ts';
import { confirmRecovery } from '../../domain/recovery/confirm-recovery.ts';
import type { Operation } from '../operation.ts';

export const confirmForgotPassword: Operation<'ConfirmForgotPassword'> = async (services, input) => {
  const client = await services.pools.client(input.ClientId);
  requireSecretHash(client, input.SecretHash, input.Username);
  const pool = await services.pools.pool(client.poolId);
  await confirmRecovery(services, pool, client, input.Username, input.ConfirmationCode, input.Password);
  return {};
};
