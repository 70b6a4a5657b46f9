import type { Compilable, Kysely } from 'kysely';
import { builderOf, type Dialect } from './dialect.ts';
import type { Database } from './schema/database.ts';
import type { SqlValue, Unit } from './unit.ts';

/** A query that is built and compiled once a dialect, and then only bound. */
export interface Statement<P, R> {
  all(unit: Unit, parameters: P): Promise<R[]>;
  first(unit: Unit, parameters: P): Promise<R | undefined>;
  /** Resolves to the number of rows changed. */
  run(unit: Unit, parameters: P): Promise<number>;
  /** For a change that nobody waits for: it travels with what follows it, or with the commit. */
  send(unit: Unit, parameters: P): void;
  /** What goes to a database. */
  text(unit: Pick<Unit, 'dialect' | 'locks'>): string;
}

interface Compiled {
  sql: string;
  bind(parameters: Record<string, SqlValue>): SqlValue[];
}

class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

// Kysely takes any object as a parameter's value, so a placeholder rides through compilation and comes back in order.
const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) });

function compile(query: Compilable): Compiled {
  const { sql, parameters } = query.compile();
  return {
    sql,
    bind: (values) =>
      parameters.map((parameter) =>
        parameter instanceof Placeholder ? (values[parameter.name] as SqlValue) : (parameter as SqlValue),
      ),
  };
}

/** Every statement of the house, for who reviews what goes to a database. */
export const statements: Pick<Statement<never, unknown>, 'text'>[] = [];

type RowOf<Query> = Query extends Compilable<infer R> ? R : never;

/**
 * `statement((db, p: { poolId: string }) => db.selectFrom('users').select('sub').where('pool_id', '=', p.poolId))`
 * declares a query once; `p` stands for the values given at each call. `lock` adds `for update` to a query whose rows
 * a unit reads in order to change what hangs on them: it applies wherever such a unit has others beside it.
 */
export function statement<P extends object, Query extends Compilable>(
  build: (db: Kysely<Database>, p: P) => Query,
  lock?: (query: Query) => Compilable,
): Statement<P, RowOf<Query>> {
  const compiled: Partial<Record<Dialect | 'locking', Compiled>> = {};
  const of = ({ dialect, locks }: Pick<Unit, 'dialect' | 'locks'>): Compiled => {
    const locking = locks && lock !== undefined;
    const kind = locking ? 'locking' : dialect;
    let query = compiled[kind];
    if (query === undefined) {
      const built = build(builderOf(dialect), placeholders as P);
      query = compile(locking ? lock(built) : built);
      compiled[kind] = query;
    }
    return query;
  };
  const declared: Statement<P, RowOf<Query>> = {
    all: (unit, parameters) => {
      const query = of(unit);
      return unit.rows(query.sql, query.bind(parameters as Record<string, SqlValue>)) as Promise<
        RowOf<Query>[]
      >;
    },
    first: (unit, parameters) => {
      const query = of(unit);
      const values = query.bind(parameters as Record<string, SqlValue>);
      return unit.row(query.sql, values) as Promise<RowOf<Query> | undefined>;
    },
    run: (unit, parameters) => {
      const query = of(unit);
      return unit.run(query.sql, query.bind(parameters as Record<string, SqlValue>));
    },
    send: (unit, parameters) => {
      const query = of(unit);
      unit.send(query.sql, query.bind(parameters as Record<string, SqlValue>));
    },
    text: (unit) => of(unit).sql,
  };
  statements.push(declared);
  return declared;
}

/** Runs a query whose shape depends on the request, such as a filter. */
export function rowsOf<R>(unit: Unit, build: (db: Kysely<Database>) => Compilable<R>): Promise<R[]> {
  const { sql, bind } = compile(build(builderOf(unit.dialect)));
  return unit.rows(sql, bind({})) as Promise<R[]>;
}
