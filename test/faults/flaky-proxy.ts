import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The message that runs the prepared statement `commit`, in what a client sends to PostgreSQL. */
const COMMIT = Buffer.from('commit\0');

/** A way to a port that can be cut, blocked and made to swallow answers. */
export async function openFlakyProxy(port: number) {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  let stalled = false;
  let commitsCut = 0;
  let chance = 0;

  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    const pair = { client, server };
    pairs.add(pair);
    let deaf = false;
    const close = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.on('error', close);
      socket.on('close', close);
      if (stalled) socket.pause();
    }
    client.on('data', (chunk: Buffer) => {
      server.write(chunk);
      if (deaf || !chunk.includes(COMMIT) || Math.random() >= chance) return;
      // The commit is on its way and takes place; its answer does not come back.
      deaf = true;
      commitsCut += 1;
      setTimeout(() => reset(pair), randomInt(1, 30));
    });
    server.on('data', (chunk) => {
      if (!deaf) client.write(chunk);
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  function reset({ client, server }: { client: Socket; server: Socket }): void {
    client.resetAndDestroy();
    server.resetAndDestroy();
  }

  return {
    port: (proxy.address() as AddressInfo).port,
    /** Resets a connection, if there is one. */
    resetOne(): number {
      const open = [...pairs];
      const one = open[randomInt(Math.max(1, open.length))];
      if (one !== undefined) reset(one);
      return one === undefined ? 0 : 1;
    },
    resetAll() {
      for (const pair of pairs) reset(pair);
    },
    /** Of the commits to come, cuts the answers of some. */
    cutCommits(share: number) {
      chance = share;
    },
    commitsCut: () => commitsCut,
    /** Nothing comes through, and nobody is told, until it is lifted. */
    stall(on: boolean) {
      stalled = on;
      for (const { client, server } of pairs) {
        for (const socket of [client, server]) on ? socket.pause() : socket.resume();
      }
    },
    async [Symbol.asyncDispose]() {
      for (const pair of pairs) reset(pair);
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

export type FlakyProxy = Awaited<ReturnType<typeof openFlakyProxy>>;
