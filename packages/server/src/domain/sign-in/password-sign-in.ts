import { dummyHash, verifyPassword } from '../../platform/password-hash.ts';
import { addUserVerifier } from '../../storage/repositories/users.ts';
import { sealedVerifierOf } from '../passwords/password-material.ts';
import { functionAt } from '../triggers/trigger.ts';
import { migrateUser } from '../users/migrate-user.ts';
import type { User } from '../users/user.ts';
import { spendChallenge } from './challenge-token.ts';
import { type Claimant, claimantOf } from './claimant.ts';
import { required } from './sign-in-parameters.ts';
import type { SignInRequest, SignInResult } from './sign-in-result.ts';
import { proceedByPassword, refuseWhileLocked } from './take-password.ts';

/** USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH: the two that bring somebody along from another directory. */
export async function signInByPassword(request: SignInRequest): Promise<SignInResult> {
  const { pool, client, parameters } = request;
  for (const name of ['USERNAME', 'PASSWORD']) required(parameters, name);
  if (functionAt(pool, 'UserMigration') === undefined)
    return checkPassword(request, await claimantOf(request));
  let known: Claimant | undefined;
  try {
    const claimant = await claimantOf(request, async (named) => {
      // By whatever name: what is not looked at here is not shown to the function either.
      await refuseWhileLocked(request, named.sub);
      if (named.user === undefined) return migrated(request, named);
      known = named;
      return named;
    });
    return await checkPassword(request, claimant);
  } catch (error) {
    // A failure is no faster for users than for who was asked after elsewhere.
    if (known !== undefined && client.hidesUsers) await migrated(request, known);
    throw error;
  }
}

/** The claimant as the pool's UserMigration function has them; one whom the pool has waits, and stays as they are. */
async function migrated(request: SignInRequest, claimant: Claimant): Promise<Claimant> {
  const { services, pool, client, parameters, validationData } = request;
  const { name } = claimant;
  const user = await migrateUser(services, pool, client, name, {
    source: 'UserMigration_Authentication',
    password: parameters['PASSWORD'],
    validationData,
  });
  return user === undefined ? claimant : { name, user, sub: user.sub, username: user.username };
}

/**
 * It is always argon2id that is checked, for users with and without an SRP verifier or a password, and for those who do
 * not exist, so that the time taken says nothing. `chosen` is the challenge that this way was chosen at, which ends with it.
 */
export async function checkPassword(
  request: SignInRequest,
  { user, sub }: Claimant,
  chosen?: { id: string; expiresAt: number },
): Promise<SignInResult> {
  const { pool, parameters } = request;
  const password = required(parameters, 'PASSWORD');
  const refuse = () => refuseWhileLocked(request, sub);
  await refuse();
  const hash = user?.passwordHash ?? null;
  // Of a crowd of guesses that waits here, those behind the lock are refused when their turn comes.
  const matches = await verifyPassword(hash ?? dummyHash, password, { lane: sub, afterWaiting: refuse });
  const result = await proceedByPassword(
    request,
    sub,
    (current) => matches && hash !== null && current.passwordHash === hash,
    async (unit) => {
      if (chosen !== undefined) await spendChallenge(unit, pool.id, chosen);
    },
  );
  if (user !== undefined && hash !== null) await makeUpForVerifier(request, user, hash, password);
  return result;
}

/**
 * What SRP needs and an earlier configuration did without, now that the password is at hand. Not before the sign-in was
 * let through: the time it takes would tell that a password is right which came in a lock.
 */
async function makeUpForVerifier(
  { services, pool }: SignInRequest,
  user: User,
  passwordHash: string,
  password: string,
): Promise<void> {
  if (user.sealedVerifier !== null) return;
  const sealedVerifier = await sealedVerifierOf(services, pool, user, password);
  if (sealedVerifier === null) return;
  const added = { poolId: pool.id, sub: user.sub, passwordHash, sealedVerifier };
  await services.storage.write((unit) => addUserVerifier.run(unit, added));
}
