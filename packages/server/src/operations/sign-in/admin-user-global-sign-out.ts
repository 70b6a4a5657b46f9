import { signOutEverywhere } from '../../domain/tokens/sign-out.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import type { Operation } from '../operation.ts';

export const adminUserGlobalSignOut: Operation<'AdminUserGlobalSignOut'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  await services.storage.write(async (unit) => {
    const user = await userForAdmin(unit, pool, input.Username);
    await signOutEverywhere(unit, user, services.clock.now());
  });
  return {};
};
