import { writeAndSend } from '../../domain/delivery/write-and-send.ts';
import { readAttributes } from '../../domain/users/attributes.ts';
import { changeAttributes } from '../../domain/users/change-attributes.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import type { Operation } from '../operation.ts';

export const adminDeleteUserAttributes: Operation<'AdminDeleteUserAttributes'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const list = input.UserAttributeNames.map((Name) => ({ Name, Value: '' }));
  const changes = readAttributes(pool, list, 'admin', 'update');
  await writeAndSend(services, pool, { clientId: undefined }, async (unit) => {
    const user = await userForAdmin(unit, pool, input.Username);
    await changeAttributes(services, unit, pool, user, changes, 'admin');
  });
  return {};
};
