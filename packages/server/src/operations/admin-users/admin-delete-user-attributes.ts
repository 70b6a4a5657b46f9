import { changedAttributes, readAttributes } from '../../domain/users/attributes.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import type { Operation } from '../operation.ts';

export const adminDeleteUserAttributes: Operation<'AdminDeleteUserAttributes'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const list = input.UserAttributeNames.map((Name) => ({ Name, Value: '' }));
  const changes = readAttributes(pool, list, 'admin');
  await services.storage.write(async (unit) => {
    const user = await userForAdmin(unit, pool, input.Username);
    const attributes = changedAttributes(pool, user.attributes, changes);
    await updateUser(unit, pool, user, { attributes }, { now: services.clock.now() });
  });
  return {};
};
