import { authFactorsOf } from '../../domain/mfa/auth-factors.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import type { Operation } from '../operation.ts';

export const adminGetUserAuthFactors: Operation<'AdminGetUserAuthFactors'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const user = await services.storage.read((unit) => userForAdmin(unit, pool, input.Username));
  return authFactorsOf(services, pool, user);
};
