import { verifyChangedAddresses } from '../../domain/codes/verification.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { changedAttributes, readAttributes } from '../../domain/users/attributes.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import type { Operation } from '../operation.ts';

export const updateUserAttributes: Operation<'UpdateUserAttributes'> = async (services, input) => {
  const { user, pool, client } = await signedInUser(services, input.AccessToken);
  const changes = readAttributes(pool, input.UserAttributes, { client });
  const CodeDeliveryDetailsList = await services.storage.write(async (unit) => {
    const current = await userForAdmin(unit, pool, user.sub);
    const attributes = changedAttributes(pool, current.attributes, changes);
    await updateUser(unit, pool, current, { attributes }, { now: services.clock.now() });
    return verifyChangedAddresses(services, unit, pool, current, changes, attributes);
  });
  return { CodeDeliveryDetailsList };
};
