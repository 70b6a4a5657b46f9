import { beginRecovery } from '../../domain/recovery/begin-recovery.ts';
import { authenticateClient } from '../../domain/users/authenticate-client.ts';
import type { Operation } from '../operation.ts';

export const forgotPassword: Operation<'ForgotPassword'> = async (services, input) => {
  const { client, pool } = await authenticateClient(services, input);
  const { Username, ClientMetadata } = input;
  return { CodeDeliveryDetails: await beginRecovery(services, pool, client, Username, ClientMetadata) };
};
