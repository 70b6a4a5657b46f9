import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { auditLine } from '../platform/audit.ts';
import { newId } from '../platform/random.ts';

const outcomes = new WeakMap<FastifyRequest, string>();

/** What a request was refused with. */
export const noteOutcome = (request: FastifyRequest, type: string) => void outcomes.set(request, type);

/** Every call of the operator's API makes a line of the audit log, and of `/metrics` what was refused: a scrape is no news. */
export function auditOperators(scope: FastifyInstance, log: Logger): void {
  scope.addHook('onResponse', async (request) => {
    const outcome = outcomes.get(request) ?? 'ok';
    const { url = '' } = request.routeOptions;
    if (url === '/metrics' && outcome === 'ok') return;
    const { userPoolId, username } = request.params as { userPoolId?: string; username?: string };
    auditLine(log, {
      requestId: newId(),
      operation: `${request.method} ${url}`,
      userPoolId,
      username,
      sourceIp: request.ip,
      outcome,
    });
  });
}
