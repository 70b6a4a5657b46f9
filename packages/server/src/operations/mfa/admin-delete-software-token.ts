import { changeFactors } from '../../domain/mfa/change-factors.ts';
import { withoutSoftwareToken } from '../../domain/mfa/software-token.ts';
import type { Operation } from '../operation.ts';

/** For who has lost their phone. Where MFA is required and no other factor is left, the next sign-in sets one up. */
export const adminDeleteSoftwareToken: Operation<'AdminDeleteSoftwareToken'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  await changeFactors(services, pool, input.Username, withoutSoftwareToken);
  return {};
};
