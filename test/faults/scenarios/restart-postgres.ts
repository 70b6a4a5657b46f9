import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHouse } from '../house.ts';
import { startCluster } from '../postgres.ts';
import { runRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';

export const restartPostgres: Scenario = {
  name: 'restart-postgres',
  title: 'PostgreSQL stopped and started again, in turn by a fast shutdown and by a crash',
  postgres: true,
  async run(context) {
    await using cluster = await startCluster();
    await using house = await openHouse({ rounds: context.rounds, nodes: 2, databaseUrls: [cluster.url] });
    await runRounds({
      ...context,
      house,
      async fault(round) {
        // SIGINT is the fast shutdown; SIGQUIT the immediate one, after which it recovers from its log.
        await cluster.signal(round % 2 === 0 ? 'SIGINT' : 'SIGQUIT');
        const stopped = cluster.pid() === undefined;
        await sleep(randomInt(200, 3000));
        await cluster.restart();
        return stopped;
      },
    });
  },
};
