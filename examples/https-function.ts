/** Functions behind a URL: `node examples/https-function.ts`, with WEBHOOK_SECRET in the environment. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { CustomMessageTriggerEvent } from 'aws-lambda';
import { Webhook } from 'standardwebhooks';
import { handler } from './functions/custom-message.ts';

const webhook = new Webhook(process.env['WEBHOOK_SECRET'] ?? '');

const server = createServer(async (request, response) => {
  const body = await text(request);
  let event: CustomMessageTriggerEvent;
  try {
    // The signature and its time: nobody else calls this, and nobody twice an hour later.
    event = webhook.verify(body, request.headers as Record<string, string>) as CustomMessageTriggerEvent;
  } catch {
    response.writeHead(401).end();
    return;
  }
  try {
    response.end(JSON.stringify(await handler(event, {} as never, () => {})));
  } catch (error) {
    const { name, message } = error as Error;
    response.writeHead(500).end(JSON.stringify({ errorType: name, errorMessage: message }));
  }
});
server.listen(3000, '127.0.0.1', () => console.log('Functions answer at http://127.0.0.1:3000'));
