import type { FastifyInstance } from 'fastify';
import type { Sandbox } from '../domain/delivery/sms-rules/sandbox.ts';
import type { Services } from '../domain/services.ts';
import { internalError, noSuchEndpoint, ServiceError } from '../errors.ts';
import type { Faults } from '../operations/faults.ts';
import type { Audit } from '../platform/audit.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { MessageRow } from '../storage/repositories/messages.ts';
import { auditOperators, noteKnown, noteOutcome } from './audit.ts';
import { clockRoutes } from './clock-routes.ts';
import { faultRoutes } from './fault-routes.ts';
import { refuseOtherSites } from './guard.ts';
import type { Inbox } from './inbox.ts';
import { inboxPageRoute } from './inbox-page.ts';
import { messageRoutes } from './message-routes.ts';
import { metricsRoute } from './metrics-route.ts';
import { requireToken } from './operator-token.ts';
import { recoveryCodeRoutes } from './recovery-code-routes.ts';
import { recoveryRoutes } from './recovery-routes.ts';
import { resendRoute } from './resend-route.ts';
import { settingsRoutes } from './settings-routes.ts';
import { withCode, withoutCode } from './shown-message.ts';
import { smsSandboxRoutes } from './sms-sandbox-routes.ts';
import { triggerRoutes } from './trigger-routes.ts';

interface Admin {
  readonly services: Services;
  readonly sandbox: Sandbox;
  readonly inbox: Inbox;
  readonly faults: Faults;
  readonly metrics: Metrics;
  readonly audit: Audit;
  /** Opens it in production; undefined in dev mode, where it is open on loopback. */
  readonly token: string | undefined;
}

/** The operator's API under `/_poolkeeper`, in JSON, and `/metrics`; in dev mode the inbox page at `GET /` besides. */
export function adminRoutes(app: FastifyInstance, admin: Admin): void {
  const { services, inbox, token } = admin;
  app.register(async (scope) => {
    const guard = token === undefined ? refuseOtherSites : requireToken(token);
    scope.addHook('onRequest', async (request, reply) => {
      // Codes are in the answers: no cache keeps them, and no other site embeds them.
      reply.headers({
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      });
      guard(request);
      noteKnown(request);
    });
    scope.setErrorHandler((cause: Error & { statusCode?: number }, request, reply) => {
      const error = answerTo(cause);
      if (error.status === 500)
        services.log.error({ err: cause, path: request.routeOptions.url }, 'A request failed.');
      if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="poolkeeper"');
      if (error.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter));
      noteOutcome(request, error.type);
      return reply.code(error.status).send({ error: { type: error.type, message: error.message } });
    });
    // A server that stops would otherwise wait for whoever waits for a message.
    scope.addHook('preClose', async () => inbox.close());

    if (token === undefined) devRoutes(scope, admin);
    else productionRoutes(scope, admin);
    settingsRoutes(scope, services);
    recoveryCodeRoutes(scope, services);
    recoveryRoutes(scope, services);
    triggerRoutes(scope, services);
    smsSandboxRoutes(scope, admin.sandbox, { showsCodes: token === undefined });
    for (const path of ['/_poolkeeper', '/_poolkeeper/*']) {
      scope.all(path, (request) => {
        throw noSuchEndpoint(request.method, request.url.split('?')[0]?.slice(0, 128) ?? '');
      });
    }
  });
  if (token === undefined) metricsRoute(app, admin.metrics);
}

/** What a test may do and an operator must not: read codes, move the clock, order errors. */
function devRoutes(scope: FastifyInstance, { services, inbox, faults }: Admin): void {
  inboxPageRoute(scope, services, inbox);
  const show = (row: MessageRow) => withCode(services.keyring, row);
  messageRoutes(scope, inbox, { show, canClear: true });
  resendRoute(scope, services, show);
  clockRoutes(scope, services);
  faultRoutes(scope, faults);
}

function productionRoutes(scope: FastifyInstance, { services, inbox, metrics, audit }: Admin): void {
  auditOperators(scope, audit);
  const show = (row: MessageRow) => withoutCode(services.keyring, row);
  messageRoutes(scope, inbox, { show, canClear: false });
  resendRoute(scope, services, show);
  metricsRoute(scope, metrics);
}

const notFoundTypes: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'UserNotFoundException']);

function answerTo(cause: Error & { statusCode?: number }): ServiceError {
  if (cause instanceof ServiceError) {
    const { type, message } = cause;
    return notFoundTypes.has(type) ? new ServiceError(type, message, 404) : cause;
  }
  const status = cause.statusCode ?? 500;
  return status < 500
    ? new ServiceError('InvalidParameterException', cause.message, status)
    : internalError(cause);
}
