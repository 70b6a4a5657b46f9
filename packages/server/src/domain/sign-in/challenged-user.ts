import { invalidSession } from '../../errors.ts';
import { findUser } from '../../storage/repositories/users.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import { type User, userFromRow } from '../users/user.ts';
import { type Begun, type Challenge, credentialOf, type Step } from './challenge-token.ts';
import { required } from './sign-in-parameters.ts';
import type { SignInRequest } from './sign-in-result.ts';

/** Who answers a challenge, with the SECRET_HASH that belongs to the answer. Throws NotAuthorizedException. */
export async function challengedUser(
  { services, pool, client, parameters }: SignInRequest,
  challenge: Challenge<Step>,
): Promise<User> {
  const name = required(parameters, 'USERNAME');
  const key = { poolId: pool.id, sub: challenge.sub };
  const row = await services.storage.read((unit) => findUser.first(unit, key));
  if (row === undefined) throw invalidSession();
  requireSecretHashParameter(client, parameters['SECRET_HASH'], name, row.username);
  return userFromRow(row);
}

/** Throws NotAuthorizedException when the user is gone or has another password than at the first step. */
export function requireUnchanged(user: User | undefined, challenge: Begun): User {
  if (user === undefined || credentialOf(user) !== challenge.credential) throw invalidSession();
  return user;
}
