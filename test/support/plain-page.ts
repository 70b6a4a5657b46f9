import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

const source = join(import.meta.dirname, '../../packages/client/src');

/** A site of one plain page, which imports the client's modules as they are written: no bundler, types taken off. */
export async function servePage(html: string) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/') {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(html);
    } else if (path.startsWith('/client/') && path.endsWith('.ts')) {
      const text = readFileSync(join(source, path.slice('/client/'.length)), 'utf8');
      response.setHeader('content-type', 'text/javascript').end(stripTypeScriptTypes(text));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
