import { findSessionOfUser } from '../../storage/repositories/sessions.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AddressAttribute } from '../delivery/masked-destination.ts';
import type { AppClient } from '../pools/app-client.ts';
import { allows } from '../pools/client-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { isVerified, type User } from '../users/user.ts';
import {
  type Challenge,
  credentialOf,
  readSession,
  type Step,
  sessionOf,
  spendChallenge,
  spendIfUnspent,
} from './challenge-token.ts';
import { requireUnchanged } from './challenged-user.ts';
import type { Claimant } from './claimant.ts';
import { attributeOf, codeFactorsOf } from './first-factors.ts';
import { proceed, type SignInRequest, type SignInResult } from './sign-in-result.ts';

/*
 * Who signs up by an app client with USER_AUTH is signed in without a second code: the session of SignUp goes to
 * ConfirmSignUp, and the one that is answered there to InitiateAuth. A session that does not fit is no error on this
 * way. It would keep people from confirming who take longer than the session lasts, and they sign in as ever.
 */

/** The `Session` member of SignUp's answer, where there is one. */
export const signUpSession = (services: Services, client: AppClient, { sub }: { sub: string }) =>
  allows(client.config, 'ALLOW_USER_AUTH')
    ? { Session: sessionOf(services, client, 'SIGN_UP', sub, {}) }
    : {};

/**
 * The same of ConfirmSignUp's, in the unit that confirms `user` by a code. The code alone would do: it proves as much as
 * one that signs in, and Amplify for JavaScript sends no session with it. One that is sent has to fit.
 */
export async function confirmedSession(
  services: Services,
  unit: Unit,
  client: AppClient,
  sent: string | undefined,
  user: User,
  attribute: AddressAttribute,
): Promise<{ Session?: string }> {
  if (!allows(client.config, 'ALLOW_USER_AUTH')) return {};
  if (sent !== undefined) {
    const challenge = fitting(services, client, 'SIGN_UP', sent, user.sub);
    if (challenge === undefined || !(await spendIfUnspent(unit, user.poolId, challenge))) return {};
  }
  const facts = { attribute, credential: credentialOf(user) };
  return { Session: sessionOf(services, client, 'CONFIRMED_SIGN_UP', user.sub, facts) };
}

/**
 * The first sign-in of a user who confirmed a moment ago, where a code to the same address would be enough for it.
 * Undefined when it is anything else. Amazon Cognito ignores the other parameters, too.
 */
export async function signInFromSignUp(
  request: SignInRequest,
  { user, sub }: Claimant,
): Promise<SignInResult | undefined> {
  const { services, pool, client } = request;
  const challenge = fitting(services, client, 'CONFIRMED_SIGN_UP', request.session, sub);
  if (challenge === undefined || user === undefined || !isConfirmedBy(pool, user, challenge))
    return undefined;
  const before = await services.storage.read((unit) =>
    findSessionOfUser.first(unit, { poolId: pool.id, sub }),
  );
  if (before !== undefined) return undefined;
  return proceed(request, sub, {}, async (unit, current) => {
    const unchanged = requireUnchanged(current, challenge);
    await spendChallenge(unit, pool.id, challenge);
    return unchanged;
  });
}

function isConfirmedBy(
  pool: UserPool,
  user: User,
  { attribute, credential }: Challenge<'CONFIRMED_SIGN_UP'>,
): boolean {
  const takesCodes = codeFactorsOf(pool.config).some((factor) => attributeOf[factor] === attribute);
  return takesCodes && isVerified(user, attribute) && credentialOf(user) === credential;
}

function fitting<S extends Step>(
  services: Services,
  client: AppClient,
  step: S,
  session: string | undefined,
  sub: string,
): Challenge<S> | undefined {
  if (session === undefined) return undefined;
  try {
    const challenge = readSession(services, client, step, session);
    return challenge.sub === sub ? challenge : undefined;
  } catch {
    return undefined;
  }
}
