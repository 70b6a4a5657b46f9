import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CONFIRM_PATH } from '../domain/delivery/confirmation-link.ts';
import type { LimitRate } from '../domain/limits/request-rates.ts';
import type { Services } from '../domain/services.ts';
import { confirmByLink, type FollowedLink } from '../domain/users/confirm-by-link.ts';
import { ServiceError } from '../errors.ts';
import type { Metrics } from '../platform/metrics.ts';
import { confirmUserPage, type Outcome, pageHeaders } from './confirm-user-page.ts';

/** What the API's model allows of these. */
const CLIENT_ID = /^[\w+]{1,128}$/;
const USERNAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;
const CODE = /^[\x21-\x7e]{1,2048}$/;

const STATUS: Readonly<Record<Outcome, number>> = { confirmed: 200, refused: 400, unavailable: 500 };
const TOO_MANY_REQUESTS = 429;

/**
 * Where the links in confirmation mails lead: a click confirms the sign-up. One page tells that it did, another one that
 * it did not, whatever the reason; neither shows anything of the link.
 */
export function confirmUserRoutes(
  app: FastifyInstance,
  services: Services,
  limit: LimitRate,
  metrics: Metrics,
): void {
  for (const path of [CONFIRM_PATH, `${CONFIRM_PATH}/`]) {
    // Whoever asks for the head alone only wants to know whether there is a page.
    app.head(path, (_, reply) => reply.headers(pageHeaders).send());

    app.get(path, { exposeHeadRoute: false }, async (request, reply) => {
      const started = performance.now();
      const { outcome, error } = await follow(services, limit, request);
      metrics.observe('confirm-user', error?.type ?? outcome, (performance.now() - started) / 1000);
      if (error?.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter));
      return reply
        .code(error === undefined ? STATUS[outcome] : TOO_MANY_REQUESTS)
        .headers(pageHeaders)
        .send(confirmUserPage(outcome, request.headers['accept-language']));
    });
  }
}

async function follow(
  services: Services,
  limit: LimitRate,
  request: FastifyRequest,
): Promise<{ outcome: Outcome; error?: ServiceError }> {
  const link = linkOf(request.query);
  if (link === undefined) return { outcome: 'refused' };
  try {
    limit('ConfirmSignUp', { ClientId: link.clientId, Username: link.username });
    return { outcome: (await confirmByLink(services, link)) ? 'confirmed' : 'refused' };
  } catch (error) {
    if (error instanceof ServiceError && error.type === 'TooManyRequestsException') {
      return { outcome: 'unavailable', error };
    }
    services.log.error({ err: error, path: CONFIRM_PATH }, 'A request failed.');
    return { outcome: 'unavailable' };
  }
}

function linkOf(query: unknown): FollowedLink | undefined {
  const given = query as Readonly<Record<string, unknown>>;
  const read = (name: string, pattern: RegExp) => {
    const value = given[name];
    return typeof value === 'string' && pattern.test(value) ? value : undefined;
  };
  const clientId = read('client_id', CLIENT_ID);
  const username = read('user_name', USERNAME);
  const code = read('confirmation_code', CODE);
  if (clientId === undefined || username === undefined || code === undefined) return undefined;
  return { clientId, username, code };
}
