import { beginRecoveryFor } from '../../domain/recovery/begin-recovery.ts';
import type { Operation } from '../operation.ts';

/** The old password stops signing in at once; ConfirmForgotPassword with the code that is sent sets the new one. */
export const adminResetUserPassword: Operation<'AdminResetUserPassword'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  await beginRecoveryFor(services, pool, input.Username, input.ClientMetadata);
  return {};
};
