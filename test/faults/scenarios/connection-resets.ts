import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FlakyProxy, openFlakyProxy } from '../flaky-proxy.ts';
import { openHouse } from '../house.ts';
import { startCluster } from '../postgres.ts';
import { runRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';

export const connectionResets: Scenario = {
  name: 'connection-resets',
  title:
    'connections reset at random, answers of commits cut off, between nodes and PostgreSQL and before the nodes',
  postgres: true,
  async run(context) {
    await using cluster = await startCluster();
    await using database = await openFlakyProxy(cluster.port);
    const databaseUrl = Object.assign(new URL(cluster.url), { port: database.port }).href;
    await using house = await openHouse({
      rounds: context.rounds,
      nodes: 2,
      databaseUrls: [cluster.url],
      nodeDatabaseUrls: () => [databaseUrl],
    });
    await using doors = new AsyncDisposableStack();
    const proxies = await Promise.all(
      house.nodes.map(async ({ port }) => doors.use(await openFlakyProxy(port))),
    );
    await runRounds({
      ...context,
      house,
      targets: proxies.map(({ port }) => `http://127.0.0.1:${port}`),
      async fault() {
        const resets = await resetSome([database], 1500);
        const cut = await cutCommits(database, 1500);
        await stall(database, randomInt(1000, 3000));
        const hangUps = await resetSome(proxies, 1000);
        return resets > 0 && cut > 0 && hangUps > 0;
      },
    });
  },
};

/** Nothing is refused and nothing is reset: packets to PostgreSQL vanish, and only patience tells. */
export const blackHole: Scenario = {
  name: 'black-hole',
  title: 'one node of two loses every packet to PostgreSQL, unnoticed, in turn for 5 s and for 20 s',
  postgres: true,
  async run(context) {
    await using cluster = await startCluster();
    await using database = await openFlakyProxy(cluster.port);
    const databaseUrl = Object.assign(new URL(cluster.url), { port: database.port }).href;
    await using house = await openHouse({
      rounds: context.rounds,
      nodes: 2,
      databaseUrls: [cluster.url],
      nodeDatabaseUrls: (index) => [index === 0 ? databaseUrl : cluster.url],
    });
    await runRounds({
      ...context,
      house,
      async fault(round) {
        await stall(database, round % 2 === 0 ? 5000 : 20_000);
        return true;
      },
    });
  },
};

async function resetSome(proxies: readonly FlakyProxy[], milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds;
  let resets = 0;
  while (performance.now() < end) {
    for (const proxy of proxies) resets += proxy.resetOne();
    await sleep(randomInt(5, 50));
  }
  return resets;
}

async function cutCommits(database: FlakyProxy, milliseconds: number): Promise<number> {
  const before = database.commitsCut();
  database.cutCommits(0.3);
  await sleep(milliseconds);
  database.cutCommits(0);
  return database.commitsCut() - before;
}

/** What was held back comes late, or never, by chance. */
async function stall(database: FlakyProxy, milliseconds: number): Promise<void> {
  database.stall(true);
  await sleep(milliseconds);
  if (randomInt(2) === 0) database.resetAll();
  database.stall(false);
}
