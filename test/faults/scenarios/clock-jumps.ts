import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { operator } from '../calls.ts';
import { type House, openHouse } from '../house.ts';
import { startCluster } from '../postgres.ts';
import { runRounds } from '../rounds.ts';
import type { Context, Scenario } from '../scenario.ts';

/** Jumps ahead in a round, over all nodes; each may end the hour that attempts are counted in. */
const JUMPS = 4;

export const clockJumpsSqlite: Scenario = {
  name: 'clock-jumps-sqlite',
  title: 'the clock jumps hours ahead and back, SQLite',
  postgres: false,
  async run(context) {
    await using house = await openHouse({ rounds: context.rounds });
    await jumpInRounds(context, house);
  },
};

export const clockJumpsPostgres: Scenario = {
  name: 'clock-jumps-postgres',
  title: 'the clocks of three nodes jump hours ahead and back, each by itself, PostgreSQL',
  postgres: true,
  async run(context) {
    await using cluster = await startCluster();
    await using house = await openHouse({ rounds: context.rounds, nodes: 3, databaseUrls: [cluster.url] });
    await jumpInRounds(context, house);
  },
};

const jumpInRounds = (context: Context, house: House) =>
  runRounds({
    ...context,
    house,
    windows: 1 + JUMPS,
    timed: false,
    async fault() {
      let moved = 0;
      // What was turned away has a time for its next attempt, by a clock that is gone a moment later.
      house.mailbox.refuse(true);
      for (let jump = 0; jump < JUMPS; jump += 1) {
        const node = house.nodes[randomInt(house.nodes.length)];
        const { status } = await operator(node?.url as string, 'clock', { advance: `PT${randomInt(2, 5)}H` });
        if (status === 200) moved += 1;
        await sleep(randomInt(300, 700));
        house.mailbox.refuse(jump % 2 === 1);
        if (randomInt(2) === 0) await operator(node?.url as string, 'clock', { reset: true });
      }
      house.mailbox.refuse(false);
      for (const { url } of house.nodes) await operator(url, 'clock', { reset: true });
      return moved === JUMPS;
    },
  });
