import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** Bytes; more than that is no answer of a provider's. */
const LARGEST_ANSWER = 65_536;

export interface HttpAnswer {
  readonly status: number;
  /** Undefined where it broke off, or was too large: what the status says holds all the same. */
  readonly body: string | undefined;
}

export interface HttpExchange {
  /**
   * One request and its answer, which is bounded in size and time; redirections are not followed. Rejects with an error
   * that has the system's `code` where no status came.
   */
  send(
    method: 'GET' | 'POST',
    url: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<HttpAnswer>;
  close(): void;
}

export function createHttpExchange(patience: number): HttpExchange {
  // How much is under way at a time is the outbox's to say.
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxFreeSockets: 32 }),
    https: new HttpsAgent({ keepAlive: true, maxFreeSockets: 32 }),
  };
  return {
    send(method, url, headers, body) {
      const signal = AbortSignal.timeout(patience);
      return new Promise((resolve, reject) => {
        const options = { method, headers, signal };
        const request = url.startsWith('https:')
          ? httpsRequest(url, { ...options, agent: agents.https })
          : httpRequest(url, { ...options, agent: agents.http });
        // What follows a status is told by the body, and the status holds.
        let answered = false;
        request.on('error', (error) => {
          if (answered) return;
          reject(
            signal.aborted ? Object.assign(new Error('No answer in time.'), { code: 'ETIMEDOUT' }) : error,
          );
        });
        // Neither an error nor a response follows one that nobody takes.
        request.on('upgrade', (_response, socket) => {
          socket.destroy();
          resolve({ status: 101, body: undefined });
        });
        request.on('response', (response) => {
          answered = true;
          const { statusCode = 0 } = response;
          textOf(response).then(
            (text) => resolve({ status: statusCode, body: text }),
            () => resolve({ status: statusCode, body: undefined }),
          );
        });
        request.end(body);
      });
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

async function textOf(response: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST_ANSWER) {
      response.destroy();
      return undefined;
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
