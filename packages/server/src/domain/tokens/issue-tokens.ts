import type { AuthenticationResultType } from '@poolkeeper/model';
import { SignJWT } from 'jose';
import { newId } from '../../platform/random.ts';
import { insertSession } from '../../storage/repositories/sessions.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AppClient } from '../pools/app-client.ts';
import { tokenLifetimes } from '../pools/client-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import {
  preTokenGeneration,
  type TokenChanges,
  type TokenGeneration,
} from '../triggers/pre-token-generation.ts';
import type { User } from '../users/user.ts';
import { firstRefreshToken, type RefreshToken, refreshDigest, writeRefreshToken } from './refresh-token.ts';
import type { SigningKey } from './signing-keys.ts';
import {
  accessTokenClaims,
  changedAccessClaims,
  changedIdClaims,
  idTokenClaims,
  SCOPES,
  type SignInFacts,
} from './token-claims.ts';

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

/** What the tokens of a session are, and what is handed out beside them. */
interface Session {
  readonly sessionId: string;
  /** Epoch seconds. */
  readonly authTime: number;
  /** Epoch seconds; now unless given. */
  readonly issuedAt?: number;
  /** Given when it is new to the client. */
  readonly refreshToken?: RefreshToken;
}

/** The tokens of a session, as the pool's function wants them. Throws what `runTrigger` throws. */
export async function issueTokens(
  services: Services,
  pool: UserPool,
  client: AppClient,
  user: User,
  session: Session,
  tokenGeneration: TokenGeneration,
): Promise<AuthenticationResultType> {
  const changes = await changesToTokens(services, pool, client, user, tokenGeneration);
  return signTokens(services, pool, client, user, session, changes);
}

/** The first half of `issueTokens`, for who has something to lose if the function throws. */
export const changesToTokens = (
  services: Services,
  pool: UserPool,
  client: AppClient,
  user: User,
  tokenGeneration: TokenGeneration,
): Promise<TokenChanges | undefined> =>
  preTokenGeneration(services, pool, client, user, tokenGeneration, SCOPES);

/** The second half. */
export async function signTokens(
  services: Services,
  pool: UserPool,
  client: AppClient,
  user: User,
  session: Session,
  changes: TokenChanges | undefined,
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
  const access = accessTokenClaims(user, client, facts, issuedAt + seconds(lifetimes.accessToken));
  const id = idTokenClaims(user, pool, client, facts, issuedAt + seconds(lifetimes.idToken));
  const [AccessToken, IdToken] = await Promise.all([
    sign(changes ? changedAccessClaims(access, changes) : access, keys.access),
    sign(changes ? changedIdClaims(id, changes) : id, keys.id),
  ]);
  return {
    AccessToken,
    ExpiresIn: seconds(lifetimes.accessToken),
    IdToken,
    ...(session.refreshToken && { RefreshToken: writeRefreshToken(session.refreshToken) }),
    TokenType: 'Bearer',
  };
}
