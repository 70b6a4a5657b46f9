import type { FastifyInstance } from 'fastify';
import type { Services } from '../domain/services.ts';
import { internalError, noSuchEndpoint, ServiceError } from '../errors.ts';
import type { Faults } from '../operations/faults.ts';
import { clockRoutes } from './clock-routes.ts';
import { faultRoutes } from './fault-routes.ts';
import { refuseOtherSites } from './guard.ts';
import type { Inbox } from './inbox.ts';
import { inboxPageRoute } from './inbox-page.ts';
import { messageRoutes } from './message-routes.ts';
import { settingsRoutes } from './settings-routes.ts';

/** The operator's API under `/_poolkeeper`, in JSON, and the inbox page at `GET /`. */
export function adminRoutes(
  app: FastifyInstance,
  { services, inbox, faults }: { services: Services; inbox: Inbox; faults: Faults },
): void {
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      // Codes are in the answers: no cache keeps them, and no other site embeds them.
      reply.headers({
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      });
      refuseOtherSites(request);
    });
    scope.setErrorHandler((cause: Error & { statusCode?: number }, request, reply) => {
      const error = answerTo(cause);
      if (error.status === 500)
        services.log.error({ err: cause, path: request.routeOptions.url }, 'A request failed.');
      return reply.code(error.status).send({ error: { type: error.type, message: error.message } });
    });
    // A server that stops would otherwise wait for whoever waits for a message.
    scope.addHook('preClose', async () => inbox.close());

    inboxPageRoute(scope, services, inbox);
    messageRoutes(scope, inbox);
    clockRoutes(scope, services);
    faultRoutes(scope, faults);
    settingsRoutes(scope, services);
    for (const path of ['/_poolkeeper', '/_poolkeeper/*']) {
      scope.all(path, (request) => {
        throw noSuchEndpoint(request.method, request.url.split('?')[0]?.slice(0, 128) ?? '');
      });
    }
  });
}

function answerTo(cause: Error & { statusCode?: number }): ServiceError {
  if (cause instanceof ServiceError) {
    const { type, message } = cause;
    return type === 'ResourceNotFoundException' ? new ServiceError(type, message, 404) : cause;
  }
  const status = cause.statusCode ?? 500;
  return status < 500
    ? new ServiceError('InvalidParameterException', cause.message, status)
    : internalError(cause);
}
