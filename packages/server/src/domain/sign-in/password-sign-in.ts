import { userDoesNotExist, wrongCredentials } from '../../errors.ts';
import { dummyHash, verifyPassword } from '../../platform/password-hash.ts';
import { addUserVerifier } from '../../storage/repositories/users.ts';
import { sealedVerifierOf } from '../passwords/password-material.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import { findUserBy } from '../users/find-user.ts';
import { required } from './sign-in-parameters.ts';
import { proceed, refuseEarly, type SignInRequest, type SignInResult } from './sign-in-result.ts';

/**
 * USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH. It is always argon2id that is checked, for users with and without
 * an SRP verifier and for those who do not exist, so that the time taken says nothing.
 */
export async function signInByPassword(request: SignInRequest): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  const name = required(parameters, 'USERNAME');
  const password = required(parameters, 'PASSWORD');
  const user = await services.storage.read((unit) => findUserBy(unit, pool, name));
  requireSecretHashParameter(client, parameters['SECRET_HASH'], name, user?.username ?? name);
  if (user === undefined && !client.hidesUsers) throw userDoesNotExist();
  if (user !== undefined) refuseEarly(client, user);

  const right = await verifyPassword(user?.passwordHash ?? dummyHash, password);
  const hash = user?.passwordHash;
  if (!right || user === undefined || !hash) throw wrongCredentials();
  // The password is at hand now: what SRP needs and an earlier configuration did without is made up for.
  const sealedVerifier =
    user.sealedVerifier === null ? await sealedVerifierOf(services, pool, user, password) : null;
  return proceed(request, user, async (unit) => {
    if (sealedVerifier === null) return;
    await addUserVerifier.run(unit, { poolId: pool.id, sub: user.sub, passwordHash: hash, sealedVerifier });
  });
}
