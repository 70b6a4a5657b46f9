import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Database, openDatabase } from '../support/database.ts';
import { openHouse } from '../support/house.ts';
import { freePort } from '../support/mail-server.ts';

let database: Database;
let way: Awaited<ReturnType<typeof wayTo>>;
beforeEach(async () => {
  database = await openDatabase();
  way = await wayTo(new URL(database.options.databaseUrl as string));
});
afterEach(async () => {
  await way.cut();
  await database[Symbol.asyncDispose]();
});

/** A way to the database that can be cut and mended. */
async function wayTo(target: URL) {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const server = createServer((here) => {
    const there = connect(Number(target.port), target.hostname);
    for (const socket of [here, there]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    here.pipe(there).pipe(here);
  });
  const mend = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await mend();
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    mend,
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

it('a node without its database says so, quickly, until it has it again', async () => {
  await using house = await openHouse({ databaseUrl: way.url });
  const health = async () => {
    const response = await fetch(`${house.url}/health`, { signal: AbortSignal.timeout(2000) });
    return [response.status, await response.json()];
  };
  expect(await health()).toEqual([200, { status: 'ok' }]);
  await way.cut();
  await expect.poll(health, { timeout: 15_000 }).toEqual([503, { status: 'unavailable' }]);
  await way.mend();
  await expect.poll(health, { timeout: 15_000 }).toEqual([200, { status: 'ok' }]);
});
