import { decodeJwt, errors as joseErrors, jwtVerify } from 'jose';
import {
  accessTokenExpired,
  accessTokenLacksScope,
  accessTokenRevoked,
  invalidAccessToken,
  ServiceError,
  userDisabled,
  userDoesNotExist,
} from '../../errors.ts';
import { findSession } from '../../storage/repositories/sessions.ts';
import { findUser } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { type User, userFromRow } from '../users/user.ts';
import { SIGNED_IN_SCOPE } from './token-claims.ts';

export interface SignedIn {
  readonly pool: UserPool;
  readonly client: AppClient;
  readonly user: User;
  /** `origin_jti`; undefined where the client has token revocation switched off. */
  readonly sessionId: string | undefined;
}

/**
 * Who an access token speaks for: signature, issuer, times, use, scope and revocation are checked on every call.
 * Throws NotAuthorizedException with the text for what is wrong.
 */
export async function signedInUser(services: Services, accessToken: string): Promise<SignedIn> {
  const claims = await verifiedClaims(services, accessToken);
  if (claims.token_use !== 'access') throw invalidAccessToken();
  if (!claims.scope?.split(' ').includes(SIGNED_IN_SCOPE)) throw accessTokenLacksScope();
  const pool = await services.pools.pool(claims.poolId);
  const client = await services.pools.clientOfPool(pool.id, claims.client_id);
  const user = await services.storage.read((unit) => requireLive(unit, pool, claims));
  return { pool, client, user, sessionId: claims.origin_jti };
}

interface Claims {
  readonly poolId: string;
  readonly sub: string;
  readonly client_id: string;
  readonly token_use: string;
  /** Left out where the pool's PreTokenGeneration function suppressed all scopes. */
  readonly scope: string | undefined;
  readonly iat: number;
  readonly origin_jti: string | undefined;
}

async function verifiedClaims(services: Services, token: string): Promise<Claims> {
  try {
    const claimed = decodeJwt(token).iss;
    // Nothing is proven yet, not even that the issuer is a text.
    if (typeof claimed !== 'string') throw invalidAccessToken();
    const poolId = claimed.slice(claimed.lastIndexOf('/') + 1);
    const issuer = `${services.issuerBase}/${poolId}`;
    await services.pools.pool(poolId);
    const keys = await services.signingKeys.keysOf(poolId);
    const { payload } = await jwtVerify(token, keys.access.publicKey, {
      issuer,
      algorithms: ['RS256'],
      currentDate: new Date(services.clock.now()),
    });
    return { ...payload, poolId } as unknown as Claims;
  } catch (error) {
    if (error instanceof joseErrors.JWTExpired) throw accessTokenExpired();
    if (error instanceof joseErrors.JOSEError || error instanceof ServiceError) throw invalidAccessToken();
    throw error;
  }
}

async function requireLive(unit: Unit, pool: UserPool, claims: Claims): Promise<User> {
  const row = await findUser.first(unit, { poolId: pool.id, sub: claims.sub });
  if (row === undefined) throw userDoesNotExist();
  const user = userFromRow(row);
  if (!user.enabled) throw userDisabled();
  if (claims.origin_jti !== undefined) {
    const session = await findSession.first(unit, { poolId: pool.id, id: claims.origin_jti });
    if (session === undefined || session.revoked === 1) throw accessTokenRevoked();
  } else if (claims.iat <= Math.floor(user.signedOutAt / 1000)) {
    // A token without origin_jti is known by its second of issue alone; one of the same second falls too.
    throw accessTokenRevoked();
  }
  return user;
}
