import { changeFactors } from '../../domain/mfa/change-factors.ts';
import { olderSettingChange } from '../../domain/mfa/preferences.ts';
import type { Operation } from '../operation.ts';

export const adminSetUserSettings: Operation<'AdminSetUserSettings'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  await changeFactors(services, pool, input.Username, olderSettingChange(pool, input.MFAOptions));
  return {};
};
