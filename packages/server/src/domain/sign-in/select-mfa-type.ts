import { invalid } from '../../errors.ts';
import { demandedFactor } from '../mfa/demanded-factor.ts';
import { factorsOf } from '../mfa/factors.ts';
import type { SecondFactor } from '../pools/mfa-config.ts';
import type { User } from '../users/user.ts';
import { readSession, spendChallenge } from './challenge-token.ts';
import { challengedUser, requireUnchanged } from './challenged-user.ts';
import { required } from './sign-in-parameters.ts';
import { proceed, type SignInRequest, type SignInResult } from './sign-in-result.ts';

/** SELECT_MFA_TYPE: which of the user's second factors it shall be; its challenge follows. */
export async function selectMfaType(
  request: SignInRequest,
  session: string | undefined,
): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  const challenge = readSession(services, client, 'SELECT_MFA_TYPE', session);
  const wanted = required(parameters, 'ANSWER');
  const asked = await challengedUser(request, challenge);
  const chosen = choiceOf(request, asked, wanted);
  return proceed(request, challenge.sub, { chosen }, async (unit, current) => {
    const user = requireUnchanged(current, challenge);
    // As they are now: an address or an app may be gone since a moment ago.
    choiceOf(request, user, wanted);
    await spendChallenge(unit, pool.id, challenge);
    return user;
  });
}

function choiceOf({ services, pool }: SignInRequest, user: User, wanted: string): SecondFactor {
  const demand = demandedFactor(pool, user, factorsOf(services, user));
  const chosen = demand && 'choose' in demand ? demand.choose.find((factor) => factor === wanted) : undefined;
  if (chosen === undefined) throw invalid('ANSWER names no MFA type that the user can choose.');
  return chosen;
}
