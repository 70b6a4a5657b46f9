import { signOutEverywhere } from '../../domain/tokens/sign-out.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUserEnabled } from '../../storage/repositories/users.ts';
import type { Operation } from '../operation.ts';

/** Tokens issued before stay revoked when the user is enabled again. */
export const adminDisableUser: Operation<'AdminDisableUser'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  await services.storage.write(async (unit) => {
    const { sub } = await userForAdmin(unit, pool, input.Username);
    const now = services.clock.now();
    await updateUserEnabled.run(unit, { poolId: pool.id, sub, enabled: 0, now });
    await signOutEverywhere(unit, { poolId: pool.id, sub }, now);
  });
  return {};
};
