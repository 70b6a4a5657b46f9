import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHouse } from '../house.ts';
import { startCluster } from '../postgres.ts';
import { runRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import type { ServerNode } from '../server-node.ts';

export const killSqlite: Scenario = {
  name: 'kill-sqlite',
  title: 'kill -9 of the node, SQLite',
  postgres: false,
  async run(context) {
    await using house = await openHouse({ rounds: context.rounds });
    await runRounds({ ...context, house, fault: () => killOne(house.nodes, 0) });
  },
};

export const killPostgres: Scenario = {
  name: 'kill-postgres',
  title: 'kill -9 of one node of three, PostgreSQL',
  postgres: true,
  async run(context) {
    await using cluster = await startCluster();
    await using house = await openHouse({ rounds: context.rounds, nodes: 3, databaseUrls: [cluster.url] });
    await runRounds({ ...context, house, fault: () => killOne(house.nodes, randomInt(1500)) });
  },
};

/** It comes back after a while, and finds what it had taken in hand delivered, or does so when its lease is over. */
async function killOne(nodes: readonly ServerNode[], pause: number): Promise<boolean> {
  const node = nodes[randomInt(nodes.length)] as ServerNode;
  const pid = node.pid();
  await node.end('SIGKILL');
  await sleep(pause);
  await node.start();
  return pid !== undefined && node.pid() !== pid;
}
