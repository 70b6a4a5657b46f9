import { confirmRecovery } from '../../domain/recovery/confirm-recovery.ts';
import { authenticateClient } from '../../domain/users/authenticate-client.ts';
import type { Operation } from '../operation.ts';

export const confirmForgotPassword: Operation<'ConfirmForgotPassword'> = async (services, input) => {
  const { client, pool } = await authenticateClient(services, input);
  await confirmRecovery(services, pool, client, input.Username, {
    code: input.ConfirmationCode,
    password: input.Password,
    metadata: input.ClientMetadata,
  });
  return {};
};
