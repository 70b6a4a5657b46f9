import type { AssociateSoftwareTokenResponse, VerifySoftwareTokenResponse } from '@poolkeeper/model';
import { invalid, invalidSession, softwareTokenNotVerified } from '../../errors.ts';
import { findUser } from '../../storage/repositories/users.ts';
import { demandedFactor } from '../mfa/demanded-factor.ts';
import { factorsOf } from '../mfa/factors.ts';
import { newSoftwareToken, registerSoftwareToken } from '../mfa/software-token.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { SecondFactor } from '../pools/mfa-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { looksLikeEmail } from '../users/attributes.ts';
import { type User, userFromRow } from '../users/user.ts';
import { type Challenge, openChallenge, readSession, sessionOf, spendChallenge } from './challenge-token.ts';
import { challengedUser, requireUnchanged } from './challenged-user.ts';
import { proceed, refuseByState, type SignInRequest, type SignInResult } from './sign-in-result.ts';

/**
 * MFA_SETUP: a session in which VerifySoftwareToken saw a right code signs in; an email address is sent a code first.
 * The user set nothing up before this challenge, so whoever has the password sets up the factor, as on Amazon Cognito.
 */
export async function answerMfaSetup(
  request: SignInRequest,
  session: string | undefined,
): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  // The developer guide has the session of VerifySoftwareToken among the responses; clients send it as their own.
  const challenge = readSession(services, client, 'MFA_SETUP', parameters['SESSION'] ?? session);
  await challengedUser(request, challenge);
  const email = parameters['EMAIL'] ?? parameters['email'];
  if (email === undefined && !challenge.verified) throw softwareTokenNotVerified();
  if (email !== undefined && !looksLikeEmail(email)) throw invalid('Invalid email address format.');
  const shown = email === undefined ? { secondFactor: true } : { newEmail: email };
  return proceed(request, challenge.sub, shown, async (unit, current) => {
    const user = requireUnchanged(current, challenge);
    if (email !== undefined) requireOffered(services, pool, user, 'EMAIL_OTP');
    // An administrator may have removed it since.
    else if (factorsOf(services, user).token?.seed !== challenge.seed) throw invalidSession();
    await spendChallenge(unit, pool.id, challenge);
    return user;
  });
}

/** Meanwhile the user may have set a factor up elsewhere: it is theirs, and no session adds another one beside it. */
export function requireOffered(services: Services, pool: UserPool, user: User, factor: SecondFactor): void {
  const demand = demandedFactor(pool, user, factorsOf(services, user));
  if (!(demand && 'setUp' in demand && demand.setUp.includes(factor))) throw invalidSession();
}

interface SetUp {
  readonly challenge: Challenge<'MFA_SETUP'>;
  readonly client: AppClient;
}

/** AssociateSoftwareToken and VerifySoftwareToken name no client: the session alone does. */
async function setUpOf(services: Services, session: string): Promise<SetUp> {
  const challenge = openChallenge(services, 'MFA_SETUP', Buffer.from(session, 'base64url'));
  return { challenge, client: await services.pools.client(challenge.clientId) };
}

/** The seed travels in the session that is answered: until a code of it was seen, it is nobody's. */
export async function associateInSession(
  services: Services,
  session: string,
): Promise<AssociateSoftwareTokenResponse> {
  const { challenge, client } = await setUpOf(services, session);
  const { seed, secretCode } = newSoftwareToken(await services.pools.pool(client.poolId));
  const { sub, id, credential, expiresAt } = challenge;
  // A session that has a seed lives no longer by getting another one.
  const as = challenge.seed === undefined ? { id } : { id, expiresAt };
  const facts = { credential, seed };
  return { SecretCode: secretCode, Session: sessionOf(services, client, 'MFA_SETUP', sub, facts, as) };
}

export async function verifyInSession(
  services: Services,
  session: string,
  code: string,
  name: string | undefined,
): Promise<VerifySoftwareTokenResponse> {
  const { challenge, client } = await setUpOf(services, session);
  const { sub, seed, credential } = challenge;
  const pool = await services.pools.pool(client.poolId);
  const key = { poolId: pool.id, sub };
  await services.storage.write(async (unit) => {
    const row = await findUser.first(unit, key);
    const user = requireUnchanged(row && userFromRow(row), challenge);
    refuseByState(services, user);
    requireOffered(services, pool, user, 'SOFTWARE_TOKEN_MFA');
    await registerSoftwareToken(services, unit, user, { seed, code, name });
    await spendChallenge(unit, key.poolId, challenge);
  });
  const facts = { credential, ...(seed !== undefined && { seed }), verified: true };
  return { Status: 'SUCCESS', Session: sessionOf(services, client, 'MFA_SETUP', sub, facts) };
}
