import { rowsOf, statement } from '../statement.ts';
import type { Unit } from '../unit.ts';

/** A message stays for this long after its creation, for operators to look at. */
const MESSAGES_KEPT = 7 * 24 * 3_600_000;
/** Rows a call removes from one table, about: a backlog never holds up requests for long. */
const BATCH = 1000;

const expiringTables = ['codes', 'attempts', 'sessions', 'spent_challenges'] as const;
export const purgedTables = [...expiringTables, 'messages'] as const;

const deletions = {
  codes: statement((db, p: { until: number }) => db.deleteFrom('codes').where('expires_at', '<=', p.until)),
  attempts: statement((db, p: { until: number }) =>
    db.deleteFrom('attempts').where('expires_at', '<=', p.until),
  ),
  sessions: statement((db, p: { until: number }) =>
    db.deleteFrom('sessions').where('expires_at', '<=', p.until),
  ),
  spent_challenges: statement((db, p: { until: number }) =>
    db.deleteFrom('spent_challenges').where('expires_at', '<=', p.until),
  ),
  messages: statement((db, p: { until: number }) =>
    db.deleteFrom('messages').where('created_at', '<=', p.until).where('due_at', 'is', null),
  ),
};

/** Removes the oldest rows that nobody can use any more. Returns how many; call again while it is not zero. */
export async function purgeExpired(
  unit: Unit,
  table: (typeof purgedTables)[number],
  now: number,
): Promise<number> {
  const limit = table === 'messages' ? now - MESSAGES_KEPT : now;
  const column = table === 'messages' ? 'created_at' : 'expires_at';
  const [batchEnd] = await rowsOf(unit, (db) =>
    db
      .selectFrom(table)
      .select(`${column} as at` as never)
      .where(column as never, '<=', limit as never)
      .orderBy(column as never)
      .limit(1)
      .offset(BATCH),
  );
  const until = (batchEnd as { at: number } | undefined)?.at ?? limit;
  return deletions[table].run(unit, { until });
}
