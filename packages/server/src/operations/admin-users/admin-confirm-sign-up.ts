import { postConfirmation } from '../../domain/triggers/post-confirmation.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import { cannotConfirm } from '../../errors.ts';
import { dropCode } from '../../storage/repositories/attempts.ts';
import type { Operation } from '../operation.ts';

/** Confirms the account without proving an address: nothing becomes verified by it. */
export const adminConfirmSignUp: Operation<'AdminConfirmSignUp'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const confirmed = await services.storage.write(async (unit) => {
    const user = await userForAdmin(unit, pool, input.Username);
    if (user.status !== 'UNCONFIRMED') throw cannotConfirm(user.status);
    await dropCode.run(unit, { poolId: pool.id, sub: user.sub, action: 'confirm-sign-up' });
    await updateUser(unit, pool, user, { status: 'CONFIRMED' }, { now: services.clock.now() });
    return { ...user, status: 'CONFIRMED' as const };
  });
  const caller = { clientId: null, clientMetadata: input.ClientMetadata };
  await postConfirmation(services, pool, 'PostConfirmation_ConfirmSignUp', confirmed, caller);
  return {};
};
