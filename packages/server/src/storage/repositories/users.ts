import type { Selectable } from 'kysely';
import { columnsOf, tables } from '../schema/tables.ts';
import type { UserStatus, UsersTable } from '../schema/users.ts';
import { statement } from '../statement.ts';
import type { Unit } from '../unit.ts';

export type UserRow = Selectable<UsersTable>;

export const insertUser = statement(
  (
    db,
    p: {
      poolId: string;
      sub: string;
      username: string;
      status: UserStatus;
      attributes: string;
      passwordHash: string | null;
      sealedVerifier: Uint8Array | null;
      temporaryUntil: number | null;
      now: number;
    },
  ) =>
    db.insertInto('users').values({
      pool_id: p.poolId,
      sub: p.sub,
      username: p.username,
      status: p.status,
      enabled: 1,
      attributes: p.attributes,
      password_hash: p.passwordHash,
      sealed_verifier: p.sealedVerifier,
      temporary_until: p.temporaryUntil,
      signed_out_at: 0,
      created_at: p.now,
      updated_at: p.now,
    }),
);

/** In a unit that writes, it locks the user: who changes what hangs on a user reads the user first. */
export const findUser = statement(
  (db, p: { poolId: string; sub: string }) =>
    db
      .selectFrom('users')
      .select(columnsOf('users'))
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub),
  (query) => query.forUpdate(),
);

const userColumns = columnsOf('users').map((column) => `users.${column}` as const);

/** By any of the names in `sign_in_names`; `matched_kind` tells which. Locks as `findUser` does. */
export const findUserByName = statement(
  (db, p: { poolId: string; name: string }) =>
    db
      .selectFrom('sign_in_names')
      .innerJoin('users', (join) =>
        join
          .onRef('users.pool_id', '=', 'sign_in_names.pool_id')
          .onRef('users.sub', '=', 'sign_in_names.sub'),
      )
      .select(userColumns)
      .select('sign_in_names.kind as matched_kind')
      .where('sign_in_names.pool_id', '=', p.poolId)
      .where('sign_in_names.name', '=', p.name),
  (query) => query.forUpdate('users'),
);

export const updateUserAttributes = statement(
  (db, p: { poolId: string; sub: string; attributes: string; now: number }) =>
    db
      .updateTable('users')
      .set({ attributes: p.attributes, updated_at: p.now })
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub),
);

export const updateUserStatus = statement(
  (db, p: { poolId: string; sub: string; status: UserStatus; now: number }) =>
    db
      .updateTable('users')
      .set({ status: p.status, updated_at: p.now })
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub),
);

export const updateUserEnabled = statement(
  (db, p: { poolId: string; sub: string; enabled: number; now: number }) =>
    db
      .updateTable('users')
      .set({ enabled: p.enabled, updated_at: p.now })
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub),
);

export const updateUserPassword = statement(
  (
    db,
    p: {
      poolId: string;
      sub: string;
      status: UserStatus;
      passwordHash: string;
      sealedVerifier: Uint8Array | null;
      temporaryUntil: number | null;
      now: number;
    },
  ) =>
    db
      .updateTable('users')
      .set({
        status: p.status,
        password_hash: p.passwordHash,
        sealed_verifier: p.sealedVerifier,
        temporary_until: p.temporaryUntil,
        updated_at: p.now,
      })
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub),
);

/** Adds the verifier that a password lacks, as long as the password is still the one it was made from. */
export const addUserVerifier = statement(
  (db, p: { poolId: string; sub: string; passwordHash: string; sealedVerifier: Uint8Array }) =>
    db
      .updateTable('users')
      .set({ sealed_verifier: p.sealedVerifier })
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub)
      .where('password_hash', '=', p.passwordHash),
);

export const updateUserFactors = statement(
  (db, p: { poolId: string; sub: string; sealedFactors: Uint8Array | null }) =>
    db
      .updateTable('users')
      .set({ sealed_factors: p.sealedFactors })
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub),
);

export const updateUserAddressChanges = statement(
  (db, p: { poolId: string; sub: string; addressChanges: string | null }) =>
    db
      .updateTable('users')
      .set({ address_changes: p.addressChanges })
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub),
);

export const updateUserInvitedTo = statement((db, p: { poolId: string; sub: string; invitedTo: string }) =>
  db
    .updateTable('users')
    .set({ invited_to: p.invitedTo })
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub),
);

/** Changes nothing but the row's version: a unit that began before this one, and locks the user, is sent round again. */
export const touchUser = statement((db, p: { poolId: string; sub: string }) =>
  db
    .updateTable('users')
    .set((row) => ({ enabled: row.ref('enabled') }))
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub),
);

export const updateUserSignedOut = statement((db, p: { poolId: string; sub: string; now: number }) =>
  db
    .updateTable('users')
    .set({ signed_out_at: p.now })
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub),
);

export const deleteUserEntirely = [
  statement((db, p: { poolId: string; sub: string }) =>
    db.deleteFrom('password_histories').where('pool_id', '=', p.poolId).where('sub', '=', p.sub),
  ),
  statement((db, p: { poolId: string; sub: string }) =>
    db.deleteFrom('sessions').where('pool_id', '=', p.poolId).where('sub', '=', p.sub),
  ),
  statement((db, p: { poolId: string; sub: string }) =>
    db.deleteFrom('attempts').where('pool_id', '=', p.poolId).where('sub', '=', p.sub),
  ),
  statement((db, p: { poolId: string; sub: string }) =>
    db.deleteFrom('searchable_attributes').where('pool_id', '=', p.poolId).where('sub', '=', p.sub),
  ),
  statement((db, p: { poolId: string; sub: string }) =>
    db.deleteFrom('sign_in_names').where('pool_id', '=', p.poolId).where('sub', '=', p.sub),
  ),
  statement((db, p: { poolId: string; sub: string }) =>
    db.deleteFrom('users').where('pool_id', '=', p.poolId).where('sub', '=', p.sub),
  ),
];

/** A row as a user's: of the usual length in each column. */
const NOBODY = `select ${columnsOf('users')
  .map((column) => {
    const kind = tables.users.columns[column];
    if (kind === 'integer') return `1700000000000 as ${column}`;
    if (column === 'sealed_verifier') return `zeroblob(441) as ${column}`;
    if (column === 'attributes')
      return `'{"email":"somebody@example.com","email_verified":"true"}' as ${column}`;
    if (kind === 'bytes' || column === 'address_changes' || column === 'invited_to')
      return `null as ${column}`;
    return `'${'x'.repeat(column === 'password_hash' ? 97 : 24)}' as ${column}`;
  })
  .join(', ')} from (select 1)`;

/**
 * Reads a user that there is not. In the server's own process the reading of a row takes longer than finding none, by as
 * much as can be told; at the end of a connection it is a small part of the way.
 */
export async function readNobody(unit: Unit): Promise<UserRow | undefined> {
  if (unit.dialect !== 'sqlite') return undefined;
  return (await unit.row(NOBODY, [])) as UserRow | undefined;
}
