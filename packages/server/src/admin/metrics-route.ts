import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../platform/metrics.ts';

/** What Prometheus reads. */
export function metricsRoute(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.contentType);
    return metrics.text();
  });
}
