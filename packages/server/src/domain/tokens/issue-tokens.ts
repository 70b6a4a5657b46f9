import type { AuthenticationResultType } from '@poolkeeper/model';
import { SignJWT } from 'jose';
import { newId } from '../../platform/random.ts';
import { insertSession } from '../../storage/repositories/sessions.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AppClient } from '../pools/app-client.ts';
import { tokenLifetimes } from '../pools/client-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { firstRefreshToken, type RefreshToken, refreshDigest, writeRefreshToken } from './refresh-token.ts';
import type { SigningKey } from './signing-keys.ts';
import { accessTokenClaims, idTokenClaims, type SignInFacts } from './token-claims.ts';

export const issuerOf = (services: Services, poolId: string) => `${services.issuerBase}/${poolId}`;

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

// RSA signatures are made on OpenSSL's threads, beside the event loop.
const sign = (claims: object, key: SigningKey) =>
  new SignJWT({ ...claims }).setProtectedHeader({ kid: key.kid, alg: 'RS256' }).sign(key.privateKey);

export interface NewSession {
  readonly refreshToken: RefreshToken;
  readonly authTime: number;
}

/** Opens the session that the tokens of a sign-in hang on. To be called in the unit that completes the sign-in. */
export async function openSession(
  services: Services,
  unit: Unit,
  client: AppClient,
  user: User,
): Promise<NewSession> {
  const now = services.clock.now();
  const refreshToken = firstRefreshToken(services, user.poolId, newId());
  const authTime = seconds(now);
  await insertSession.run(unit, {
    poolId: user.poolId,
    id: refreshToken.sessionId,
    sub: user.sub,
    clientId: client.id,
    refreshDigest: refreshDigest(services, user.poolId, refreshToken),
    authTime,
    now,
    expiresAt: now + tokenLifetimes(client.config).refreshToken,
  });
  return { refreshToken, authTime };
}

/**
 * Signs the tokens of a session. `refreshToken` is handed out when it is new to the client; `issuedAt`, in epoch
 * seconds, is now unless given.
 */
export async function issueTokens(
  services: Services,
  pool: UserPool,
  client: AppClient,
  user: User,
  session: { sessionId: string; authTime: number; issuedAt?: number; refreshToken?: RefreshToken },
): Promise<AuthenticationResultType> {
  const keys = await services.signingKeys.keysOf(pool.id);
  const lifetimes = tokenLifetimes(client.config);
  const issuedAt = session.issuedAt ?? seconds(services.clock.now());
  const facts: SignInFacts = {
    issuer: issuerOf(services, pool.id),
    sessionId: session.sessionId,
    authTime: session.authTime,
    issuedAt,
  };
  const [AccessToken, IdToken] = await Promise.all([
    sign(accessTokenClaims(user, client, facts, issuedAt + seconds(lifetimes.accessToken)), keys.access),
    sign(idTokenClaims(user, pool, client, facts, issuedAt + seconds(lifetimes.idToken)), keys.id),
  ]);
  return {
    AccessToken,
    ExpiresIn: seconds(lifetimes.accessToken),
    IdToken,
    ...(session.refreshToken && { RefreshToken: writeRefreshToken(session.refreshToken) }),
    TokenType: 'Bearer',
  };
}
