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

/**
 * `statement((db, p: { poolId: string }) => db.selectFrom('users').selectAll().where('pool_id', '=', p.poolId))`
 * declares a query once; `p` stands for the values given at each call.
 */
export function statement<P extends object, R>(
  build: (db: Kysely<Database>, p: P) => Compilable<R>,
): Statement<P, R> {
  const compiled: Partial<Record<Dialect, Compiled>> = {};
  const of = (dialect: Dialect): Compiled => {
    compiled[dialect] ??= compile(build(builderOf(dialect), placeholders as P));
    return compiled[dialect];
  };
  return {
    all: (unit, parameters) => {
      const query = of(unit.dialect);
      return unit.rows(query.sql, query.bind(parameters as Record<string, SqlValue>)) as Promise<R[]>;
    },
    first: (unit, parameters) => {
      const query = of(unit.dialect);
      const values = query.bind(parameters as Record<string, SqlValue>);
      return unit.row(query.sql, values) as Promise<R | undefined>;
    },
    run: (unit, parameters) => {
      const query = of(unit.dialect);
      return unit.run(query.sql, query.bind(parameters as Record<string, SqlValue>));
    },
  };
}

/** Runs a query whose shape depends on the request, such as a filter. */
export function rowsOf<R>(unit: Unit, build: (db: Kysely<Database>) => Compilable<R>): Promise<R[]> {
  const { sql, bind } = compile(build(builderOf(unit.dialect)));
  return unit.rows(sql, bind({})) as Promise<R[]>;
}
