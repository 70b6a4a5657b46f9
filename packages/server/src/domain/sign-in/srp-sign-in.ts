import { invalid, invalidSession } from '../../errors.ts';
import { verifierContext } from '../passwords/password-material.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { Named } from '../users/find-user.ts';
import type { User } from '../users/user.ts';
import { type CustomSignIn, openChallenge, sealChallenge, spendChallenge } from './challenge-token.ts';
import { claimantOf } from './claimant.ts';
import { required } from './sign-in-parameters.ts';
import type { SignInRequest, SignInResult } from './sign-in-result.ts';
import { type SrpVerifier, simulatedVerifier, startChallenge, unpackVerifier, verifyProof } from './srp.ts';
import { proceedByPassword } from './take-password.ts';

/** USER_SRP_AUTH. */
export async function startSrp(request: SignInRequest): Promise<SignInResult> {
  for (const name of ['USERNAME', 'SRP_A']) required(request.parameters, name);
  return agreeOnKey(request, await claimantOf(request));
}

/**
 * The server's half of the key agreement, for an unknown user as for a known one. `within` is the sign-in that it is a
 * step of: by USER_AUTH, with the challenge that this way was chosen at (of the two, one is completed), or by CUSTOM_AUTH.
 */
export async function agreeOnKey(
  request: SignInRequest,
  { user, sub, username }: Named,
  within?: { challenge?: { id: string } | undefined; custom?: CustomSignIn },
): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  const A = required(parameters, 'SRP_A');
  const verifier = (user && storedVerifier(services, user)) ?? madeUpVerifier(services, pool, sub);
  const challenge = await startChallenge({ A, verifier });
  if (challenge === undefined) throw invalid('SRP_A is not a valid public value.');
  const block = sealChallenge(
    services,
    client,
    'PASSWORD_VERIFIER',
    sub,
    {
      key: challenge.key.toString('base64'),
      salt: verifier.salt,
      userIdForSrp: username,
      ...(within?.custom && { custom: within.custom }),
    },
    within?.challenge && { id: within.challenge.id },
  );
  return {
    ChallengeName: 'PASSWORD_VERIFIER',
    // Clients of these flows take no challenge without one; what counts is the secret block.
    ...(within && { Session: block.toString('base64url') }),
    ChallengeParameters: {
      SALT: verifier.salt,
      SECRET_BLOCK: block.toString('base64'),
      SRP_B: challenge.B,
      USERNAME: username,
      USER_ID_FOR_SRP: username,
    },
  };
}

/** What follows a right password in a sign-in by CUSTOM_AUTH, where no challenge of Cognito's own does. */
type AfterPassword = (request: SignInRequest, user: User, custom: CustomSignIn) => Promise<SignInResult>;

/** PASSWORD_VERIFIER: the client's proof that it knew the password. */
export const finishSrp =
  (goOn: AfterPassword) =>
  async (request: SignInRequest): Promise<SignInResult> => {
    const { services, pool, client, parameters } = request;
    const name = required(parameters, 'USERNAME');
    const signature = required(parameters, 'PASSWORD_CLAIM_SIGNATURE');
    const timestamp = required(parameters, 'TIMESTAMP');
    const secretBlock = Buffer.from(required(parameters, 'PASSWORD_CLAIM_SECRET_BLOCK'), 'base64');
    const challenge = openChallenge(services, 'PASSWORD_VERIFIER', secretBlock);
    if (challenge.clientId !== client.id) throw invalidSession();
    requireSecretHashParameter(client, parameters['SECRET_HASH'], name, challenge.userIdForSrp);
    const { custom } = challenge;

    const proven = verifyProof({
      poolName: pool.srpName,
      userId: challenge.userIdForSrp,
      key: Buffer.from(challenge.key, 'base64'),
      secretBlock,
      timestamp,
      signature,
    });
    return proceedByPassword(
      request,
      challenge.sub,
      // A password set since the challenge began has a salt of its own: the old one no longer signs in.
      (current) => proven && storedVerifier(services, current)?.salt === challenge.salt,
      (unit) => spendChallenge(unit, pool.id, challenge),
      custom && ((user) => goOn(request, user, custom)),
    );
  };

function storedVerifier(services: Services, user: User): SrpVerifier | undefined {
  if (user.sealedVerifier === null) return undefined;
  return unpackVerifier(services.keyring.open(verifierContext(user.poolId, user.sub), user.sealedVerifier));
}

/** The same by whichever of their names somebody is called. */
function madeUpVerifier(services: Services, pool: UserPool, sub: string): SrpVerifier {
  return simulatedVerifier(services.keyring.digest('simulation', `srp/${pool.id}/${sub}`));
}
