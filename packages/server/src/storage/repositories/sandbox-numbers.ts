import { statement } from '../statement.ts';
import type { Unit } from '../unit.ts';

export const listSandboxNumbers = statement((db) =>
  db.selectFrom('sandbox_numbers').select(['phone_number', 'status']).orderBy('phone_number'),
);

/** Locks it where it is read to be changed. */
export const findSandboxNumber = statement(
  (db, p: { phoneNumber: string }) =>
    db
      .selectFrom('sandbox_numbers')
      .select(['status', 'code_digest', 'code_expires_at', 'attempts'])
      .where('phone_number', '=', p.phoneNumber),
  (query) => query.forUpdate(),
);

export const isVerifiedNumber = async (unit: Unit, phoneNumber: string): Promise<boolean> =>
  (await findSandboxNumber.first(unit, { phoneNumber }))?.status === 'Verified';

/** Adds a number that is to be verified, or gives one another one-time password and its guesses anew. */
export const putPendingNumber = statement(
  (db, p: { phoneNumber: string; digest: Uint8Array; expiresAt: number; now: number }) =>
    db
      .insertInto('sandbox_numbers')
      .values({
        phone_number: p.phoneNumber,
        status: 'Pending',
        code_digest: p.digest,
        code_expires_at: p.expiresAt,
        attempts: 0,
        created_at: p.now,
        updated_at: p.now,
      })
      .onConflict((conflict) =>
        conflict.column('phone_number').doUpdateSet((row) => ({
          code_digest: row.ref('excluded.code_digest'),
          code_expires_at: row.ref('excluded.code_expires_at'),
          attempts: 0,
          updated_at: row.ref('excluded.updated_at'),
        })),
      ),
);

export const countGuessAtNumber = statement((db, p: { phoneNumber: string; attempts: number; now: number }) =>
  db
    .updateTable('sandbox_numbers')
    .set({ attempts: p.attempts, updated_at: p.now })
    .where('phone_number', '=', p.phoneNumber),
);

export const verifyNumber = statement((db, p: { phoneNumber: string; now: number }) =>
  db
    .updateTable('sandbox_numbers')
    .set({ status: 'Verified', code_digest: null, code_expires_at: null, attempts: 0, updated_at: p.now })
    .where('phone_number', '=', p.phoneNumber),
);

export const deleteSandboxNumber = statement((db, p: { phoneNumber: string }) =>
  db.deleteFrom('sandbox_numbers').where('phone_number', '=', p.phoneNumber),
);
