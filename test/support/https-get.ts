import { Agent, type RequestOptions, request } from 'node:https';
import type { TLSSocket } from 'node:tls';

/** One answer over TLS, on a connection of its own unless an agent keeps one. */
export function httpsGet(url: string, options: RequestOptions = {}) {
  return new Promise<{
    status: number;
    headers: NodeJS.Dict<string | string[]>;
    text: string;
    certificate: string;
    protocol: string | null;
  }>((resolve, reject) => {
    const asking = request(
      url,
      { agent: new Agent({ keepAlive: false, maxCachedSessions: 0 }), ...options },
      (response) => {
        const socket = response.socket as TLSSocket;
        const certificate = socket.getPeerCertificate().fingerprint256;
        const protocol = socket.getProtocol();
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({
            status: statusCode,
            headers,
            text: Buffer.concat(chunks).toString(),
            certificate,
            protocol,
          });
        });
      },
    );
    asking.on('error', reject);
    asking.end();
  });
}
