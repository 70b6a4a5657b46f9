import { columnsOf } from '../schema/tables.ts';
import { statement } from '../statement.ts';

export const insertSession = statement(
  (
    db,
    p: {
      poolId: string;
      id: string;
      sub: string;
      clientId: string;
      refreshDigest: Uint8Array;
      authTime: number;
      now: number;
      expiresAt: number;
    },
  ) =>
    db.insertInto('sessions').values({
      pool_id: p.poolId,
      id: p.id,
      sub: p.sub,
      client_id: p.clientId,
      refresh_digest: p.refreshDigest,
      previous_digest: null,
      previous_until: null,
      auth_time: p.authTime,
      revoked: 0,
      created_at: p.now,
      expires_at: p.expiresAt,
    }),
);

/** In a unit that writes, it locks the session. */
export const findSession = statement(
  (db, p: { poolId: string; id: string }) =>
    db
      .selectFrom('sessions')
      .select(columnsOf('sessions'))
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id),
  (query) => query.forUpdate(),
);

/** Any of a user's, revoked or not. */
export const findSessionOfUser = statement((db, p: { poolId: string; sub: string }) =>
  db.selectFrom('sessions').select('id').where('pool_id', '=', p.poolId).where('sub', '=', p.sub).limit(1),
);

/** Changes one row for the one caller who exchanges the current token. */
export const rotateSession = statement(
  (
    db,
    p: {
      poolId: string;
      id: string;
      presented: Uint8Array;
      nextDigest: Uint8Array;
      previousUntil: number;
    },
  ) =>
    db
      .updateTable('sessions')
      .set({
        refresh_digest: p.nextDigest,
        previous_digest: p.presented,
        previous_until: p.previousUntil,
      })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id)
      .where('refresh_digest', '=', p.presented)
      .where('revoked', '=', 0),
);

export const revokeSession = statement((db, p: { poolId: string; id: string }) =>
  db.updateTable('sessions').set({ revoked: 1 }).where('pool_id', '=', p.poolId).where('id', '=', p.id),
);

export const revokeSessionsOfUser = statement((db, p: { poolId: string; sub: string }) =>
  db.updateTable('sessions').set({ revoked: 1 }).where('pool_id', '=', p.poolId).where('sub', '=', p.sub),
);
