import { changeFactors, ofReadyUser } from '../../domain/mfa/change-factors.ts';
import { olderSettingChange } from '../../domain/mfa/preferences.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import type { Operation } from '../operation.ts';

export const setUserSettings: Operation<'SetUserSettings'> = async (services, input) => {
  const { pool, user } = await signedInUser(services, input.AccessToken);
  await changeFactors(services, pool, user.sub, ofReadyUser(olderSettingChange(pool, input.MFAOptions)));
  return {};
};
