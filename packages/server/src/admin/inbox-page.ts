import { inboxPage, inboxPolicy } from '@poolkeeper/console';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../domain/services.ts';
import type { Inbox } from './inbox.ts';
import { addressOf, LISTED, patienceOf } from './message-routes.ts';
import { readQuery } from './read-request.ts';
import { withCode } from './shown-message.ts';

/**
 * The message inbox in a browser. The page fetches itself with its ETag and `waitMs`, and so has its next state as soon
 * as there is one; 304 says that there is none yet.
 */
export function inboxPageRoute(app: FastifyInstance, services: Services, inbox: Inbox): void {
  app.get('/', async (request, reply) => {
    const asked = readQuery(request, ['to', 'id', 'waitMs']);
    const to = addressOf(asked.to);
    const patience = patienceOf(request, reply, asked.waitMs);
    const { rows, version } = await inbox.list({ to, userPoolId: undefined, limit: LISTED }, patience);
    reply.headers({
      'content-security-policy': inboxPolicy,
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      etag: `"${version}"`,
      'referrer-policy': 'no-referrer',
    });
    if (version === patience.known) return reply.code(304).send();
    return inboxPage({
      messages: rows.map((row) => withCode(services.keyring, row)),
      version,
      listed: LISTED,
      to,
      id: asked.id,
      endpoint: `${request.protocol}://${request.headers.host}`,
      region: services.region,
    });
  });
}
