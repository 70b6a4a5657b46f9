import { wrongCredentials } from '../../errors.ts';
import { dummyHash, verifyPassword } from '../../platform/password-hash.ts';
import { addUserVerifier } from '../../storage/repositories/users.ts';
import { sealedVerifierOf } from '../passwords/password-material.ts';
import { spendChallenge } from './challenge-token.ts';
import { type Claimant, claimantOf } from './claimant.ts';
import { required } from './sign-in-parameters.ts';
import { proceed, requireSamePassword, type SignInRequest, type SignInResult } from './sign-in-result.ts';

/** USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH. */
export async function signInByPassword(request: SignInRequest): Promise<SignInResult> {
  for (const name of ['USERNAME', 'PASSWORD']) required(request.parameters, name);
  return checkPassword(request, await claimantOf(request));
}

/**
 * It is always argon2id that is checked, for users with and without an SRP verifier or a password, and for those who do
 * not exist, so that the time taken says nothing. `chosen` is the challenge that this way was chosen at, which ends with it.
 */
export async function checkPassword(
  request: SignInRequest,
  { user }: Claimant,
  chosen?: { id: string; expiresAt: number },
): Promise<SignInResult> {
  const { services, pool, parameters } = request;
  const password = required(parameters, 'PASSWORD');
  const right = await verifyPassword(user?.passwordHash ?? dummyHash, password);
  const hash = user?.passwordHash;
  if (!right || user === undefined || !hash) throw wrongCredentials();
  // The password is at hand now: what SRP needs and an earlier configuration did without is made up for.
  const sealedVerifier =
    user.sealedVerifier === null ? await sealedVerifierOf(services, pool, user, password) : null;
  return proceed(request, user.sub, {}, async (unit, found) => {
    const current = requireSamePassword(user, found);
    if (chosen !== undefined) await spendChallenge(unit, pool.id, chosen);
    const owner = { poolId: pool.id, sub: user.sub };
    if (sealedVerifier !== null)
      await addUserVerifier.run(unit, { ...owner, passwordHash: hash, sealedVerifier });
    return current;
  });
}
