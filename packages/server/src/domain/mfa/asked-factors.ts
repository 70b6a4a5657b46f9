import type { SecondFactor } from '../pools/mfa-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { demandedFactor } from './demanded-factor.ts';
import { factorsOf } from './factors.ts';

/** The second factors of which the user's next sign-in asks for one; none for who has none to be asked for. */
export function askedFactors(services: Services, pool: UserPool, user: User): readonly SecondFactor[] {
  // Most pools are without MFA, and nothing is opened for their users.
  if (pool.config.MfaConfiguration === 'OFF') return [];
  const demand = demandedFactor(pool, user, factorsOf(services, user));
  if (demand === undefined || 'setUp' in demand) return [];
  return 'ask' in demand ? [demand.ask] : demand.choose;
}
