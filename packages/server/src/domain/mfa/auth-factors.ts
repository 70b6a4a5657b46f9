import type { AuthFactorType, GetUserAuthFactorsResponse } from '@poolkeeper/model';
import { firstFactorsOf } from '../pools/sign-in-policy.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { isVerified, type User } from '../users/user.ts';
import { factorsOf, shownFactors } from './factors.ts';

/**
 * What GetUserAuthFactors and AdminGetUserAuthFactors answer. An authenticator app counts as configured from the moment
 * that it is registered, whether or not it was switched on (measured on AWS).
 */
export function authFactorsOf(services: Services, pool: UserPool, user: User): GetUserAuthFactorsResponse {
  const factors = factorsOf(services, user);
  const allowed = firstFactorsOf(pool.config);
  const sentTo = (factor: AuthFactorType, attribute: 'email' | 'phone_number') =>
    allowed.includes(factor) && !!user.attributes[attribute] && isVerified(user, attribute);
  const { MFAOptions: _, ...shown } = shownFactors(factors);
  return {
    Username: user.username,
    ...shown,
    ConfiguredUserAuthFactors: [
      ...(user.passwordHash !== null ? (['PASSWORD'] as const) : []),
      ...(sentTo('EMAIL_OTP', 'email') ? (['EMAIL_OTP'] as const) : []),
      ...(sentTo('SMS_OTP', 'phone_number') ? (['SMS_OTP'] as const) : []),
      ...(factors.token !== undefined ? (['SOFTWARE_TOKEN'] as const) : []),
    ],
  };
}
