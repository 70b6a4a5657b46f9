import { writeAndSend } from '../../domain/delivery/write-and-send.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { readAttributes } from '../../domain/users/attributes.ts';
import { changeAttributes } from '../../domain/users/change-attributes.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import type { Operation } from '../operation.ts';

export const deleteUserAttributes: Operation<'DeleteUserAttributes'> = async (services, input) => {
  const { user, pool, client } = await signedInUser(services, input.AccessToken);
  const list = input.UserAttributeNames.map((Name) => ({ Name, Value: '' }));
  const changes = readAttributes(pool, list, { client }, 'update');
  await writeAndSend(services, pool, { clientId: client.id }, async (unit) => {
    const current = await userForAdmin(unit, pool, user.sub);
    await changeAttributes(services, unit, pool, current, changes, 'user');
  });
  return {};
};
