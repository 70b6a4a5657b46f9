import { sql } from 'kysely';
import { DAY } from '../../platform/duration.ts';
import { rowsOf } from '../statement.ts';
import type { Unit } from '../unit.ts';

/** Rows that a call removes, about: a backlog never holds up requests for long. */
const BATCH = 1000;

/** What is removed when, by a column that each table has an index on. */
export const purges = [
  // No code lives longer than a day after the window it was asked for in.
  { table: 'attempts', column: 'window_ends_at', keptFor: DAY },
  // An access token made at a session's end is good for a day more at most, and asks whether it was revoked.
  { table: 'sessions', column: 'expires_at', keptFor: DAY },
  // By the clock of a node that lags behind, the challenge it was spent on may still be good.
  { table: 'spent_challenges', column: 'expires_at', keptFor: DAY },
  // For operators to look at; codes expired long ago by then, and invitations that live longer were tried for an hour.
  { table: 'messages', column: 'created_at', keptFor: 7 * DAY },
  // Each pool says how long it keeps them.
  { table: 'recoveries', column: 'expires_at', keptFor: 0 },
] as const;

/** Removes the oldest rows that nobody can use any more. False once there are none left. */
export async function purgeExpired(
  unit: Unit,
  purge: (typeof purges)[number],
  now: number,
): Promise<boolean> {
  const column = sql.ref<number>(purge.column);
  const limit = now - purge.keptFor;
  const [batchEnd] = await rowsOf(unit, (db) =>
    db
      .selectFrom(purge.table)
      .select(column.as('at'))
      .where(column, '<=', limit)
      .orderBy(column)
      .limit(1)
      .offset(BATCH),
  );
  const until = batchEnd?.at ?? limit;
  const deletion = await rowsOf(unit, (db) =>
    db.deleteFrom(purge.table).where(column, '<=', until).returning(sql.lit(1).as('one')),
  );
  return deletion.length > 0 && batchEnd !== undefined;
}
