import { alreadyProvided, invalidSession } from '../../errors.ts';
import { findUser } from '../../storage/repositories/users.ts';
import { passwordMaterial, requirePolicy, storePassword } from '../passwords/password-material.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { openSession } from '../tokens/issue-tokens.ts';
import { changedAttributes, readAttributes, requireRequired } from '../users/attributes.ts';
import { updateUser } from '../users/update-user.ts';
import { type User, userFromRow } from '../users/user.ts';
import { openChallenge, spendChallenge } from './challenge-token.ts';
import { required } from './sign-in-parameters.ts';
import { type SignInRequest, type SignInResult, signedIn } from './sign-in-result.ts';

const ATTRIBUTE_PREFIX = 'userAttributes.';

/** NEW_PASSWORD_REQUIRED: a user with a temporary password chooses their own, and fills in what is still missing. */
export async function setNewPassword(request: SignInRequest, session: string): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  const name = required(parameters, 'USERNAME');
  const password = required(parameters, 'NEW_PASSWORD');
  const challenge = openChallenge(
    services,
    client,
    'NEW_PASSWORD_REQUIRED',
    Buffer.from(session, 'base64url'),
  );
  const key = { poolId: pool.id, sub: challenge.sub };
  const row = await services.storage.read((unit) => findUser.first(unit, key));
  if (row === undefined) throw invalidSession();
  requireSecretHashParameter(client, parameters['SECRET_HASH'], name, row.username);
  const given = Object.entries(parameters)
    .filter(([parameter]) => parameter.startsWith(ATTRIBUTE_PREFIX))
    .map(([parameter, Value]) => ({ Name: parameter.slice(ATTRIBUTE_PREFIX.length), Value }));
  const changes = readAttributes(pool, given, { client });
  requirePolicy(pool, password, 'Password does not conform to policy');
  const material = await passwordMaterial(services, pool, userFromRow(row), password);

  const { user, opened } = await services.storage.write(async (unit) => {
    const current = await findUser.first(unit, key);
    await spendChallenge(unit, pool.id, challenge);
    if (current?.status !== 'FORCE_CHANGE_PASSWORD' || current.enabled !== 1) throw invalidSession();
    if (current.temporary_until !== challenge.temporaryUntil) throw invalidSession();
    const before = userFromRow(current);
    refuseProvided(pool, before, changes);
    const attributes = changedAttributes(pool, before.attributes, changes);
    requireRequired(pool, attributes);
    const now = services.clock.now();
    await updateUser(unit, pool, before, { attributes, status: 'CONFIRMED' }, { now });
    await storePassword(unit, before, material, { status: 'CONFIRMED', now });
    const confirmed: User = { ...before, attributes, status: 'CONFIRMED' };
    return { user: confirmed, opened: await openSession(services, unit, client, confirmed) };
  });
  return signedIn(request, user, opened);
}

/** A temporary password is no leave to change what an administrator has filled in of the required attributes. */
function refuseProvided(pool: UserPool, user: User, changes: Readonly<Record<string, string>>): void {
  const provided = Object.keys(changes).find(
    (name) => pool.schema.get(name)?.Required && user.attributes[name],
  );
  if (provided !== undefined) throw alreadyProvided(provided);
}
