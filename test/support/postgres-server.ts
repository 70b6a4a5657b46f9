import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './free-port.ts';
import { postgresBin, reachableBin, unprivilegedAccount } from './postgres-binaries.ts';
import { createDatabase } from './postgres-databases.ts';
import type { Keeping, Told } from './postgres-keeper.ts';

export interface PostgresOptions {
  /** The folder with its binaries. */
  readonly bin?: string;
  /** Whether a commit outlives a crash of the machine; what does not costs less. */
  readonly durable?: boolean;
  /** As in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** A free one otherwise. */
  readonly port?: number;
  /** Where its own folder is made. */
  readonly parent?: string;
  /** The URL of the server that it copies and then follows; it takes no writes until it is promoted. */
  readonly standbyOf?: string;
}

const HOST = '127.0.0.1';
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

// By this collation `a` comes before `B` and `_c` before both: what depends on the order of bytes has to say so.
const LINGUISTIC = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US'];
const WITHOUT_ICU = ['--locale=C.UTF-8'];

/** A PostgreSQL of the test's own, in a temporary folder; both end with the process that started them. */
export async function startPostgres(options: PostgresOptions = {}) {
  let locale = LINGUISTIC;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options, locale);
    } catch (error) {
      const { message } = error as Error;
      if (/ICU is not supported|unrecognized option/.test(message)) locale = WITHOUT_ICU;
      // The port was free when it was picked, and somebody else was quicker.
      else if (!/could not bind/.test(message)) throw error;
      if (attempt === 3) throw error;
    }
  }
}

async function startOnce(options: PostgresOptions, locale: readonly string[]) {
  const account = unprivilegedAccount();
  const folder = mkdtempSync(join(options.parent ?? tmpdir(), 'poolkeeper-postgres-'));
  const keeper = fork(join(import.meta.dirname, 'postgres-keeper.ts'), [folder], {
    // A terminal's ^C would reach it otherwise, and it has to see to the end of everything else.
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    if (account !== undefined) chownSync(folder, account.uid, account.gid);
    const bin = reachableBin(options.bin ?? postgresBin(), account, folder);
    const port = options.port ?? (await freePort());
    const settings = {
      listen_addresses: HOST,
      port,
      unix_socket_directories: '',
      max_connections: 300,
      shared_buffers: '32MB',
      ...(options.durable === false && NOT_DURABLE),
      ...options.settings,
    };
    const data = join(folder, 'data');
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const create =
      options.standbyOf === undefined
        ? [
            join(bin, 'initdb'),
            ...['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', ...locale],
            ...(options.durable === false ? ['--no-sync'] : []),
          ]
        : [
            join(bin, 'pg_basebackup'),
            ...['--pgdata', data, '--dbname', options.standbyOf, '--wal-method=stream', '--checkpoint=fast'],
            '--write-recovery-conf',
          ];
    const serve = [join(bin, 'postgres'), '-D', data, ...flags];
    const url = `postgres://postgres@${HOST}:${port}/postgres`;
    const server = serverOf(keeper, url, () => logOf(folder));
    await server.run({ account, commands: [create, serve] });
    return {
      /** Of the database that is there from the start. */
      url,
      host: HOST,
      port,
      folder,
      bin,
      /** Of the process that ends all the others. */
      pid: () => server.pid(),
      /** What the server has logged. */
      log: () => logOf(folder),
      createDatabase: (name?: string) => createDatabase(url, name),
      /** SIGINT stops it, SIGQUIT leaves it to recover at its next start. Resolves once it has ended. */
      signal: (signal: NodeJS.Signals) => server.signal(signal),
      /** Starts it again after it has ended; resolves once it answers. */
      restart: () => server.run({ account, commands: [serve] }),
      stop: () => end(keeper),
      [Symbol.asyncDispose]: () => end(keeper),
    };
  } catch (error) {
    await end(keeper);
    throw error;
  }
}

export type Postgres = Awaited<ReturnType<typeof startPostgres>>;

/** The server that a keeper runs. */
function serverOf(keeper: ChildProcess, url: string, log: () => string) {
  let pid: number | undefined;
  let ended: string | undefined;
  const exit = (how: string) => {
    pid = undefined;
    ended ??= how;
  };
  keeper.on('message', (told: Told) => {
    if ('ended' in told) exit(told.ended);
    else if (told.running.endsWith('postgres')) pid = told.pid;
  });
  keeper.on('exit', () => exit('What runs PostgreSQL for the tests ended'));

  return {
    pid: () => pid,
    /** Resolves once it answers. */
    async run(keeping: Keeping): Promise<void> {
      ended = undefined;
      keeper.ref();
      keeper.channel?.ref();
      keeper.send(keeping);
      const patience = AbortSignal.timeout(60_000);
      while (!patience.aborted) {
        if (ended !== undefined) throw new Error(`${ended}:\n${log()}`);
        if (pid !== undefined && (await answers(url))) {
          keeper.unref();
          keeper.channel?.unref();
          return;
        }
        await pause(15);
      }
      throw new Error(`PostgreSQL does not answer:\n${log()}`);
    },
    async signal(signal: NodeJS.Signals): Promise<void> {
      if (pid === undefined) return;
      process.kill(pid, signal);
      while (pid !== undefined) await pause(5);
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

async function end(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return;
  const exit = once(keeper, 'exit');
  keeper.ref();
  if (keeper.connected) keeper.disconnect();
  await exit;
}

function logOf(folder: string): string {
  try {
    return readFileSync(join(folder, 'log'), 'utf8');
  } catch {
    return '';
  }
}
