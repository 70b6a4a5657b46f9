import { userDoesNotExist, userNotFoundByName } from '../../errors.ts';
import { findUser, findUserByName, readNobody } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { foldName } from './names.ts';
import { isStandIn, standInFor } from './stand-in.ts';
import { type User, userFromRow } from './user.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whom a name stands for: a user, or nobody and who stands in for them. */
export interface Named {
  readonly user: User | undefined;
  readonly sub: string;
  readonly username: string;
}

async function findBySub(unit: Unit, pool: UserPool, name: string): Promise<User | undefined> {
  const row = UUID.test(name) ? await findUser.first(unit, { poolId: pool.id, sub: name }) : undefined;
  return row && userFromRow(row);
}

async function findByName(unit: Unit, pool: UserPool, name: string): Promise<User | undefined> {
  const row = await findUserByName.first(unit, { poolId: pool.id, name: foldName(pool, name) });
  return row && userFromRow(row);
}

/**
 * Finds a user by sub, username or active alias. A sub comes first: nobody can take it from its user as a name. The sub
 * of a stand-in is nobody's name either, or who took it as a username would learn that it is no user's.
 */
export async function findNamed(
  services: Services,
  unit: Unit,
  pool: UserPool,
  name: string,
): Promise<Named> {
  const standIn = standInFor(services, pool, name);
  const user =
    (await findBySub(unit, pool, name)) ??
    (isStandIn(services, pool, name) ? undefined : await findByName(unit, pool, name));
  if (user !== undefined) return { user, sub: user.sub, username: user.username };
  const nobody = await readNobody(unit);
  if (nobody !== undefined) userFromRow(nobody);
  return { user, ...standIn };
}

/** The user an administrator names. Throws UserNotFoundException. */
export async function userForAdmin(unit: Unit, pool: UserPool, name: string): Promise<User> {
  const user = (await findBySub(unit, pool, name)) ?? (await findByName(unit, pool, name));
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
): Promise<Named> {
  const named = await findNamed(services, unit, pool, name);
  if (named.user === undefined && !client.hidesUsers) throw userNotFoundByName();
  return named;
}
