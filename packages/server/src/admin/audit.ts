import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Audit } from '../platform/audit.ts';
import { newId } from '../platform/random.ts';

const outcomes = new WeakMap<FastifyRequest, string>();
const known = new WeakSet<FastifyRequest>();

/** What a request was refused with. */
export const noteOutcome = (request: FastifyRequest, type: string) => void outcomes.set(request, type);
/** The request got past the guard; the others anybody can send. */
export const noteKnown = (request: FastifyRequest) => void known.add(request);

/** Every call of the operator's API makes a line of the audit log, and of `/metrics` what was refused: a scrape is no news. */
export function auditOperators(scope: FastifyInstance, audit: Audit): void {
  scope.addHook('onResponse', async (request) => {
    const outcome = outcomes.get(request) ?? 'ok';
    const { url = '' } = request.routeOptions;
    if (url === '/metrics' && outcome === 'ok') return;
    const named = request.params as { userPoolId?: string; username?: string };
    const { username, userPoolId = poolAsked(request.query) } = named;
    audit[known.has(request) ? 'line' : 'refused']({
      requestId: newId(),
      operation: `${request.method} ${url}`,
      userPoolId,
      username,
      sourceIp: request.ip,
      outcome,
    });
  });
}

/** What changes a message names its pool there. */
function poolAsked(query: unknown): string | undefined {
  const { userPoolId } = query as { userPoolId?: unknown };
  return typeof userPoolId === 'string' && /^[\w-]{1,55}$/.test(userPoolId) ? userPoolId : undefined;
}
