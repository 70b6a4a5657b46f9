import { createServer } from 'node:http';

/** The floor: what node:http alone can do. Reads the body and sends it back. */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': body.length });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) {
    console.log(`Poolkeeper answers at http://127.0.0.1:${address.port}`);
  }
});
process.on('SIGTERM', () => process.exit(0));
