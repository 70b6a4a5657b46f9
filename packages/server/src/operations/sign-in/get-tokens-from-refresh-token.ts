import { allows } from '../../domain/pools/client-config.ts';
import { requireClientSecret } from '../../domain/pools/client-secret.ts';
import { refreshTokens, rotates } from '../../domain/tokens/refresh.ts';
import { flowNotEnabled } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const getTokensFromRefreshToken: Operation<'GetTokensFromRefreshToken'> = async (services, input) => {
  const client = await services.pools.client(input.ClientId);
  requireClientSecret(client, input.ClientSecret);
  const pool = await services.pools.pool(client.poolId);
  if (!rotates(client) && !allows(client.config, 'ALLOW_REFRESH_TOKEN_AUTH'))
    throw flowNotEnabled('REFRESH_TOKEN_AUTH');
  // The table of triggers names this source here, and that of refreshed tokens for REFRESH_TOKEN_AUTH [D].
  const tokenGeneration = {
    source: 'TokenGeneration_Authentication' as const,
    clientMetadata: input.ClientMetadata,
  };
  return {
    AuthenticationResult: await refreshTokens(services, pool, client, input.RefreshToken, tokenGeneration),
  };
};
