import { authFactorsOf } from '../../domain/mfa/auth-factors.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import type { Operation } from '../operation.ts';

export const getUserAuthFactors: Operation<'GetUserAuthFactors'> = async (services, input) => {
  const { pool, user } = await signedInUser(services, input.AccessToken);
  return authFactorsOf(services, pool, user);
};
