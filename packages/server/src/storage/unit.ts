import type { Dialect } from './dialect.ts';

export type SqlValue = string | number | null | Uint8Array;
export type Row = Record<string, unknown>;

/**
 * A unit of work: the queries that commit together. It ends with the function it was handed to; a query after that
 * throws. Only database work belongs inside: no hashing, no network, no waiting.
 */
export interface Unit {
  readonly dialect: Dialect;
  /** Whether a row that is read to be changed must be locked: in a unit that writes, where others write beside it. */
  readonly locks: boolean;
  rows(sql: string, parameters: readonly SqlValue[]): Promise<Row[]>;
  /** The first row, for queries that give one at most. */
  row(sql: string, parameters: readonly SqlValue[]): Promise<Row | undefined>;
  /** Resolves to the number of rows inserted, updated or deleted. */
  run(sql: string, parameters: readonly SqlValue[]): Promise<number>;
  /** Sends what nobody waits for, together with what follows or with the commit. If it fails, the unit fails. */
  send(sql: string, parameters: readonly SqlValue[]): void;
  /** Calls `effect` once the unit is durable; never if it is rolled back. */
  onCommit(effect: () => void): void;
}

export interface Storage {
  readonly dialect: Dialect;
  /** Each query sees what was committed when it began. */
  read<T>(work: (unit: Unit) => Promise<T>): Promise<T>;
  /**
   * Resolves when the work is durable on disk. A thrown error rolls the work back: what must stay (a counted attempt)
   * is returned as a result, not thrown. The work may run more than once (a serialization failure is retried), so it
   * changes nothing but the database. Units that change the same user or pool go one after the other: `findUser` and
   * its siblings lock the row they read here.
   */
  write<T>(work: (unit: Unit) => Promise<T>): Promise<T>;
  /**
   * All its queries see the same state of the database, for as long as they take and whatever is written meanwhile: for
   * reading tables whole. The work runs once.
   */
  snapshot<T>(work: (unit: Unit) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
