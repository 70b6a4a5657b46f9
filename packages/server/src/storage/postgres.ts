import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type ClientBase,
  type ClientConfig,
  DatabaseError,
  Pool,
  type PoolConfig,
  type QueryConfig,
  type QueryResult,
  types,
} from 'pg';
import { DAY, SECOND } from '../platform/duration.ts';
import { cancel } from './postgres-cancel.ts';
import type { Row, SqlValue, Storage, Unit } from './unit.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database?sslmode=verify-full`. Of several, the one that takes writes is used. */
  readonly urls: readonly string[];
  /** How many connections this node holds at most. */
  readonly connections: number;
  /** As in `pg_stat_activity`; a server is `poolkeeper`, and by that a command that must be alone knows it. */
  readonly applicationName?: string | undefined;
}

/** A query that takes longer is wrong: all of them find what they read by an index. */
const STATEMENT_TIMEOUT = 10 * SECOND;
/** A lock is held for the milliseconds of a unit; who holds it longer is stuck, and is cut off as well. */
const LOCK_TIMEOUT = 3 * SECOND;
const IDLE_IN_UNIT_TIMEOUT = 10 * SECOND;
/** A network that swallows everything is noticed by this alone. */
const ANSWER_TIMEOUT = 15 * SECOND;
const CONNECT_TIMEOUT = 3 * SECOND;
/** For so long a unit is tried again, while the database restarts or a standby takes over. */
const PATIENCE = 8 * SECOND;
const FIRST_PAUSE = 4;
const LONGEST_PAUSE = 250;

/**
 * SQLSTATEs that say: nothing was committed, and the same work may succeed a moment later. Serialization failure and
 * deadlock; lock not available; a server that stops, starts, is out of connections or has become a standby; a
 * prepared statement that is gone; a table that another node made first.
 */
const PASSING = new Set([
  '40001',
  '40P01',
  '55P03',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '25006',
  '26000',
  '42P07',
  '42710',
]);

export class DatabaseDoesNotAnswer extends Error {}

/** A commit was sent and its answer never came, or came with a doubt. What it was of is not acknowledged. */
class CommitInDoubt extends Error {}

/**
 * Storage on PostgreSQL or an engine that speaks its protocol. Units run at the database's own isolation level: rows
 * that a unit builds on are locked, so READ COMMITTED is enough, and every stricter level may send a unit round again.
 */
export async function openPostgres(options: PostgresOptions): Promise<Storage> {
  const { pool, moveOn } = openPool(options);
  const nameOf = statementNames();

  async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
    const end = performance.now() + PATIENCE;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await attempt();
      } catch (error) {
        if (!isPassing(error) || performance.now() + pause > end) throw error;
        if (!isConflict(error)) moveOn();
      }
      await sleep(pause * (0.5 + Math.random()));
    }
  }

  const storage: Storage = {
    dialect: 'postgres',
    read: (work) =>
      patiently(async () => {
        const unit = openUnit((query) => pool.query(query), nameOf, false);
        try {
          return await work(unit);
        } finally {
          unit.end();
        }
      }),
    write: (work) => patiently(() => transaction(pool, nameOf, work)),
    snapshot: (work) => snapshot(pool, nameOf, work),
    close: () => pool.end(),
  };
  try {
    await storage.read((unit) => unit.row('select 1 as one', []));
  } catch (error) {
    await pool.end();
    throw new DatabaseDoesNotAnswer(
      `The database of --database-url does not answer: ${(error as Error).message}. Check that it runs, and its host, port, name, user and password.`,
    );
  }
  return storage;
}

async function transaction<T>(
  pool: Pool,
  nameOf: (sql: string) => string,
  work: (unit: Unit) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let healthy = false;
  try {
    // It travels with the first query of the unit, as the commit does with what was sent last.
    const begun = outcomeOf(client.query({ name: 'begin', text: 'begin' }));
    const unit = openUnit((query) => client.query(query), nameOf, true);
    let value: T;
    try {
      value = await work(unit);
    } catch (error) {
      const { sent } = unit.end();
      await client.query('rollback');
      healthy = true;
      // What nobody waited for had failed before, and by its code is known whether to try again.
      throw isAborted(error) ? ((await firstFailure([begun, ...sent])) ?? error) : error;
    }
    const { effects, sent } = unit.end();
    await commit(client, [begun, ...sent]);
    healthy = true;
    for (const effect of effects) effect();
    return value;
  } finally {
    if (!healthy) cancel(client);
    // Whatever state another connection is in, nobody gets it again.
    client.release(!healthy);
  }
}

async function snapshot<T>(
  pool: Pool,
  nameOf: (sql: string) => string,
  work: (unit: Unit) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  const patient = (query: QueryConfig) => client.query({ ...query, query_timeout: DAY } as QueryConfig);
  const unit = openUnit(patient, nameOf, false);
  try {
    await client.query('begin isolation level repeatable read, read only');
    // To read a whole table takes its time, and what is read may be written to something slow in between.
    await client.query('set local statement_timeout = 0');
    await client.query('set local idle_in_transaction_session_timeout = 0');
    return await work(unit);
  } finally {
    unit.end();
    // Nobody gets the connection again: without its transaction the work may still be under way in it.
    client.release(true);
  }
}

type Querying = Pick<Client, 'query' | 'on' | 'off'>;

async function commit(client: Querying, before: readonly Promise<unknown>[]): Promise<void> {
  let doubt: string | undefined;
  // A commit that gives up waiting for its synchronous standby is answered as done, with this warning.
  const onNotice = (notice: { message: string | undefined }) => {
    doubt = notice.message ?? 'A warning.';
  };
  client.on('notice', onNotice);
  let command: string;
  try {
    command = (await client.query({ name: 'commit', text: 'commit' })).command;
  } catch (error) {
    throw isConflict(error) ? error : new CommitInDoubt('A commit was not answered.', { cause: error });
  } finally {
    client.off('notice', onNotice);
  }
  // A transaction that failed answers COMMIT by rolling back, without an error.
  if (command !== 'COMMIT') {
    throw (await firstFailure(before)) ?? new Error('The database rolled a unit back and did not say why.');
  }
  if (doubt !== undefined) throw new CommitInDoubt(doubt);
}

/** Resolves to the error, if there is one; never rejects. */
const outcomeOf = (query: Promise<unknown>): Promise<unknown> =>
  query.then(
    () => undefined,
    (error) => error,
  );

const firstFailure = async (outcomes: readonly Promise<unknown>[]): Promise<unknown> =>
  (await Promise.all(outcomes)).find((outcome) => outcome !== undefined);

/** A unit, and what only its owner does with it. */
function openUnit(
  query: (config: QueryConfig) => Promise<QueryResult>,
  nameOf: (sql: string) => string,
  locks: boolean,
) {
  const effects: (() => void)[] = [];
  const sent: Promise<unknown>[] = [];
  let ended = false;
  const ask = (sql: string, parameters: readonly SqlValue[]): Promise<QueryResult> => {
    if (ended) throw new Error('This unit of work has ended.');
    return query({ name: nameOf(sql), text: sql, values: parameters as SqlValue[] });
  };
  return {
    dialect: 'postgres' as const,
    locks,
    rows: async (sql: string, parameters: readonly SqlValue[]) => (await ask(sql, parameters)).rows as Row[],
    row: async (sql: string, parameters: readonly SqlValue[]) =>
      (await ask(sql, parameters)).rows[0] as Row | undefined,
    run: async (sql: string, parameters: readonly SqlValue[]) => (await ask(sql, parameters)).rowCount ?? 0,
    send: (sql: string, parameters: readonly SqlValue[]) => void sent.push(outcomeOf(ask(sql, parameters))),
    onCommit: (effect: () => void) => void effects.push(effect),
    end: () => {
      ended = true;
      return { effects, sent };
    },
  };
}

/** Each query is prepared once a connection, under a name that stands for its text. */
function statementNames(): (sql: string) => string {
  const names = new Map<string, string>();
  return (sql) => {
    let name = names.get(sql);
    if (name === undefined) {
      name = `pk${names.size}`;
      names.set(sql, name);
    }
    return name;
  };
}

const CONFLICTS = new Set(['40001', '40P01']);
const isConflict = (error: unknown) => error instanceof DatabaseError && CONFLICTS.has(error.code ?? '');

/** Refused because a statement before it in the same transaction had failed. */
const isAborted = (error: unknown) => error instanceof DatabaseError && error.code === '25P02';

function isPassing(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return isConnectionLoss(error);
  if (PASSING.has(error.code ?? '')) return true;
  // Nodes that make the schema at once meet in the unique indexes of PostgreSQL's own catalogue.
  return error.code === '23505' && (error.constraint?.startsWith('pg_') ?? false);
}

const isConnectionLoss = (error: unknown) =>
  error instanceof Error &&
  !(error instanceof CommitInDoubt) &&
  (/^E[A-Z]+$/.test((error as NodeJS.ErrnoException).code ?? '') ||
    /^(?:Connection terminated|timeout e(?:xceeded|xpired)|Query read timeout|Client has encountered|Client was closed|Not the primary)/i.test(
      error.message,
    ));

/** A pool of connections to one of the servers; `moveOn` has new connections try the next. */
function openPool({ urls, connections, applicationName = 'poolkeeper' }: PostgresOptions): {
  pool: Pool;
  moveOn(): void;
} {
  let current = 0;
  class ClientOfCurrent extends Client {
    constructor(config: ClientConfig = {}) {
      super({ ...config, connectionString: urls[current % urls.length] as string });
    }
  }
  const config: PoolConfig = {
    max: connections,
    pipeline: true,
    statement_timeout: STATEMENT_TIMEOUT,
    lock_timeout: LOCK_TIMEOUT,
    idle_in_transaction_session_timeout: IDLE_IN_UNIT_TIMEOUT,
    query_timeout: ANSWER_TIMEOUT,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    keepAlive: true,
    application_name: applicationName,
    types: { getTypeParser: parserOf },
    ...(urls.length > 1 && { onConnect: requirePrimary }),
  };
  const pool = new Pool({ ...config, Client: ClientOfCurrent } as PoolConfig);
  // The next query notices a lost connection by itself; without a listener it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  return {
    pool,
    moveOn: () => {
      current += 1;
    },
  };
}

/** A standby answers reads with what it has so far, which may be less than what was acknowledged. */
async function requirePrimary(client: ClientBase): Promise<void> {
  const { rows } = await client.query('select pg_is_in_recovery() as standby');
  if (rows[0]?.standby !== false) throw new Error('Not the primary.');
}

const INT8 = 20;
/** Milliseconds since the epoch and counts are far below 2^53. */
const parserOf = ((oid: number, format?: 'text') =>
  oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser;
