import { writeAndSend } from '../../domain/delivery/write-and-send.ts';
import { readAttributes } from '../../domain/users/attributes.ts';
import { changeAttributes } from '../../domain/users/change-attributes.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import type { Operation } from '../operation.ts';

export const adminUpdateUserAttributes: Operation<'AdminUpdateUserAttributes'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const changes = readAttributes(pool, input.UserAttributes, 'admin', 'update');
  const sender = { clientId: undefined, clientMetadata: input.ClientMetadata };
  await writeAndSend(services, pool, sender, async (unit) => {
    const user = await userForAdmin(unit, pool, input.Username);
    await changeAttributes(services, unit, pool, user, changes, 'admin');
  });
  return {};
};
