import { alreadyProvided, invalidSession } from '../../errors.ts';
import { passwordMaterial, requirePolicy, storePassword } from '../passwords/password-material.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { changedAttributes, readAttributes, requireRequired } from '../users/attributes.ts';
import { updateUser } from '../users/update-user.ts';
import type { User } from '../users/user.ts';
import { readSession, spendChallenge } from './challenge-token.ts';
import { challengedUser } from './challenged-user.ts';
import { required } from './sign-in-parameters.ts';
import { proceed, type SignInRequest, type SignInResult } from './sign-in-result.ts';

const ATTRIBUTE_PREFIX = 'userAttributes.';

/** NEW_PASSWORD_REQUIRED: a user with a temporary password chooses their own, and fills in what is still missing. */
export async function setNewPassword(
  request: SignInRequest,
  session: string | undefined,
): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  const password = required(parameters, 'NEW_PASSWORD');
  const challenge = readSession(services, client, 'NEW_PASSWORD_REQUIRED', session);
  const asked = await challengedUser(request, challenge);
  const given = Object.entries(parameters)
    .filter(([parameter]) => parameter.startsWith(ATTRIBUTE_PREFIX))
    .map(([parameter, Value]) => ({ Name: parameter.slice(ATTRIBUTE_PREFIX.length), Value }));
  const changes = readAttributes(pool, given, { client });
  requirePolicy(pool, password, 'Password does not conform to policy');
  const material = await passwordMaterial(services, pool, asked, password);

  return proceed(request, challenge.sub, {}, async (unit, user) => {
    await spendChallenge(unit, pool.id, challenge);
    if (user?.status !== 'FORCE_CHANGE_PASSWORD' || !user.enabled) throw invalidSession();
    if (user.temporaryUntil !== challenge.temporaryUntil) throw invalidSession();
    refuseProvided(pool, user, changes);
    const attributes = changedAttributes(pool, user.attributes, changes);
    requireRequired(pool, attributes);
    const now = services.clock.now();
    const status = 'CONFIRMED';
    await updateUser(unit, pool, user, { attributes, status }, { now });
    await storePassword(unit, user, material, { status, now });
    return { ...user, attributes, status, passwordHash: material.hash, temporaryUntil: null };
  });
}

/** A temporary password is no leave to change what an administrator has filled in of the required attributes. */
function refuseProvided(pool: UserPool, user: User, changes: Readonly<Record<string, string>>): void {
  const provided = Object.keys(changes).find(
    (name) => pool.schema.get(name)?.Required && user.attributes[name],
  );
  if (provided !== undefined) throw alreadyProvided(provided);
}
