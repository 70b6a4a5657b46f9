import type { FastifyInstance } from 'fastify';
import { resend } from '../domain/delivery/resend.ts';
import type { Services } from '../domain/services.ts';
import { invalid, messageNotFound } from '../errors.ts';
import type { MessageRow } from '../storage/repositories/messages.ts';
import { poolIdOf } from './message-routes.ts';
import { readQuery } from './read-request.ts';

interface Route {
  Params: { messageId: string };
}

/** Queues a message again that failed, while its code lives. */
export function resendRoute(
  app: FastifyInstance,
  services: Services,
  show: (row: MessageRow) => object,
): void {
  app.post<Route>('/_poolkeeper/messages/:messageId/resend', async (request) => {
    const poolId = poolIdOf(readQuery(request, ['userPoolId']).userPoolId);
    if (poolId === undefined) throw invalid("userPoolId must be the id of the message's user pool.");
    const { messageId } = request.params;
    // No database looks for every text.
    if (!/^[\w-]{1,64}$/.test(messageId)) throw messageNotFound(messageId);
    const row = await resend(services, poolId, messageId);
    return show(row);
  });
}
