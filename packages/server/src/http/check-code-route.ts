import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { LimitRate } from '../domain/limits/request-rates.ts';
import { checkRecoveryCode } from '../domain/recovery/check-code.ts';
import type { Services } from '../domain/services.ts';
import { authenticateClient } from '../domain/users/authenticate-client.ts';
import { codesAreNotChecked, internalError, invalid, ServiceError } from '../errors.ts';
import type { Metrics } from '../platform/metrics.ts';

const PATH = '/recovery/check-code';
/** The longest values that the API's model allows. */
const LONGEST = { clientId: 128, username: 128, code: 2048, secretHash: 128 } as const;
type Member = keyof typeof LONGEST;

const cors = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Date,Retry-After' };

/**
 * Tells the page of an end user whether a password reset code is right before it asks for the new password: no operation
 * of Amazon Cognito's does, so it has a path of its own, open to whoever may call ConfirmForgotPassword, and counted and
 * limited as that is. Off unless the pool's `recovery.checkCode` is on.
 */
export function checkCodeRoute(
  app: FastifyInstance,
  services: Services,
  limit: LimitRate,
  metrics: Metrics,
): void {
  app.options(PATH, (_, reply) =>
    reply
      .headers({
        ...cors,
        'access-control-allow-methods': 'POST,OPTIONS',
        'access-control-allow-headers': '*',
        'access-control-max-age': '86400',
      })
      .code(204)
      .send(),
  );

  app.post(PATH, async (request, reply) => {
    const started = performance.now();
    const error = await refusalOf(() => check(services, limit, request));
    metrics.observe('check-code', error?.type ?? 'ok', (performance.now() - started) / 1000);
    reply.headers({ ...cors, 'cache-control': 'no-store' });
    if (error === undefined) return { valid: true };
    if (error.cause !== undefined) services.log.error({ err: error.cause, path: PATH }, 'A request failed.');
    if (error.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter));
    const status = error.type === 'ResourceNotFoundException' ? 404 : error.status;
    return reply.code(status).send({ error: { type: error.type, message: error.message } });
  });
}

async function check(services: Services, limit: LimitRate, request: FastifyRequest): Promise<void> {
  const given = membersOf(request.body);
  const Username = textOf(given, 'username');
  const input = {
    ClientId: textOf(given, 'clientId'),
    Username,
    SecretHash: given['secretHash'] === undefined ? undefined : textOf(given, 'secretHash'),
  };
  const code = textOf(given, 'code');
  limit('ConfirmForgotPassword', input);
  const { client, pool } = await authenticateClient(services, input);
  if (!pool.settings.recovery.checkCode) throw codesAreNotChecked();
  await checkRecoveryCode(services, pool, client, Username, code);
}

async function refusalOf(work: () => Promise<void>): Promise<ServiceError | undefined> {
  try {
    await work();
    return undefined;
  } catch (cause) {
    return cause instanceof ServiceError ? cause : internalError(cause);
  }
}

function membersOf(body: unknown): Record<string, unknown> {
  const names = Object.keys(LONGEST);
  const members = jsonOf(body);
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    throw invalid(`The body must be a JSON object of ${names.join(', ')}.`);
  }
  const stranger = Object.keys(members).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw invalid(`Unknown member ${stranger.slice(0, 64)}. Known are ${names.join(', ')}.`);
  }
  return members as Record<string, unknown>;
}

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : '');
  } catch {
    throw invalid('The body must be JSON.');
  }
}

function textOf(members: Record<string, unknown>, name: Member): string {
  const value = members[name];
  if (typeof value === 'string' && value.length > 0 && value.length <= LONGEST[name]) return value;
  throw invalid(`${name} must be a text of 1 to ${LONGEST[name]} characters.`);
}
