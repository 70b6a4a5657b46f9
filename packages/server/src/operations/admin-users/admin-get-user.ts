import { factorsOf, shownFactors } from '../../domain/mfa/factors.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { attributeList } from '../../domain/users/user.ts';
import type { Operation } from '../operation.ts';

export const adminGetUser: Operation<'AdminGetUser'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const user = await services.storage.read((unit) => userForAdmin(unit, pool, input.Username));
  return {
    Username: user.username,
    UserAttributes: attributeList(user),
    UserCreateDate: new Date(user.createdAt),
    UserLastModifiedDate: new Date(user.updatedAt),
    Enabled: user.enabled,
    UserStatus: user.status,
    ...shownFactors(factorsOf(services, user)),
  };
};
