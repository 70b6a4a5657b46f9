import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerKms, isKmsTarget } from '../domain/triggers/kms/kms-endpoint.ts';
import { createLocalKms } from '../domain/triggers/kms/local-kms.ts';
import type { Keyring } from '../platform/keyring.ts';

/** Dev mode's KMS without its server, for functions that a command runs. */
export async function serveKms(
  keyring: Keyring,
): Promise<{ readonly url: string; [Symbol.asyncDispose](): Promise<void> }> {
  const kms = createLocalKms(keyring);
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.headers['x-amz-target'];
    const { status, body } = isKmsTarget(target)
      ? await answerKms(kms, target, await text(request))
      : { status: 404, body: '' };
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
