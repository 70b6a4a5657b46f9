/** The recorder behind a webhook that takes signed requests alone. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
// @ts-expect-error: a function as users write it, in JavaScript
import { handler } from './recorder.mjs';
import { WEBHOOK_SECRET } from './webhook-secret.ts';

const webhook = new Webhook(WEBHOOK_SECRET);

const server = createServer(async (request, answer) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces).toString('utf8');
  let event: unknown;
  try {
    event = webhook.verify(body, request.headers as Record<string, string>);
  } catch {
    answer.writeHead(401).end();
    return;
  }
  try {
    const arn = decodeURIComponent(String(request.headers['poolkeeper-function-arn']));
    const result: unknown = await handler(event, { invokedFunctionArn: arn });
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result) ?? 'null');
  } catch (error) {
    const { name: errorType, message: errorMessage } = error as Error;
    answer
      .writeHead(500, { 'content-type': 'application/json' })
      .end(JSON.stringify({ errorType, errorMessage }));
  }
});
server.listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.stdin.on('end', () => process.exit()).resume();
