import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { FunctionThrew, NotInvoked } from '../../packages/server/src/domain/triggers/functions.ts';

/** Has a server listen until the test is over; resolves to its port. */
export async function listenForTest(server: Server): Promise<number> {
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/** What a call by an invoker came to: the answer, or why there is none. The invoker is closed by it. */
export async function invoked(invoker: { close(): Promise<void> }, call: Promise<string>) {
  try {
    return await call;
  } catch (error) {
    if (error instanceof FunctionThrew) return { threw: error.message, type: error.errorType };
    if (error instanceof NotInvoked) return { notInvoked: error.kind, passing: error.passing };
    throw error;
  } finally {
    await invoker.close();
  }
}
