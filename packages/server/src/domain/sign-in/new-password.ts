import { alreadyProvided, attributeMissing, invalidSession, passwordUsedBefore } from '../../errors.ts';
import { requireAcceptable, requirePasswordShape } from '../passwords/check-password.ts';
import { isAmong, rememberedHashes } from '../passwords/password-history.ts';
import { passwordMaterial, storePassword } from '../passwords/password-material.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { isProvenFirst } from '../users/address-changes.ts';
import { changedAttributes, missingAttributes, readAttributes } from '../users/attributes.ts';
import { previousUntil } from '../users/previous-address.ts';
import { updateUser } from '../users/update-user.ts';
import type { User } from '../users/user.ts';
import { type Challenge, readSession, spendChallenge } from './challenge-token.ts';
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
  requirePasswordShape(password);
  const challenge = readSession(services, client, 'NEW_PASSWORD_REQUIRED', session);
  const asked = await challengedUser(request, challenge);
  const given = Object.entries(parameters)
    .filter(([parameter]) => parameter.startsWith(ATTRIBUTE_PREFIX))
    .map(([parameter, Value]) => ({ Name: parameter.slice(ATTRIBUTE_PREFIX.length), Value }));
  const changes = readAttributes(pool, given, { client }, 'update');
  await requireAcceptable(services, pool, password, 'Password does not conform to policy');
  // Whoever is no longer asked for a password has none compared.
  if (isAsked(asked, challenge)) {
    const hashes = await services.storage.read((unit) => rememberedHashes(unit, pool, asked));
    if (await isAmong(hashes, password, { lane: asked.sub })) throw passwordUsedBefore();
  }
  const material = await passwordMaterial(services, pool, asked, password);

  return proceed(request, challenge.sub, { newPassword: true }, async (unit, user) => {
    await spendChallenge(unit, pool.id, challenge);
    if (user === undefined || !isAsked(user, challenge)) throw invalidSession();
    if (user.passwordHash !== asked.passwordHash) throw invalidSession();
    refuseProvided(pool, user, changes);
    const attributes = changedAttributes(pool, user.attributes, changes, { fillsIn: true });
    const [missing] = missingAttributes(pool, attributes);
    if (missing !== undefined) throw attributeMissing(missing);
    const now = services.clock.now();
    const status = 'CONFIRMED';
    const options = { now, previousUntil: previousUntil(pool, 'user', now) };
    await updateUser(unit, pool, user, { attributes, status }, options);
    await storePassword(unit, pool, user, material, { status, now });
    return { ...user, attributes, status, passwordHash: material.hash, temporaryUntil: null };
  });
}

/** Whether a user is still to replace the temporary password that the sign-in began with. */
const isAsked = (user: User, challenge: Challenge<'NEW_PASSWORD_REQUIRED'>) =>
  user.status === 'FORCE_CHANGE_PASSWORD' && user.enabled && user.temporaryUntil === challenge.temporaryUntil;

/**
 * A temporary password is no leave to change what an administrator has filled in of the required attributes, nor an
 * address where a new one is to be proven first.
 */
function refuseProvided(pool: UserPool, user: User, changes: Readonly<Record<string, string>>): void {
  const provided = Object.keys(changes).find(
    (name) => user.attributes[name] && (pool.schema.get(name)?.Required || isProvenFirst(pool, name)),
  );
  if (provided !== undefined) throw alreadyProvided(provided);
}
