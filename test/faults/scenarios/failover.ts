import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../../support/postgres-databases.ts';
import { openHouse } from '../house.ts';
import { crash, startPair } from '../postgres.ts';
import { runRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';

export const failover: Scenario = {
  name: 'failover',
  title: 'kill -9 of the primary, and its synchronous standby promoted',
  postgres: true,
  async run(context) {
    await using pair = await startPair();
    await using house = await openHouse({ rounds: context.rounds, nodes: 2, databaseUrls: pair.urls });
    await runRounds({
      ...context,
      house,
      async fault() {
        const old = pair.primary().port;
        await crash(pair.primary());
        // Whatever decides that the primary is gone needs a moment.
        await sleep(randomInt(1000));
        await pair.promote();
        return pair.primary().port !== old;
      },
      between: () => pair.addStandby(),
    });
  },
};

/** What waits for a standby that is gone is committed on the primary alone, and must not be acknowledged. */
export const standbyLost: Scenario = {
  name: 'standby-lost',
  title: 'the synchronous standby cut off, waits for it cancelled, the primary killed, the standby promoted',
  postgres: true,
  async run(context) {
    await using pair = await startPair();
    await using house = await openHouse({ rounds: context.rounds, nodes: 2, databaseUrls: pair.urls });
    await runRounds({
      ...context,
      house,
      async fault(round) {
        const standby = pair.standby();
        const primary = pair.primary();
        await crash(standby);
        // In turn: an operator who cancels whatever waits, and nobody who does anything.
        const waited =
          round % 2 === 0 ? await cancelWaits(primary.url, 5000) : await waits(primary.url, 17_000);
        // What was given up must not keep its place: PostgreSQL has a hundred by default.
        const [open] = await query(primary.url, CONNECTIONS);
        const most = LARGEST_POOL * house.nodes.length;
        if (Number(open?.['n']) > most) context.ledger.wrong(`${open?.['n']} connections, not ${most}`);
        await crash(primary);
        await standby.restart();
        await pair.promote();
        return waited > 0;
      },
      between: () => pair.addStandby(),
    });
  },
};

/** Connections that a node holds at most. */
const LARGEST_POOL = 16;
const CONNECTIONS = "select count(*) as n from pg_stat_activity where application_name = 'poolkeeper'";
const WAITING = "from pg_stat_activity where wait_event = 'SyncRep'";

/** Every wait is cancelled after a moment, by which the commit is done on the primary, with a warning. */
async function cancelWaits(url: string, milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds;
  let cancelled = 0;
  while (performance.now() < end) {
    await sleep(250);
    cancelled += (await query(url, `select pg_cancel_backend(pid) ${WAITING}`)).length;
  }
  return cancelled;
}

/** How many wait in the end, when the requests that waited first have been given up. */
async function waits(url: string, milliseconds: number): Promise<number> {
  await sleep(milliseconds);
  return (await query(url, `select pid ${WAITING}`)).length;
}
