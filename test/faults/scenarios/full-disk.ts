import { randomInt } from 'node:crypto';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../../support/postgres-databases.ts';
import { openHouse } from '../house.ts';
import type { Ledger } from '../ledger.ts';
import { smallFileSystem } from '../leftovers.ts';
import { startCluster } from '../postgres.ts';
import { runRounds } from '../rounds.ts';
import { NotPossible, type Scenario } from '../scenario.ts';

/** The database, its log and the node's own log share the disk. */
export const fullDiskSqlite: Scenario = {
  name: 'full-disk-sqlite',
  title: 'a full disk under SQLite, freed after a while',
  postgres: false,
  async run(context) {
    const disk = diskOf(160);
    await using house = await openHouse({ rounds: context.rounds, folder: disk });
    await runRounds({
      ...context,
      house,
      async fault() {
        const filler = fill(disk);
        const refused = await refusals(context.ledger, 1);
        await sleep(randomInt(1500));
        rmSync(filler);
        return refused;
      },
      async between() {
        shortenLog(disk);
        const [row] = await house.rows('pragma integrity_check');
        if (row?.['integrity_check'] !== 'ok') context.ledger.lost(`integrity_check: ${JSON.stringify(row)}`);
      },
    });
  },
};

export const fullDiskPostgres: Scenario = {
  name: 'full-disk-postgres',
  title: 'a full disk under PostgreSQL, its log of changes included, freed after a while',
  postgres: true,
  async run(context) {
    const disk = diskOf(256);
    await using cluster = await startCluster({ parent: disk, settings: { max_wal_size: '48MB' } });
    await using house = await openHouse({ rounds: context.rounds, nodes: 2, databaseUrls: [cluster.url] });
    await runRounds({
      ...context,
      house,
      async fault() {
        const before = cluster.log().length;
        // Somebody's forgotten slot: nothing of the log can be used again.
        await query(cluster.url, "select pg_create_physical_replication_slot('forgotten', true)");
        const filler = fill(disk);
        const full = () => cluster.log().slice(before).includes('No space left on device');
        for (let turn = 0; turn < 50 && !full(); turn += 1) {
          await query(cluster.url, 'select pg_switch_wal()').catch(() => {});
          await sleep(100);
        }
        const refused = await refusals(context.ledger, 1);
        await sleep(randomInt(1500));
        rmSync(filler);
        // It gives up when it finds no room to write down that it has recovered.
        if (cluster.pid() === undefined) await cluster.restart();
        return refused && full();
      },
      async between() {
        await query(cluster.url, "select pg_drop_replication_slot('forgotten')");
        await query(cluster.url, 'checkpoint');
      },
    });
  },
};

function diskOf(megabytes: number): string {
  const disk = smallFileSystem(megabytes);
  if (disk === undefined) throw new NotPossible('A small file system cannot be mounted here: it takes root.');
  return disk;
}

/** SQLite writes over what its log already has of the disk: that would not be short of room for a long time. */
function shortenLog(disk: string): void {
  const database = new DatabaseSync(join(disk, 'data/poolkeeper.db'));
  database.exec('pragma busy_timeout = 5000; pragma wal_checkpoint(truncate)');
  database.close();
}

/** Takes all of the disk but for some hundred KiB. */
function fill(disk: string): string {
  const filler = join(disk, 'filler');
  const file = openSync(filler, 'w');
  const block = Buffer.alloc(4096, 1);
  const { bavail, bsize } = statfsSync(disk);
  let left = bavail * bsize - randomInt(300) * 1024;
  try {
    for (; left > 0; left -= block.length) writeSync(file, block);
  } catch {
    // Full already: others write, too.
  } finally {
    closeSync(file);
  }
  return filler;
}

/** Whether so many requests were refused within a while. */
async function refusals({ counts }: Ledger, count: number): Promise<boolean> {
  const before = counts.refused;
  for (let turn = 0; turn < 100 && counts.refused < before + count; turn += 1) await sleep(100);
  return counts.refused >= before + count;
}
