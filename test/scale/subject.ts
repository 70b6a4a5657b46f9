import { dirname, join } from 'node:path';
import { startPoolkeeper } from '../../packages/server/src/index.ts';
import { createPool } from '../bench/pool.ts';
import { masterKey, openHouse } from '../bench/postgres-house.ts';
import { query } from '../support/postgres-databases.ts';
import { fillPostgres } from './fill-postgres.ts';
import { fillSqlite } from './fill-sqlite.ts';
import type { Measured } from './measured.ts';
import { postgresPlans, sqlitePlans } from './plans.ts';
import { createProgress } from './progress.ts';
import { commonOf, type Load, loadsOf } from './rows.ts';
import { postgresSizes, type Size, sqliteSizes } from './sizes.ts';

/** A database with a pool in it, to fill and to measure. */
export interface Subject {
  readonly name: string;
  readonly poolId: string;
  readonly clientId: string;
  readonly serverArguments: readonly string[];
  /** A URL or a data folder, for who opens it without a server. */
  readonly where: string;
  /** Adds users `from` up to `to`; tells how long it took. */
  fill(from: number, to: number): Promise<Measured>;
  sizes(): Promise<Size[]>;
  /** How the database finds what it is asked for. */
  plans(users: number): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openSubject(
  kind: 'sqlite' | 'postgres',
  folder: string,
  url: string,
  keep: boolean,
): Promise<Subject> {
  return kind === 'sqlite' ? openSqliteSubject(folder) : openPostgresSubject(folder, url, keep);
}

async function openSqliteSubject(folder: string): Promise<Subject> {
  const data = join(folder, 'data');
  const ids = await poolIn({ data });
  const loads = loadsOf(await commonOf(ids.poolId, ids.clientId, { uniform: false }));
  return {
    name: 'SQLite',
    ...ids,
    serverArguments: ['--data', data],
    where: data,
    fill: async (from, to) =>
      timed(loads, from, to, (progress) => fillSqlite(data, loads, from, to, progress)),
    sizes: async () => sqliteSizes(data),
    plans: (users) => sqlitePlans(data, ids.poolId, users),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function openPostgresSubject(folder: string, given: string, keep: boolean): Promise<Subject> {
  // Beside the run's own folder, which nobody else may enter.
  const house = await openHouse(given, dirname(folder));
  const { url } = house;
  // Of a kept database it is needed again.
  process.env['POOLKEEPER_MASTER_KEY'] = masterKey;
  if (keep) console.error(`POOLKEEPER_MASTER_KEY=${masterKey}`);
  const data = join(folder, 'data');
  const ids = await poolIn({ data, databaseUrl: url, masterKey });
  const loads = loadsOf(await commonOf(ids.poolId, ids.clientId, { uniform: false }));
  const [row] = await query(url, 'show server_version');
  return {
    name: `PostgreSQL ${row?.['server_version']}`,
    ...ids,
    serverArguments: ['--data', data, '--database-url', url],
    where: url,
    fill: (from, to) => timed(loads, from, to, (progress) => fillPostgres(url, loads, from, to, progress)),
    sizes: () => postgresSizes(url),
    plans: (users) => postgresPlans(url, ids.poolId, users),
    async [Symbol.asyncDispose]() {
      if (!keep) await house.clear();
      await house[Symbol.asyncDispose]();
    },
  };
}

async function poolIn(options: Parameters<typeof startPoolkeeper>[0]) {
  const server = await startPoolkeeper(options);
  try {
    return await createPool(server);
  } finally {
    await server.close();
  }
}

async function timed(
  loads: readonly Load[],
  from: number,
  to: number,
  fill: (progress: ReturnType<typeof createProgress>) => Promise<void> | void,
): Promise<Measured> {
  const rows = loads.reduce((sum, { every }) => sum + (to - from) / every, 0);
  const progress = createProgress(`Filling up to ${to.toLocaleString('en-US')} users`, Math.round(rows));
  await fill(progress);
  progress.say('filled');
  return { 'filling, s': progress.seconds(), 'filling, rows a second': rows / progress.seconds() };
}
