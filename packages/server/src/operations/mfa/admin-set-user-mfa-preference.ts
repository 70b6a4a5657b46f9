import { changeFactors, ofReadyUser } from '../../domain/mfa/change-factors.ts';
import { preferenceChange } from '../../domain/mfa/preferences.ts';
import type { Operation } from '../operation.ts';

export const adminSetUserMfaPreference: Operation<'AdminSetUserMFAPreference'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  await changeFactors(services, pool, input.Username, ofReadyUser(preferenceChange(pool, input)));
  return {};
};
