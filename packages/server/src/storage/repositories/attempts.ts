import type { ExpressionBuilder } from 'kysely';
import type { Database } from '../schema/database.ts';
import { statement } from '../statement.ts';

interface Attempt {
  poolId: string;
  sub: string;
  action: string;
  now: number;
  /** The end of the window that this attempt opens, unless one is running. */
  windowEnd: number;
}

interface Code {
  digest: Uint8Array;
  attribute: string;
  codeExpiresAt: number;
}

type Row = ExpressionBuilder<Database & { excluded: Database['attempts'] }, 'attempts' | 'excluded'>;

const windowIsOver = (row: Row, p: Attempt) => row('attempts.window_ends_at', '<=', p.now);

/** `fresh` where a new window begins, the running window's value otherwise. */
const inWindow = (row: Row, p: Attempt, fresh: number) => ({
  count: row
    .case()
    .when(windowIsOver(row, p))
    .then(fresh)
    .else(row('attempts.count', '+', fresh))
    .end(),
  window_ends_at: row
    .case()
    .when(windowIsOver(row, p))
    .then(row.ref('excluded.window_ends_at'))
    .else(row.ref('attempts.window_ends_at'))
    .end(),
});

const newRow = (p: Omit<Attempt, 'now'>, count: number, code?: Code) => ({
  pool_id: p.poolId,
  sub: p.sub,
  action: p.action,
  count,
  window_ends_at: p.windowEnd,
  digest: code?.digest ?? null,
  attribute: code?.attribute ?? null,
  code_expires_at: code?.codeExpiresAt ?? null,
});

const key = ['pool_id', 'sub', 'action'] as const;

/** Counts one attempt and returns the count of the running window with the code that the attempt is at. */
export const countAttempt = statement((db, p: Attempt) =>
  db
    .insertInto('attempts')
    .values(newRow(p, 1))
    .onConflict((conflict) => conflict.columns(key).doUpdateSet((row) => inWindow(row, p, 1)))
    .returning(['count', 'digest', 'attribute', 'code_expires_at']),
);

/**
 * Counts one message to a destination in the running hour and the running day, and returns both counts. Of units that
 * send to the same destination, one goes after the other from here on.
 */
export const countMessage = statement(
  (db, p: { poolId: string; destination: string; now: number; hourEnd: number; dayEnd: number }) => {
    const row = { poolId: p.poolId, sub: p.destination, now: p.now };
    const hour = { ...row, action: 'messages-hour', windowEnd: p.hourEnd };
    const day = { ...row, action: 'messages-day', windowEnd: p.dayEnd };
    return db
      .insertInto('attempts')
      .values([newRow(hour, 1), newRow(day, 1)])
      .onConflict((conflict) => conflict.columns(key).doUpdateSet((known) => inWindow(known, hour, 1)))
      .returning(['action', 'count']);
  },
);

/** What was counted, whether or not its time is over; the row is there and locked from then on. */
export const claimAttempts = statement(
  (db, p: { poolId: string; sub: string; action: string; windowEnd: number }) =>
    db
      .insertInto('attempts')
      .values(newRow(p, 0))
      .onConflict((conflict) =>
        conflict.columns(key).doUpdateSet((row: Row) => ({ count: row.ref('attempts.count') })),
      )
      .returning(['count', 'window_ends_at']),
);

/** Sets what was counted, for who has claimed it. */
export const putAttempts = statement(
  (db, p: { poolId: string; sub: string; action: string; count: number; windowEnd: number }) =>
    db
      .updateTable('attempts')
      .set({ count: p.count, window_ends_at: p.windowEnd })
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub)
      .where('action', '=', p.action),
);

/** What was counted, and the code with it. */
export const forgetAttempts = statement((db, p: { poolId: string; sub: string; action: string }) =>
  db
    .deleteFrom('attempts')
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub)
    .where('action', '=', p.action),
);

/** Takes back what was counted for somebody who turned out right. */
export const uncountAttempt = statement(
  (db, p: { poolId: string; sub: string; action: string; now: number }) =>
    db
      .updateTable('attempts')
      .set((row) => ({ count: row('count', '-', 1) }))
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub)
      .where('action', '=', p.action)
      .where('window_ends_at', '>', p.now)
      .where('count', '>', 0),
);

/** Makes a code the live one, in place of the one before it, without counting. */
export const putCode = statement((db, p: Attempt & Code) =>
  db
    .insertInto('attempts')
    .values(newRow(p, 0, p))
    .onConflict((conflict) =>
      conflict.columns(key).doUpdateSet((row) => ({
        ...inWindow(row, p, 0),
        digest: row.ref('excluded.digest'),
        attribute: row.ref('excluded.attribute'),
        code_expires_at: row.ref('excluded.code_expires_at'),
      })),
    ),
);

/** Counts one attempt and, while the count stays within `limit`, makes a code the live one. Returns the count. */
export const countAttemptAndPutCode = statement((db, p: Attempt & Code & { limit: number }) =>
  db
    .insertInto('attempts')
    .values(newRow(p, 1, p))
    .onConflict((conflict) =>
      conflict.columns(key).doUpdateSet((row) => {
        const allowed = row.or([windowIsOver(row, p), row('attempts.count', '<', p.limit)]);
        const replaced = <Column extends 'digest' | 'attribute' | 'code_expires_at'>(column: Column) =>
          row
            .case()
            .when(allowed)
            .then(row.ref(`excluded.${column}`))
            .else(row.ref(`attempts.${column}`))
            .end();
        return {
          ...inWindow(row, p, 1),
          digest: replaced('digest'),
          attribute: replaced('attribute'),
          code_expires_at: replaced('code_expires_at'),
        };
      }),
    )
    .returning('count'),
);

/** Changes one row for the one caller who consumes this very code, none for everyone after. */
export const takeCode = statement(
  (db, p: { poolId: string; sub: string; action: string; digest: Uint8Array }) =>
    db
      .updateTable('attempts')
      .set({ digest: null })
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub)
      .where('action', '=', p.action)
      .where('digest', '=', p.digest),
);

export const dropCode = statement((db, p: { poolId: string; sub: string; action: string }) =>
  db
    .updateTable('attempts')
    .set({ digest: null })
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub)
    .where('action', '=', p.action),
);

/** Every code, whatever for, that went to the address in this attribute. */
export const dropCodesSentTo = statement((db, p: { poolId: string; sub: string; attribute: string }) =>
  db
    .updateTable('attempts')
    .set({ digest: null })
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub)
    .where('attribute', '=', p.attribute),
);

export const findAttempts = statement((db, p: { poolId: string; sub: string; action: string }) =>
  db
    .selectFrom('attempts')
    .select(['count', 'window_ends_at', 'digest'])
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub)
    .where('action', '=', p.action),
);
