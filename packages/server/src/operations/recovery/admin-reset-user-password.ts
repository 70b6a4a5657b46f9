import { requireResettable, sendRecoveryCode } from '../../domain/recovery/begin-recovery.ts';
import { recoveryOrder } from '../../domain/recovery/recovery-order.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import { contactAdministrator, userDisabled } from '../../errors.ts';
import type { Operation } from '../operation.ts';

/** The old password stops signing in at once; ConfirmForgotPassword with the code that is sent sets the new one. */
export const adminResetUserPassword: Operation<'AdminResetUserPassword'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  if (recoveryOrder(pool).length === 0) throw contactAdministrator();
  await services.storage.write(async (unit) => {
    const user = await userForAdmin(unit, pool, input.Username);
    if (!user.enabled) throw userDisabled();
    requireResettable(user);
    await sendRecoveryCode(services, unit, pool, user);
    await updateUser(unit, pool, user, { status: 'RESET_REQUIRED' }, { now: services.clock.now() });
  });
  return {};
};
