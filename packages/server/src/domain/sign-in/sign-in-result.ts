import type { RespondToAuthChallengeResponse } from '@poolkeeper/model';
import {
  invalidSession,
  passwordResetRequired,
  ServiceError,
  temporaryPasswordExpired,
  userDisabled,
  userNotConfirmed,
} from '../../errors.ts';
import { findSession, revokeSession } from '../../storage/repositories/sessions.ts';
import { findUser } from '../../storage/repositories/users.ts';
import { type Sender, type SendingUnit, writeAndSend } from '../delivery/write-and-send.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { issueTokens, type NewSession, openSession } from '../tokens/issue-tokens.ts';
import type { Metadata } from '../triggers/event.ts';
import { postAuthentication } from '../triggers/post-authentication.ts';
import { functionAt } from '../triggers/trigger.ts';
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

/** From RespondToAuthChallenge ClientMetadata reaches custom senders alone, from AdminRespondToAuthChallenge CustomMessage, too [D]. */
export const senderOf = ({ services, client, clientMetadata }: SignInRequest): Sender => ({
  clientId: client.id,
  ...(services.request?.signed ? { clientMetadata } : { senderMetadata: clientMetadata }),
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
 * take the count back. `look` reads what else `prove` needs, in the same round trip, once the user is locked. `goOn` is
 * what follows in place of tokens, after the unit.
 */
export async function proceed<Seen = undefined>(
  request: SignInRequest,
  sub: string,
  shown: Shown,
  prove: (unit: SendingUnit, user: User | undefined, seen: Seen) => Promise<User | ServiceError>,
  look?: (unit: SendingUnit) => Promise<Seen>,
  goOn?: (user: User) => Promise<SignInResult>,
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
    if (goOn !== undefined) return { user, goOn };
    return { user, session: await openSession(services, unit, client, user) };
  });
  if (outcome instanceof ServiceError) throw outcome;
  if ('goOn' in outcome) return outcome.goOn(outcome.user);
  return 'session' in outcome ? signedIn(request, outcome.user, outcome.session, shown) : outcome;
}

/** The end of a sign-in: tokens for the session that was opened, which ends when a function of the pool's refuses them. */
async function signedIn(
  request: SignInRequest,
  user: User,
  { refreshToken, authTime }: NewSession,
  shown: Shown,
): Promise<SignInResult> {
  const { services, pool, client, clientMetadata } = request;
  const { sessionId } = refreshToken;
  // A sign-in and its tokens are of the same second, also when the clock ticks between the two.
  const session = { sessionId, authTime, issuedAt: authTime, refreshToken };
  const tokenGeneration = {
    source: shown.newPassword
      ? ('TokenGeneration_NewPasswordChallenge' as const)
      : ('TokenGeneration_Authentication' as const),
    clientMetadata,
  };
  try {
    await postAuthentication(request, user);
    const AuthenticationResult = await issueTokens(services, pool, client, user, session, tokenGeneration);
    await requireStillOpen(services, pool, sessionId);
    return { ChallengeParameters: {}, AuthenticationResult };
  } catch (error) {
    await services.storage.write((unit) => revokeSession.run(unit, { poolId: pool.id, id: sessionId }));
    throw error;
  }
}

/** Functions take their time: who was disabled, deleted or signed out meanwhile gets no tokens. */
async function requireStillOpen(services: Services, pool: UserPool, id: string): Promise<void> {
  const ran = functionAt(pool, 'PostAuthentication') ?? functionAt(pool, 'PreTokenGeneration');
  if (ran === undefined) return;
  const session = await services.storage.read((unit) => findSession.first(unit, { poolId: pool.id, id }));
  if (session === undefined || session.revoked === 1) throw invalidSession();
}
