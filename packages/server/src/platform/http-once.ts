import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Keep connections; how many requests are under way at a time is for who makes them to say. */
export interface HttpAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  close(): void;
}

export function createHttpAgents(): HttpAgents {
  const http = new HttpAgent({ keepAlive: true, maxFreeSockets: 32 });
  const https = new HttpsAgent({ keepAlive: true, maxFreeSockets: 32 });
  return {
    http,
    https,
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

export interface HttpOnce extends Omit<RequestOptions, 'agent'> {
  readonly signal: AbortSignal;
  /** Undefined: none. */
  readonly body?: string | undefined;
  /** Undefined: a connection of its own. */
  readonly agents?: HttpAgents;
  /** Bytes. */
  readonly largestAnswer: number;
}

export const ANSWER_TOO_LARGE = 'ANSWER_TOO_LARGE';

/**
 * One request and its answer; nothing is followed, and 101 is the answer of who changes the protocol. Rejects with what
 * broke the connection, `ANSWER_TOO_LARGE` among its codes; where the answer had begun, the error has its `status`.
 */
export function httpOnce(url: string | URL, { body, agents, largestAnswer, ...options }: HttpOnce) {
  return new Promise<HttpAnswer>((resolve, reject) => {
    const request =
      new URL(url).protocol === 'https:'
        ? httpsRequest(url, { ...options, agent: agents?.https ?? false })
        : httpRequest(url, { ...options, agent: agents?.http ?? false });
    let status: number | undefined;
    const fail = (error: Error) => reject(status === undefined ? error : Object.assign(error, { status }));
    request.on('error', fail);
    // Neither an error nor a response follows one that nobody takes.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve({ status: 101, body: '' });
    });
    request.on('response', (response) => {
      const { statusCode = 0 } = response;
      status = statusCode;
      textOf(response, largestAnswer).then((text) => resolve({ status: statusCode, body: text }), fail);
    });
    request.end(body);
  });
}

async function textOf(response: IncomingMessage, largest: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > largest) {
      response.destroy();
      throw Object.assign(new Error(ANSWER_TOO_LARGE), { code: ANSWER_TOO_LARGE });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
