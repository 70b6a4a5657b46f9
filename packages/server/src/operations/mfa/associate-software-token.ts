import { changeFactors } from '../../domain/mfa/change-factors.ts';
import { newSoftwareToken, requireOneOf } from '../../domain/mfa/software-token.ts';
import { associateInSession } from '../../domain/sign-in/mfa-setup.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import type { Operation } from '../operation.ts';

/** An authenticator app that the user has already stays theirs until VerifySoftwareToken saw a code of the new one. */
export const associateSoftwareToken: Operation<'AssociateSoftwareToken'> = async (services, input) => {
  const { AccessToken, Session } = requireOneOf(input);
  if (Session !== undefined) return associateInSession(services, Session);
  const { pool, user } = await signedInUser(services, AccessToken);
  const { seed, secretCode } = newSoftwareToken(pool);
  await changeFactors(services, pool, user.sub, (factors) => ({ ...factors, pendingSeed: seed }));
  return { SecretCode: secretCode };
};
