import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { SECOND } from '../platform/duration.ts';
import { refuseStrangers } from './proxies.ts';
import type { TlsPair } from './tls.ts';
import { BODY_LIMIT, tooLargeAnswer } from './wire-route.ts';

/** How the server meets the network. */
export interface Door {
  /** Undefined: plain HTTP. */
  readonly tls: TlsPair | undefined;
  /** Networks in CIDR form: their `X-Forwarded-…` headers are believed, and nobody else may connect. Empty: everybody may. */
  readonly trustedProxies: readonly string[];
  /** Whether browsers are told never to come by plain HTTP again. */
  readonly httpsForGood: boolean;
}

/** Slow senders are cut off within these times. */
const limits = {
  headersTimeout: 15 * SECOND,
  requestTimeout: 30 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
  maxHeaderSize: 16_384,
};

/** The HTTP server without its routes: limits, body as text, errors that never show a stack. */
export function createApp({ tls, trustedProxies, httpsForGood }: Door, log: Logger): FastifyInstance {
  const app: FastifyInstance = Fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: limits.requestTimeout,
    // A keep-alive connection outlives the pauses of a load balancer (60 s).
    keepAliveTimeout: 75 * SECOND,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 128 },
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    ...(tls === undefined
      ? { http: limits }
      : { https: { ...limits, ...tls, handshakeTimeout: 10 * SECOND } }),
  });
  if (httpsForGood) {
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('strict-transport-security', 'max-age=31536000');
    });
  }
  if (trustedProxies.length > 0) refuseStrangers(app, trustedProxies, tls !== undefined);
  app.addHook('preClose', async () => closeWhatFallsIdle(app));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      const { status, headers, body } = tooLargeAnswer();
      return reply.code(status).headers(headers).send(body);
    }
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ err: error, path: request.routeOptions.url }, 'A request failed.');
    return reply.code(status).send({ error: status < 500 ? error.message : 'Internal error.' });
  });
  return app;
}

/** A connection that is busy when the server begins to stop would else be kept for a next request, long after its answer. */
function closeWhatFallsIdle({ server }: FastifyInstance): void {
  const timer = setInterval(() => server.closeIdleConnections(), 20);
  server.once('close', () => clearInterval(timer));
}
