import { invalid } from '../../errors.ts';
import type { AppClient } from '../pools/app-client.ts';
import { allows } from '../pools/client-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { attributeOf, codeFactorsOf } from '../sign-in/first-factors.ts';
import type { Attributes } from './user.ts';

/** Whether the pool has users who sign in by codes alone, and the app client, where one is meant, lets them. */
export const mayDoWithoutPassword = (pool: UserPool, client?: AppClient) =>
  codeFactorsOf(pool.config).length > 0 && (client === undefined || allows(client.config, 'ALLOW_USER_AUTH'));

/** A code is the only way in for a user without a password. Throws InvalidParameterException when none could be sent. */
export function requireReachable(pool: UserPool, attributes: Attributes): void {
  const addresses = codeFactorsOf(pool.config).map((factor) => attributeOf[factor]);
  if (addresses.some((attribute) => attributes[attribute])) return;
  throw invalid(`A user without a password needs ${addresses.join(' or ')} to sign in.`);
}
