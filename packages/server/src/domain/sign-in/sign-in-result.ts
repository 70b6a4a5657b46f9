import type { RespondToAuthChallengeResponse } from '@poolkeeper/model';
import {
  passwordResetRequired,
  ServiceError,
  temporaryPasswordExpired,
  userDisabled,
  userNotConfirmed,
} from '../../errors.ts';
import { findUser } from '../../storage/repositories/users.ts';
import { type Sender, type SendingUnit, writeAndSend } from '../delivery/write-and-send.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { issueTokens, type NewSession, openSession } from '../tokens/issue-tokens.ts';
import type { Metadata } from '../triggers/event.ts';
import { type User, userFromRow } from '../users/user.ts';
import { nextChallenge, type Shown } from './next-challenge.ts';

/** A sign-in that has reached its end or its next challenge; both auth operations answer in this shape. */
export type SignInResult = RespondToAuthChallengeResponse;

/** A request to sign in: who asks by which client, and what was sent along. */
export interface SignInRequest {
  readonly services: Services;
  readonly pool: UserPool;
  readonly client: AppClient;
  /** AuthParameters or ChallengeResponses. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The session that a sign-in begins with: ConfirmSignUp's. */
  readonly session?: string | undefined;
  /** The ClientMetadata that a sign-in begins with: for PreAuthentication and UserMigration alone [D]. */
  readonly validationData?: Metadata | undefined;
  /** The ClientMetadata of an answer to a challenge: for all that runs after it [D]. */
  readonly clientMetadata?: Metadata | undefined;
}

/** ClientMetadata reaches CustomMessage from AdminRespondToAuthChallenge, and not from RespondToAuthChallenge [D]. */
export const senderOf = ({ services, client, clientMetadata }: SignInRequest): Sender => ({
  clientId: client.id,
  ...(services.request?.signed && { clientMetadata }),
});

/** Throws for states that Amazon Cognito tells before it looks at a password, where the client does not hide users. */
export function refuseEarly(client: AppClient, user: User): void {
  if (client.hidesUsers) return;
  if (!user.enabled) throw userDisabled();
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
}

/** Throws for states in which the right password does not sign in. */
export function refuseByState(services: Services, user: User): void {
  if (!user.enabled) throw userDisabled();
  if (user.status === 'UNCONFIRMED') throw userNotConfirmed();
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
  if (user.temporaryUntil !== null && user.temporaryUntil <= services.clock.now()) {
    throw temporaryPasswordExpired();
  }
}

/**
 * Takes a sign-in one step on, in one unit of work: reads the user again, because their state may have changed since
 * the last step; has `prove` check the answer and spend the challenge; and goes on to the next challenge or to tokens.
 * `prove` resolves to the user as they are then. What refuses an answer that was counted it returns: thrown, it would
 * take the count back. `look` reads what else `prove` needs, in the same round trip, once the user is locked.
 */
export async function proceed<Seen = undefined>(
  request: SignInRequest,
  sub: string,
  shown: Shown,
  prove: (unit: SendingUnit, user: User | undefined, seen: Seen) => Promise<User | ServiceError>,
  look?: (unit: SendingUnit) => Promise<Seen>,
): Promise<SignInResult> {
  const { services, pool, client } = request;
  const outcome = await writeAndSend(services, pool, senderOf(request), async (unit) => {
    const locked = findUser.first(unit, { poolId: pool.id, sub });
    const [row, seen] = await Promise.all([locked, look?.(unit)]);
    const user = await prove(unit, row && userFromRow(row), seen as Seen);
    if (user instanceof ServiceError) return user;
    refuseByState(services, user);
    const challenge = await nextChallenge(request, unit, user, shown);
    if (challenge !== undefined) return challenge;
    return { user, session: await openSession(services, unit, client, user) };
  });
  if (outcome instanceof ServiceError) throw outcome;
  return 'session' in outcome ? signedIn(request, outcome.user, outcome.session) : outcome;
}

/** The end of a sign-in: tokens for the session that was opened. */
async function signedIn(
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
