/** Lambda's Invoke API around the recorder. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
// @ts-expect-error: a function as users write it, in JavaScript
import { handler } from './recorder.mjs';

const INVOKE = /^\/2015-03-31\/functions\/([^/?]+)\/invocations$/;

const server = createServer(async (request, answer) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const [, name] = INVOKE.exec(request.url ?? '') ?? [];
  if (request.method !== 'POST' || name === undefined) {
    answer.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' }).end('{}');
    return;
  }
  try {
    const event: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    const result: unknown = await handler(event, { invokedFunctionArn: decodeURIComponent(name) });
    answer.writeHead(200, { 'x-amz-executed-version': '$LATEST' }).end(JSON.stringify(result) ?? 'null');
  } catch (error) {
    const { name: errorType, message: errorMessage } = error as Error;
    answer
      .writeHead(200, { 'x-amz-function-error': 'Unhandled' })
      .end(JSON.stringify({ errorType, errorMessage, trace: [] }));
  }
});
server.listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.stdin.on('end', () => process.exit()).resume();
