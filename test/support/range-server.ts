import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (response: ServerResponse, prefix: string) => void;

/** A service that speaks the protocol of Pwned Passwords, and answers as a test wants. */
export async function openRangeServer() {
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  let answer: Answer = (response) => response.end();
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    answer(response, (request.url ?? '').slice(-5));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/range`,
    requests,
    answerWith(next: Answer) {
      answer = next;
    },
    /** Knows these passwords, each with how often it was seen, and others besides. */
    know(passwords: Readonly<Record<string, number>>) {
      const lines = Object.entries(passwords).map(([password, count]) => `${digestOf(password)}:${count}`);
      answer = (response, prefix) => {
        const found = lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(5));
        response.end([`${'0'.repeat(35)}:3`, ...found, `${'F'.repeat(35)}:0`].join('\r\n'));
      };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export type RangeServer = Awaited<ReturnType<typeof openRangeServer>>;

export const digestOf = (password: string) => createHash('sha1').update(password).digest('hex').toUpperCase();
