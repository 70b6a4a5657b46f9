import { acceptsClientSecret } from '../../domain/pools/client-secret.ts';
import { readRefreshToken } from '../../domain/tokens/refresh-token.ts';
import {
  clientSecretUnauthorized,
  revocationNotEnabled,
  revokesRefreshTokensOnly,
  tokenOfAnotherClient,
} from '../../errors.ts';
import { findSession, revokeSession } from '../../storage/repositories/sessions.ts';
import type { Operation } from '../operation.ts';

/** Ends a session: its refresh token and every access token made from it. An unknown token is already ended (RFC 7009 §2.2). */
export const revokeToken: Operation<'RevokeToken'> = async (services, input) => {
  const client = await services.pools.client(input.ClientId);
  if (!acceptsClientSecret(client, input.ClientSecret)) throw clientSecretUnauthorized(client.id);
  if (!client.config.EnableTokenRevocation) throw revocationNotEnabled();
  const token = readRefreshToken(services, client.poolId, input.Token);
  if (token === undefined) {
    // A JWT is one of the tokens that only expire.
    if (input.Token.split('.').length === 3) throw revokesRefreshTokensOnly();
    return {};
  }
  const key = { poolId: client.poolId, id: token.sessionId };
  await services.storage.write(async (unit) => {
    const session = await findSession.first(unit, key);
    if (session === undefined) return;
    if (session.client_id !== client.id) throw tokenOfAnotherClient();
    await revokeSession.run(unit, key);
  });
  return {};
};
