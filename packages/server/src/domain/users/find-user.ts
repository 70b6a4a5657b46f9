import { userDoesNotExist, userNotFoundByName } from '../../errors.ts';
import { findUser, findUserByName } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { looksLikeEmail, looksLikePhoneNumber } from './attributes.ts';
import { foldName } from './names.ts';
import { type User, userFromRow } from './user.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Finds a user by sub, username or active alias. A sub comes first: nobody can take it from its user as a name. */
export async function findUserBy(unit: Unit, pool: UserPool, name: string): Promise<User | undefined> {
  const bySub = UUID.test(name) && (await findUser.first(unit, { poolId: pool.id, sub: name }));
  if (bySub) return userFromRow(bySub);
  const named = await findUserByName.first(unit, { poolId: pool.id, name: foldName(pool, name) });
  return named && userFromRow(named);
}

/** The user an administrator names. Throws UserNotFoundException. */
export async function userForAdmin(unit: Unit, pool: UserPool, name: string): Promise<User> {
  const user = await findUserBy(unit, pool, name);
  if (user === undefined) throw userDoesNotExist();
  return user;
}

/**
 * The user somebody names in a public request, or who stands in for them: where the client hides who exists
 * (PreventUserExistenceErrors), an unknown name gets a made-up user with a stable sub, so that everything after does
 * the same work. Throws UserNotFoundException where it does not.
 */
export async function userOrStandIn(
  services: Services,
  unit: Unit,
  pool: UserPool,
  client: AppClient,
  name: string,
): Promise<{ user: User | undefined; sub: string; username: string }> {
  const user = await findUserBy(unit, pool, name);
  if (user !== undefined) return { user, sub: user.sub, username: user.username };
  if (!client.hidesUsers) throw userNotFoundByName();
  const sub = standInSub(services, pool, name);
  return { user: undefined, sub, username: sub };
}

/** A UUID that depends on the pool and the name alone. */
export function standInSub(services: Services, pool: UserPool, name: string): string {
  const hex = services.keyring.digest('simulation', `sub/${pool.id}/${foldName(pool, name)}`).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Of the form that a user of that name would have: a generated id where names are aliases, else the name itself. */
export function standInUsername(services: Services, pool: UserPool, name: string): string {
  const isAlias =
    pool.config.UsernameAttributes?.length ||
    (pool.config.AliasAttributes?.length && (looksLikeEmail(name) || looksLikePhoneNumber(name)));
  return isAlias ? standInSub(services, pool, name) : foldName(pool, name);
}
