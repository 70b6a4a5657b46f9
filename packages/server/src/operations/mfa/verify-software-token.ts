import { changeFactors, ofReadyUser } from '../../domain/mfa/change-factors.ts';
import {
  requireOneOf,
  requireSoftwareTokens,
  seedToVerify,
  withSoftwareToken,
} from '../../domain/mfa/software-token.ts';
import { verifyInSession } from '../../domain/sign-in/mfa-setup.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import type { Operation } from '../operation.ts';

export const verifySoftwareToken: Operation<'VerifySoftwareToken'> = async (services, input) => {
  const { AccessToken, Session } = requireOneOf(input);
  const { UserCode: code, FriendlyDeviceName: name } = input;
  if (Session !== undefined) return verifyInSession(services, Session, code, name);
  const { pool, user } = await signedInUser(services, AccessToken);
  requireSoftwareTokens(pool);
  const verify = ofReadyUser((factors) =>
    withSoftwareToken(factors, { seed: seedToVerify(factors), code, name }, services.clock.now()),
  );
  await changeFactors(services, pool, user.sub, verify);
  return { Status: 'SUCCESS' };
};
