import { writeAndSend } from '../../domain/delivery/write-and-send.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { readAttributes } from '../../domain/users/attributes.ts';
import { changeAttributes } from '../../domain/users/change-attributes.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import type { Operation } from '../operation.ts';

export const updateUserAttributes: Operation<'UpdateUserAttributes'> = async (services, input) => {
  const { user, pool, client } = await signedInUser(services, input.AccessToken);
  const changes = readAttributes(pool, input.UserAttributes, { client }, 'update');
  const sender = { clientId: client.id, clientMetadata: input.ClientMetadata };
  const CodeDeliveryDetailsList = await writeAndSend(services, pool, sender, async (unit) => {
    const current = await userForAdmin(unit, pool, user.sub);
    return changeAttributes(services, unit, pool, current, changes, 'user');
  });
  return { CodeDeliveryDetailsList };
};
