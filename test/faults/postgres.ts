import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemPostgresBin } from '../support/postgres-binaries.ts';
import { query } from '../support/postgres-databases.ts';
import { type Postgres, type PostgresOptions, startPostgres } from '../support/postgres-server.ts';

/** A PostgreSQL that writes to disk what it acknowledges, with the tools that copy it. */
export const startCluster = (options: PostgresOptions = {}): Promise<Postgres> =>
  startPostgres({ bin: systemPostgresBin() as string, ...options });

/** As if its machine had lost its power: no process of it does anything any more. */
export async function crash(server: Postgres): Promise<void> {
  const pid = server.pid();
  if (pid === undefined) return;
  const children = childrenOf(pid);
  // Its own process first: it would take the death of the others for a crash, and start them again.
  const ended = server.signal('SIGKILL');
  for (const child of children) {
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  await ended;
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]) === parent;
      } catch {
        return false;
      }
    });
}

/** Two servers: what one of them acknowledges, the other has as well. */
export async function startPair() {
  let primary = await startCluster({ settings: { cluster_name: 'one' } });
  let standby: Postgres | undefined;
  const urls = [primary.url];
  const ports: number[] = [primary.port];

  async function addStandby(): Promise<void> {
    const name = ports.indexOf(primary.port) === 0 ? 'two' : 'one';
    const port = ports.find((known) => known !== primary.port);
    standby = await startCluster({
      standbyOf: primary.url,
      settings: { cluster_name: name },
      ...(port !== undefined && { port }),
    });
    if (port === undefined) {
      ports.push(standby.port);
      urls.push(standby.url);
    }
    // Copied from the primary, where it names this one: it would wait for itself once it is promoted.
    await setSynchronous(standby.url, '');
    await setSynchronous(primary.url, name);
    const synchronous = `select 1 from pg_stat_replication where application_name = '${name}' and sync_state = 'sync'`;
    await until(() => asks(primary.url, synchronous));
  }

  await addStandby();
  return {
    /** Of both, wherever the primary is. */
    urls: urls as readonly string[],
    primary: () => primary,
    standby: () => standby as Postgres,
    addStandby,
    /** The standby takes the place of a primary that is gone. */
    async promote(): Promise<void> {
      const gone = primary;
      primary = standby as Postgres;
      standby = undefined;
      // A query on a standby may be refused for what it replays at that moment.
      await until(() => asks(primary.url, 'select pg_promote(false)'));
      await until(() => asks(primary.url, 'select 1 where not pg_is_in_recovery()'));
      await gone.stop();
    },
    async [Symbol.asyncDispose]() {
      await standby?.stop();
      await primary.stop();
    },
  };
}

async function setSynchronous(url: string, names: string): Promise<void> {
  await query(url, `alter system set synchronous_standby_names = '${names}'`);
  await query(url, 'select pg_reload_conf()');
}

/** Whether a query reads something. */
const asks = (url: string, sql: string): Promise<boolean> =>
  query(url, sql).then(
    (rows) => rows.length > 0,
    () => false,
  );

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error('PostgreSQL did not become what it was to be in half a minute.');
    await sleep(50);
  }
}
