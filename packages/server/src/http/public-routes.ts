import type { FastifyInstance } from 'fastify';
import type { Services } from '../domain/services.ts';
import { issuerOf } from '../domain/tokens/issue-tokens.ts';
import { ServiceError } from '../errors.ts';
import type { Health } from './health.ts';

const POOL_ID = /^[\w-]{1,55}$/;

/** Health, and what verifiers of tokens fetch: keys (RFC 7517) and discovery (OpenID Connect Discovery §4). */
export function publicRoutes(app: FastifyInstance, services: Services, health: Health): void {
  app.get('/health', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return (await health.isReady()) ? { status: 'ok' } : reply.code(503).send({ status: 'unavailable' });
  });

  const cors = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' };

  const named = async ({ poolId }: { poolId: string }) =>
    // No database looks for every text.
    POOL_ID.test(poolId) ? services.pools.pool(poolId).catch(undefinedIfUnknown) : undefined;

  app.get<{ Params: { poolId: string } }>('/:poolId/.well-known/jwks.json', async (request, reply) => {
    const pool = await named(request.params);
    if (pool === undefined) return reply.code(404).send({ error: 'Unknown user pool.' });
    const keys = await services.signingKeys.keysOf(pool.id);
    return reply.headers(cors).send({ keys: [keys.id.publicJwk, keys.access.publicJwk] });
  });

  app.get<{ Params: { poolId: string } }>(
    '/:poolId/.well-known/openid-configuration',
    async (request, reply) => {
      const pool = await named(request.params);
      if (pool === undefined) return reply.code(404).send({ error: 'Unknown user pool.' });
      const issuer = issuerOf(services, pool.id);
      return reply.headers(cors).send({
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        id_token_signing_alg_values_supported: ['RS256'],
        subject_types_supported: ['public'],
      });
    },
  );
}

function undefinedIfUnknown(error: unknown): undefined {
  if (error instanceof ServiceError && error.type === 'ResourceNotFoundException') return undefined;
  throw error;
}
