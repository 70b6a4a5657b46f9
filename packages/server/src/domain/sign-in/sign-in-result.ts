import type { RespondToAuthChallengeResponse } from '@poolkeeper/model';
import {
  passwordResetRequired,
  temporaryPasswordExpired,
  userDisabled,
  userNotConfirmed,
  wrongCredentials,
} from '../../errors.ts';
import { findUser } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { issueTokens, type NewSession, openSession } from '../tokens/issue-tokens.ts';
import { missingAttributes } from '../users/attributes.ts';
import { type User, userFromRow } from '../users/user.ts';
import { sealChallenge } from './challenge-token.ts';

/** A sign-in that has reached its end or its next challenge; both auth operations answer in this shape. */
export type SignInResult = RespondToAuthChallengeResponse;

/** A request to sign in: who asks by which client, and what was sent along. */
export interface SignInRequest {
  readonly services: Services;
  readonly pool: UserPool;
  readonly client: AppClient;
  /** AuthParameters or ChallengeResponses. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Throws for states that Amazon Cognito tells before it looks at a password, where the client does not hide users. */
export function refuseEarly(client: AppClient, user: User): void {
  if (client.hidesUsers) return;
  if (!user.enabled) throw userDisabled();
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
}

/** Throws for states in which the right password does not sign in. */
function refuseByState(services: Services, user: User): void {
  if (!user.enabled) throw userDisabled();
  if (user.status === 'UNCONFIRMED') throw userNotConfirmed();
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
  if (user.temporaryUntil !== null && user.temporaryUntil <= services.clock.now()) {
    throw temporaryPasswordExpired();
  }
}

/**
 * What follows the right password: tokens, or the next challenge. `inUnit` is what must hold or happen in the same
 * unit that opens the session; the user is read again there, because their state may have changed meanwhile.
 */
export async function proceed(
  request: SignInRequest,
  user: User,
  inUnit: (unit: Unit) => Promise<void>,
): Promise<SignInResult> {
  const { services, pool, client } = request;
  const outcome = await services.storage.write(async (unit) => {
    const row = await findUser.first(unit, { poolId: pool.id, sub: user.sub });
    const current = row && userFromRow(row);
    if (current === undefined || current.passwordHash !== user.passwordHash) throw wrongCredentials();
    refuseByState(services, current);
    await inUnit(unit);
    if (current.status === 'FORCE_CHANGE_PASSWORD') return { current };
    return { current, session: await openSession(services, unit, client, current) };
  });
  if (outcome.session === undefined) return newPasswordChallenge(request, outcome.current);
  return signedIn(request, outcome.current, outcome.session);
}

/** The end of a sign-in: tokens for the session that was opened. */
export async function signedIn(
  { services, pool, client }: SignInRequest,
  user: User,
  { refreshToken, authTime }: NewSession,
): Promise<SignInResult> {
  // A sign-in and its tokens are of the same second, also when the clock ticks between the two.
  const session = { sessionId: refreshToken.sessionId, authTime, issuedAt: authTime, refreshToken };
  return {
    ChallengeParameters: {},
    AuthenticationResult: await issueTokens(services, pool, client, user, session),
  };
}

function newPasswordChallenge(request: SignInRequest, user: User): SignInResult {
  const { services, pool, client } = request;
  const missing = missingAttributes(pool, user.attributes).map((name) => `userAttributes.${name}`);
  return {
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: sealChallenge(services, client, 'NEW_PASSWORD_REQUIRED', user.sub, {
      temporaryUntil: user.temporaryUntil,
    }).toString('base64url'),
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: JSON.stringify(missing),
      userAttributes: JSON.stringify(user.attributes),
    },
  };
}
