import { timingSafeEqual } from 'node:crypto';
import type { AuthenticationResultType } from '@poolkeeper/model';
import {
  invalidRefreshToken,
  refreshTokenExpired,
  refreshTokenReused,
  refreshTokenRevoked,
  userDisabled,
} from '../../errors.ts';
import { SECOND } from '../../platform/duration.ts';
import { findSession, revokeSession, rotateSession } from '../../storage/repositories/sessions.ts';
import { findUser } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { TokenGeneration } from '../triggers/pre-token-generation.ts';
import { type User, userFromRow } from '../users/user.ts';
import { changesToTokens, signTokens } from './issue-tokens.ts';
import { nextRefreshToken, type RefreshToken, readRefreshToken, refreshDigest } from './refresh-token.ts';

interface LiveSession {
  readonly user: User;
  readonly token: RefreshToken;
  readonly authTime: number;
}

type Found = LiveSession | { readonly reused: string };

/**
 * New tokens for a refresh token; where the client rotates them, with a new refresh token. The pool's function is asked
 * before: when it throws, the refresh token is as good as it was.
 */
export async function refreshTokens(
  services: Services,
  pool: UserPool,
  client: AppClient,
  text: string,
  tokenGeneration: TokenGeneration,
  accept: (user: User) => void = () => {},
): Promise<AuthenticationResultType> {
  const found = await services.storage.read((unit) => liveSession(services, unit, pool, client, text));
  if ('reused' in found) return revokeReused(services, pool, found.reused);
  const { user, token, authTime } = found;
  accept(user);
  const changes = await changesToTokens(services, pool, client, user, tokenGeneration);
  const session = { sessionId: token.sessionId, authTime };
  if (!rotates(client)) {
    // The function took its time: who was signed out or disabled meanwhile gets no tokens. A rotation looks for itself.
    if (changes !== undefined)
      await services.storage.read((unit) => liveSession(services, unit, pool, client, text));
    return signTokens(services, pool, client, user, session, changes);
  }
  const next = await rotate(services, pool, client, found);
  if (next === undefined) return revokeReused(services, pool, token.sessionId);
  return signTokens(services, pool, client, user, { ...session, refreshToken: next }, changes);
}

export const rotates = (client: AppClient) => client.config.RefreshTokenRotation?.Feature === 'ENABLED';

async function liveSession(
  services: Services,
  unit: Unit,
  pool: UserPool,
  client: AppClient,
  text: string,
): Promise<Found> {
  const token = readRefreshToken(services, pool.id, text);
  if (token === undefined) throw invalidRefreshToken();
  const session = await findSession.first(unit, { poolId: pool.id, id: token.sessionId });
  if (session === undefined || session.client_id !== client.id) throw invalidRefreshToken();
  const digest = refreshDigest(services, pool.id, token);
  const now = services.clock.now();
  const current = timingSafeEqual(session.refresh_digest, digest);
  const previous = session.previous_digest !== null && timingSafeEqual(session.previous_digest, digest);
  if (session.revoked === 1) throw refreshTokenRevoked();
  if (session.expires_at <= now) throw refreshTokenExpired();
  // Any other token that was issued for this session is one that was exchanged, now or long ago.
  if (!current && !(previous && (session.previous_until ?? 0) > now)) return { reused: session.id };
  const row = await findUser.first(unit, { poolId: pool.id, sub: session.sub });
  if (row === undefined) throw invalidRefreshToken();
  const user = userFromRow(row);
  if (!user.enabled) throw userDisabled();
  return { user, token, authTime: session.auth_time };
}

/** The new token, or undefined when another request rotated first and no grace period covers this one. */
async function rotate(
  services: Services,
  pool: UserPool,
  client: AppClient,
  live: LiveSession,
): Promise<RefreshToken | undefined> {
  const grace = (client.config.RefreshTokenRotation?.RetryGracePeriodSeconds ?? 0) * SECOND;
  const next = nextRefreshToken(services, pool.id, live.token);
  return services.storage.write(async (unit) => {
    const now = services.clock.now();
    const key = { poolId: pool.id, id: live.token.sessionId };
    const presented = refreshDigest(services, pool.id, live.token);
    const session = await findSession.first(unit, key);
    if (session === undefined || session.revoked === 1) throw refreshTokenRevoked();
    const nextDigest = refreshDigest(services, pool.id, next);
    const rotated = await rotateSession.run(unit, {
      ...key,
      presented,
      nextDigest,
      previousUntil: now + grace,
    });
    if (rotated === 1) return next;
    // Without a grace period nothing is a retry, whatever the clocks of two nodes, or the wait for the lock, say.
    const isRetry =
      grace > 0 && timingSafeEqual(session.refresh_digest, nextDigest) && (session.previous_until ?? 0) > now;
    return isRetry ? next : undefined;
  });
}

/** A refresh token that was already exchanged is in two hands: nobody keeps the session (RFC 9700 §4.14.2). */
async function revokeReused(services: Services, pool: UserPool, sessionId: string): Promise<never> {
  await services.storage.write((unit) => revokeSession.run(unit, { poolId: pool.id, id: sessionId }));
  throw refreshTokenReused();
}
