import {
  customAuthNotConfigured,
  invalid,
  invalidSession,
  userNotConfirmed,
  wrongCredentials,
} from '../../errors.ts';
import { findUser } from '../../storage/repositories/users.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import { createAuthChallenge } from '../triggers/create-auth-challenge.ts';
import { defineAuthChallenge, type Round } from '../triggers/define-auth-challenge.ts';
import { functionAt } from '../triggers/trigger.ts';
import { LONGEST_NAME } from '../triggers/user-migration.ts';
import { verifyAuthChallenge } from '../triggers/verify-auth-challenge.ts';
import type { Named } from '../users/find-user.ts';
import { type User, userFromRow } from '../users/user.ts';
import {
  type CustomSignIn,
  credentialOf,
  NO_CREDENTIAL,
  readSession,
  sessionOf,
  spendChallenge,
} from './challenge-token.ts';
import { claimantOf } from './claimant.ts';
import { required } from './sign-in-parameters.ts';
import { proceed, refuseEarly, type SignInRequest, type SignInResult } from './sign-in-result.ts';
import { agreeOnKey } from './srp-sign-in.ts';

/*
 * CUSTOM_AUTH: the pool's functions say what is asked, and who is let in. DefineAuthChallenge decides after each answer,
 * CreateAuthChallenge makes a challenge and VerifyAuthChallengeResponse looks at the answer. Nobody goes the same way as
 * a user, and is never let in. What the functions need from one request to the next travels in the sealed session.
 */

/** Challenges of one sign-in: how often to ask is the functions' to say, but not for ever. */
const MOST_ROUNDS = 50;

const answered = (challengeName: Round['challengeName'], challengeResult = true): Round => ({
  challengeName,
  challengeResult,
  challengeMetadata: null,
});

export async function startCustom(request: SignInRequest): Promise<SignInResult> {
  const { pool, client, parameters } = request;
  if (functionAt(pool, 'DefineAuthChallenge') === undefined) throw customAuthNotConfigured();
  const withPassword = parameters['CHALLENGE_NAME'] === 'SRP_A';
  for (const name of ['USERNAME', ...(withPassword ? ['SRP_A'] : [])]) required(parameters, name);
  const claimant = await claimantOf(request);
  const { user, name } = claimant;
  // No user's: it would be kept in the session, and take the room of what functions keep there.
  if (name.length > LONGEST_NAME) throw wrongCredentials();
  // Where a password comes first, it has to be right before anybody is told.
  if (!withPassword && !client.hidesUsers && user?.status === 'UNCONFIRMED') throw userNotConfirmed();
  return goOn(request, claimant, {
    credential: user === undefined ? NO_CREDENTIAL : credentialOf(user),
    signedOutAt: user?.signedOutAt ?? 0,
    rounds: withPassword ? [answered('SRP_A')] : [],
  });
}

/** What comes after a right PASSWORD_VERIFIER, where neither a new password nor a second factor does. */
export function goOnByPassword(
  request: SignInRequest,
  user: User,
  custom: CustomSignIn,
): Promise<SignInResult> {
  requireAsBegun(user, custom);
  const { sub, username } = user;
  const rounds = [...custom.rounds, answered('PASSWORD_VERIFIER')];
  return goOn(request, { user, sub, username }, { ...custom, rounds });
}

/** CUSTOM_CHALLENGE. */
export async function answerCustom(
  request: SignInRequest,
  session: string | undefined,
): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  const challenge = readSession(services, client, 'CUSTOM_CHALLENGE', session);
  const name = required(parameters, 'USERNAME');
  // It may be long, what a device has signed for instance; the API's model bounds it.
  const answer = parameters['ANSWER'];
  if (!answer) throw invalid('Missing required parameter ANSWER');
  const { sub, username, credential, signedOutAt, rounds, secrets, metadata } = challenge;
  requireSecretHashParameter(client, parameters['SECRET_HASH'], name, username);
  // Before the function sees the answer: of any number of guesses at a challenge it sees one.
  const user = await services.storage.write(async (unit) => {
    const row = await findUser.first(unit, { poolId: pool.id, sub });
    await spendChallenge(unit, pool.id, challenge);
    return row && userFromRow(row);
  });
  requireAsBegun(user, challenge);
  if (user !== undefined) refuseEarly(client, user);
  const named = { user, sub, username };
  const isRight = await verifyAuthChallenge(request, named, secrets, answer);
  if (isRight === undefined) throw customAuthNotConfigured();
  const round = { ...answered('CUSTOM_CHALLENGE', isRight), challengeMetadata: metadata };
  return goOn(request, named, { credential, signedOutAt, rounds: [...rounds, round] });
}

/** Throws NotAuthorizedException when the password was changed, or the user signed out or is gone, since the beginning. */
function requireAsBegun(user: User | undefined, { credential, signedOutAt }: CustomSignIn): void {
  const now = user === undefined ? NO_CREDENTIAL : credentialOf(user);
  if (now !== credential || (user?.signedOutAt ?? 0) !== signedOutAt) throw invalidSession();
}

async function goOn(request: SignInRequest, named: Named, custom: CustomSignIn): Promise<SignInResult> {
  switch (await defineAuthChallenge(request, named, custom.rounds)) {
    case 'CUSTOM_CHALLENGE':
      return ask(request, named, custom);
    case 'PASSWORD_VERIFIER':
      return agreeOnKey(request, named, { custom });
    case 'tokens':
      return letIn(request, named, custom);
    case 'refused':
      throw wrongCredentials();
    case undefined:
      throw customAuthNotConfigured();
  }
}

async function ask(request: SignInRequest, named: Named, custom: CustomSignIn): Promise<SignInResult> {
  const { services, pool, client } = request;
  if (custom.rounds.length >= MOST_ROUNDS) throw wrongCredentials();
  // Nobody could answer.
  if (functionAt(pool, 'VerifyAuthChallengeResponse') === undefined) throw customAuthNotConfigured();
  const { sub, username } = named;
  const asked = await createAuthChallenge(request, named, custom.rounds, (challenge) => ({
    ChallengeName: 'CUSTOM_CHALLENGE' as const,
    Session: sessionOf(services, client, 'CUSTOM_CHALLENGE', sub, {
      ...custom,
      username,
      secrets: challenge.privateParameters,
      metadata: challenge.metadata,
    }),
    // It is the name that the next answer comes by, so it is not the function's to say.
    ChallengeParameters: { ...challenge.publicParameters, USERNAME: username },
  }));
  if (asked === undefined) throw customAuthNotConfigured();
  return asked;
}

async function letIn(
  request: SignInRequest,
  { user, sub }: Named,
  custom: CustomSignIn,
): Promise<SignInResult> {
  if (user === undefined) throw wrongCredentials();
  // After a password a second factor is asked for: here only one that was switched on since.
  const byPassword = custom.rounds.some(({ challengeName }) => challengeName === 'PASSWORD_VERIFIER');
  return proceed(request, sub, { custom: !byPassword }, async (_unit, current) => {
    requireAsBegun(current, custom);
    if (current === undefined) throw invalidSession();
    return current;
  });
}
