import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { isKmsTarget } from '../domain/triggers/kms/kms-endpoint.ts';
import type { LocalKms } from '../domain/triggers/kms/local-kms.ts';
import { requestTooLarge, type ServiceError } from '../errors.ts';
import type { Metrics } from '../platform/metrics.ts';
import { newId } from '../platform/random.ts';
import { type Endpoint, encodeError } from '../wire/endpoint.ts';
import { kmsRequest } from './kms-route.ts';

export const BODY_LIMIT = 1_048_576;
const CONTENT_TYPE = 'application/x-amz-json-1.1';
const EXPOSED = 'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date';
/** Anything outside printable ASCII would end, or split, a header line. */
const UNPRINTABLE = /[^\x20-\x7e]/g;

/** Fastify adds a charset to the content type of a text, which Amazon Cognito does not. */
const bytes = (text: string) => Buffer.from(text);

const commonHeaders = (requestId: string) => ({
  'content-type': CONTENT_TYPE,
  'x-amzn-requestid': requestId,
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED,
});

const errorHeaders = (error: ServiceError) => ({
  // The colon is Amazon Cognito's: what follows it there is a namespace, mostly empty.
  'x-amzn-errortype': `${error.type}:`,
  'x-amzn-errormessage': error.message.slice(0, 1024).replace(UNPRINTABLE, ' '),
  ...(error.retryAfter !== undefined && {
    'retry-after': String(error.retryAfter),
    'access-control-expose-headers': `${EXPOSED},Retry-After`,
  }),
});

/** `POST /`, as any AWS SDK sends it, and the preflight of the browsers among them. `kms` is dev mode's own. */
export function wireRoute(
  app: FastifyInstance,
  { endpoint, kms }: { endpoint: Endpoint; kms: LocalKms | undefined },
  metrics: Metrics,
  log: Logger,
): void {
  app.options('/', (_, reply) =>
    reply
      .headers({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'POST,OPTIONS',
        'access-control-allow-headers': '*,authorization',
        'access-control-max-age': '86400',
      })
      .code(204)
      .send(),
  );

  app.post('/', async (request, reply) => {
    const started = performance.now();
    const requestId = newId();
    const target = request.headers['x-amz-target'];
    if (kms !== undefined && isKmsTarget(target)) return kmsRequest(kms, target, request, reply);
    const answer = await endpoint.answer({
      requestId,
      method: request.method,
      url: request.url,
      target: typeof target === 'string' ? target : undefined,
      rawHeaders: request.raw.rawHeaders,
      body: typeof request.body === 'string' ? request.body : '',
      // Behind a proxy it is computed.
      get sourceIp() {
        return request.ip;
      },
    });
    const { error } = answer;
    metrics.observe(answer.operation ?? 'unknown', error?.type ?? 'ok', (performance.now() - started) / 1000);
    if (answer.status === 500 && error?.cause !== undefined) {
      log.error({ requestId, operation: answer.operation, err: error.cause }, 'A request failed.');
    }
    reply.code(answer.status).headers({
      ...commonHeaders(requestId),
      ...(error && errorHeaders(error)),
    });
    return bytes(answer.body);
  });
}

/** The answer to a body over 1 MiB, which never reaches the endpoint. */
export function tooLargeAnswer() {
  const error = requestTooLarge();
  return {
    status: error.status,
    headers: { ...commonHeaders(newId()), ...errorHeaders(error) },
    body: bytes(encodeError(error)),
  };
}
