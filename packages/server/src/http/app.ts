import Fastify, { type FastifyInstance } from 'fastify';
import { BODY_LIMIT, tooLargeAnswer } from './wire-route.ts';

/** The HTTP server without its routes: limits, body as text, errors that never show a stack. */
export function createApp(): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    // Slow senders are cut off; a keep-alive connection outlives the pauses of a load balancer (60 s).
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 128 },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      const { status, headers, body } = tooLargeAnswer();
      return reply.code(status).headers(headers).send(body);
    }
    const status = error.statusCode ?? 500;
    return reply.code(status).send({ error: status < 500 ? error.message : 'Internal error.' });
  });
  return app;
}
