import type { Selectable } from 'kysely';
import type { RecoveriesTable, RecoveryOutcome } from '../schema/recoveries.ts';
import { columnsOf } from '../schema/tables.ts';
import { rowsOf, statement } from '../statement.ts';
import type { Unit } from '../unit.ts';

export type RecoveryRow = Selectable<RecoveriesTable>;

interface NewRecovery {
  poolId: string;
  id: string;
  operation: RecoveriesTable['operation'];
  clientId: string | null;
  sub: string;
  username: string;
  outcome: RecoveryOutcome;
  details: string;
  now: number;
  expiresAt: number;
}

const newRow = (p: NewRecovery) => ({
  pool_id: p.poolId,
  id: p.id,
  operation: p.operation,
  client_id: p.clientId,
  sub: p.sub,
  username: p.username,
  outcome: p.outcome,
  details: p.details,
  times: 1,
  created_at: p.now,
  last_at: p.now,
  expires_at: p.expiresAt,
});

export const insertRecovery = statement((db, p: NewRecovery) =>
  db.insertInto('recoveries').values(newRow(p)),
);

/** The same; where a record of that id is, it is counted there, and the newest name and details stay. */
export const countRecovery = statement((db, p: NewRecovery) =>
  db
    .insertInto('recoveries')
    .values(newRow(p))
    .onConflict((conflict) =>
      conflict.columns(['pool_id', 'id']).doUpdateSet((row) => ({
        times: row('recoveries.times', '+', 1),
        sub: row.ref('excluded.sub'),
        username: row.ref('excluded.username'),
        details: row.ref('excluded.details'),
        last_at: row.ref('excluded.last_at'),
      })),
    ),
);

export interface RecoveryQuery {
  readonly poolId: string | undefined;
  /** Username or sub, any of them; undefined for everybody. */
  readonly names: readonly string[] | undefined;
  /** Ids below this one. */
  readonly before: string;
}

/** Records that a look goes through: a user's are found without an index, and requests go in between two looks. */
const LOOK = 2000;

/**
 * Newest first, of the next records before `before`. `next` goes on from there; undefined when there are no more.
 */
export async function listRecoveries(
  unit: Unit,
  query: RecoveryQuery,
  limit: number,
): Promise<{ rows: RecoveryRow[]; next: string | undefined }> {
  const { poolId, names, before } = query;
  const [end] = await rowsOf(unit, (db) => {
    const ids = db.selectFrom('recoveries').select('id').where('id', '<', before);
    const ofPool = poolId === undefined ? ids : ids.where('pool_id', '=', poolId);
    return ofPool.orderBy('id', 'desc').limit(1).offset(LOOK);
  });
  const rows = await rowsOf(unit, (db) => {
    let found = db.selectFrom('recoveries').select(columnsOf('recoveries')).where('id', '<', before);
    if (poolId !== undefined) found = found.where('pool_id', '=', poolId);
    if (end !== undefined) found = found.where('id', '>=', end.id);
    if (names !== undefined)
      found = found.where((row) => row.or([row('username', 'in', names), row('sub', 'in', names)]));
    return found.orderBy('id', 'desc').limit(limit);
  });
  return { rows, next: end?.id };
}
