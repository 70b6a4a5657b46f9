import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** What came, as it came. */
export interface ProviderRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes out as JSON. */
  readonly body?: string | object;
}

/** An answer, or a way to misbehave. */
export type Behaviour =
  | Answer
  /** Reads the request, and never answers. */
  | 'hang'
  /** Resets the connection when the headers are there. */
  | 'reset-before-reading'
  /** Resets it when the whole request is there: who sent it cannot know. */
  | 'reset-after-reading'
  /** Says 200, promises more than it sends, and resets the connection. */
  | 'half-an-answer'
  /** Says 200 and never stops writing. */
  | 'megabytes'
  /** Says 200, then a space now and then, for ever. */
  | 'drip'
  /** Changes the protocol. */
  | 'upgrade'
  /** What answers is no HTTP server. */
  | 'no-http';

type Respond = (request: ProviderRequest) => Behaviour | Promise<Behaviour>;

/**
 * Stands in for a provider's HTTP API, on loopback: records what comes, and does with each request as it is told. With
 * `tls` it serves https; a certificate that nobody knows (`openCertificate`) is a bad one.
 */
export async function openProviderServer(
  first: Behaviour | Respond = {},
  tls?: { readonly key: string; readonly cert: string },
) {
  const requests: ProviderRequest[] = [];
  let usual = first;
  const next: (Behaviour | Respond)[] = [];
  let connections = 0;
  let bytesWritten = 0;

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers, socket } = incoming;
    const respond = next.shift() ?? usual;
    if (respond === 'reset-before-reading') {
      requests.push({ method, path, headers, body: '' });
      return reset(socket);
    }
    const request = { method, path, headers, body: await text(incoming) };
    requests.push(request);
    act(typeof respond === 'function' ? await respond(request) : respond, response, socket);
  }

  function act(behaviour: Behaviour, response: ServerResponse, socket: Socket): void {
    if (typeof behaviour === 'object') {
      answer(behaviour, response);
      return;
    }
    switch (behaviour) {
      case 'hang':
        return;
      case 'reset-before-reading':
      case 'reset-after-reading':
        reset(socket);
        return;
      case 'half-an-answer':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
        // Not before the other side has read what there is.
        response.write('{"MessageId":"', () => setTimeout(() => reset(socket), 10));
        return;
      case 'megabytes':
        response.writeHead(200, { 'content-type': 'application/json' });
        pour(response);
        return;
      case 'drip': {
        response.writeHead(200, { 'content-type': 'application/json' });
        const dripping = setInterval(() => response.write(' '), 20).unref();
        response.once('close', () => clearInterval(dripping));
        return;
      }
      case 'upgrade':
        socket.write('HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
        return;
      case 'no-http':
        socket.end('SSH-2.0-x\r\n\r\n');
    }
  }

  function pour(response: ServerResponse): void {
    const piece = Buffer.alloc(65_536, ' ');
    while (!response.destroyed) {
      bytesWritten += piece.length;
      if (!response.write(piece)) return void response.once('drain', () => pour(response));
    }
  }

  const listener = (incoming: IncomingMessage, response: ServerResponse) => {
    // Who hangs up amid a request is part of some tests.
    handle(incoming, response).catch(() => incoming.socket.destroy());
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer({ ...tls }, listener);
  server.on('connection', () => {
    connections += 1;
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    /** How much of `megabytes` was written. */
    bytesWritten: () => bytesWritten,
    /** From now on. */
    answerWith(behaviour: Behaviour | Respond) {
      usual = behaviour;
    },
    /** To the next requests, one each; after them as before. */
    thenWith(...behaviours: readonly (Behaviour | Respond)[]) {
      next.push(...behaviours);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export type ProviderServer = Awaited<ReturnType<typeof openProviderServer>>;

function answer({ status = 200, headers = {}, body = '' }: Answer, response: ServerResponse): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { ...(!isText && { 'content-type': 'application/json' }), ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

/** A TLS connection cannot be reset; it is cut off. */
function reset(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}
