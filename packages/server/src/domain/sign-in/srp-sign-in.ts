import { invalid, userDoesNotExist, wrongCredentials } from '../../errors.ts';
import { findUser } from '../../storage/repositories/users.ts';
import { verifierContext } from '../passwords/password-material.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { looksLikeEmail, looksLikePhoneNumber } from '../users/attributes.ts';
import { findUserBy, standInSub } from '../users/find-user.ts';
import { foldName } from '../users/names.ts';
import { type User, userFromRow } from '../users/user.ts';
import { openChallenge, sealChallenge, spendChallenge } from './challenge-token.ts';
import { required } from './sign-in-parameters.ts';
import { proceed, refuseEarly, type SignInRequest, type SignInResult } from './sign-in-result.ts';
import { type SrpVerifier, simulatedVerifier, startChallenge, unpackVerifier, verifyProof } from './srp.ts';

/** USER_SRP_AUTH: the server's half of the key agreement, for an unknown user as for a known one. */
export async function startSrp(request: SignInRequest): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  const name = required(parameters, 'USERNAME');
  const A = required(parameters, 'SRP_A');
  const user = await services.storage.read((unit) => findUserBy(unit, pool, name));
  requireSecretHashParameter(client, parameters['SECRET_HASH'], name, user?.username ?? name);
  if (user === undefined && !client.hidesUsers) throw userDoesNotExist();
  if (user !== undefined) refuseEarly(client, user);

  const verifier = (user && storedVerifier(services, user)) ?? madeUpVerifier(services, pool, name);
  const challenge = await startChallenge({ A, verifier });
  if (challenge === undefined) throw invalid('SRP_A is not a valid public value.');
  const userIdForSrp = user?.username ?? madeUpUsername(services, pool, name);
  const block = sealChallenge(
    services,
    client,
    'PASSWORD_VERIFIER',
    user?.sub ?? standInSub(services, pool, name),
    { key: challenge.key.toString('base64'), salt: verifier.salt, userIdForSrp },
  );
  return {
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeParameters: {
      SALT: verifier.salt,
      SECRET_BLOCK: block.toString('base64'),
      SRP_B: challenge.B,
      USERNAME: userIdForSrp,
      USER_ID_FOR_SRP: userIdForSrp,
    },
  };
}

/** PASSWORD_VERIFIER: the client's proof that it knew the password. */
export async function finishSrp(request: SignInRequest): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  const name = required(parameters, 'USERNAME');
  const signature = required(parameters, 'PASSWORD_CLAIM_SIGNATURE');
  const timestamp = required(parameters, 'TIMESTAMP');
  const secretBlock = Buffer.from(required(parameters, 'PASSWORD_CLAIM_SECRET_BLOCK'), 'base64');
  const challenge = openChallenge(services, client, 'PASSWORD_VERIFIER', secretBlock);
  requireSecretHashParameter(client, parameters['SECRET_HASH'], name, challenge.userIdForSrp);

  const row = await services.storage.read((unit) =>
    findUser.first(unit, { poolId: pool.id, sub: challenge.sub }),
  );
  const user = row && userFromRow(row);
  const proven = verifyProof({
    poolName: pool.srpName,
    userId: challenge.userIdForSrp,
    key: Buffer.from(challenge.key, 'base64'),
    secretBlock,
    timestamp,
    signature,
  });
  // A password set since the challenge began has a salt of its own: the old one no longer signs in.
  const current = user && storedVerifier(services, user)?.salt === challenge.salt;
  if (!proven || user === undefined || !current) throw wrongCredentials();
  return proceed(request, user, (unit) => spendChallenge(unit, pool.id, challenge));
}

function storedVerifier(services: Services, user: User): SrpVerifier | undefined {
  if (user.sealedVerifier === null) return undefined;
  return unpackVerifier(services.keyring.open(verifierContext(user.poolId, user.sub), user.sealedVerifier));
}

function madeUpVerifier(services: Services, pool: UserPool, name: string): SrpVerifier {
  return simulatedVerifier(services.keyring.digest('simulation', `srp/${pool.id}/${foldName(pool, name)}`));
}

/** Of the form that a user of that name would have: a generated id where names are aliases, else the name itself. */
function madeUpUsername(services: Services, pool: UserPool, name: string): string {
  const isAlias =
    pool.config.UsernameAttributes?.length ||
    (pool.config.AliasAttributes?.length && (looksLikeEmail(name) || looksLikePhoneNumber(name)));
  return isAlias ? standInSub(services, pool, name) : foldName(pool, name);
}
