import { verifyChangedAddresses } from '../../domain/codes/verification.ts';
import { changedAttributes, readAttributes } from '../../domain/users/attributes.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import type { Operation } from '../operation.ts';

export const adminUpdateUserAttributes: Operation<'AdminUpdateUserAttributes'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const changes = readAttributes(pool, input.UserAttributes, 'admin');
  await services.storage.write(async (unit) => {
    const user = await userForAdmin(unit, pool, input.Username);
    const attributes = changedAttributes(pool, user.attributes, changes);
    await updateUser(unit, pool, user, { attributes }, { now: services.clock.now() });
    await verifyChangedAddresses(services, unit, pool, user, changes, attributes);
  });
  return {};
};
