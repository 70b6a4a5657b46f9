import type { FastifyInstance, FastifyRequest } from 'fastify';
import { membership } from '../config/networks.ts';

const isLoopback = membership(['127.0.0.0/8', '::1/128']);

/**
 * Lets in what comes from the operator's own proxies alone, and over https on its first way. `endsTls`: this server
 * speaks TLS itself, so a proxy that says nothing of the protocol did not take it off.
 */
export function refuseStrangers(app: FastifyInstance, networks: readonly string[], endsTls: boolean): void {
  const isProxy = membership(networks);
  app.addHook('onRequest', async (request, reply) => {
    const refusal = isHealthCheck(request, isProxy) ? undefined : refusalOf(request, isProxy, endsTls);
    if (refusal === undefined) return;
    return reply.code(403).send({ error: { type: 'AccessDeniedException', message: refusal } });
  });
}

/** A load balancer asks for itself, and so does a container's own check. */
const isHealthCheck = ({ socket, routeOptions }: FastifyRequest, isProxy: ReturnType<typeof membership>) =>
  routeOptions.url === '/health' && (isProxy(socket.remoteAddress) || isLoopback(socket.remoteAddress));

function refusalOf(
  { socket, headers }: FastifyRequest,
  isProxy: ReturnType<typeof membership>,
  endsTls: boolean,
): string | undefined {
  if (!isProxy(socket.remoteAddress)) return 'This server is reached through its proxies alone.';
  // Of several, the last is what the proxy before this server wrote.
  const protocol = [headers['x-forwarded-proto'] ?? []]
    .flat()
    .join(',')
    .split(',')
    .at(-1)
    ?.trim()
    .toLowerCase();
  if (protocol === 'https' || (endsTls && protocol === '')) return undefined;
  return 'This server is reached by https alone: its proxy must say so with X-Forwarded-Proto.';
}
