import type { CodePurpose } from '../schema/codes.ts';
import { statement } from '../statement.ts';

/** The newest code replaces the one before it. */
export const putCode = statement(
  (
    db,
    p: {
      poolId: string;
      sub: string;
      purpose: CodePurpose;
      digest: Uint8Array;
      attribute: string;
      expiresAt: number;
    },
  ) =>
    db
      .insertInto('codes')
      .values({
        pool_id: p.poolId,
        sub: p.sub,
        purpose: p.purpose,
        digest: p.digest,
        attribute: p.attribute,
        expires_at: p.expiresAt,
      })
      .onConflict((conflict) =>
        conflict.columns(['pool_id', 'sub', 'purpose']).doUpdateSet((row) => ({
          digest: row.ref('excluded.digest'),
          attribute: row.ref('excluded.attribute'),
          expires_at: row.ref('excluded.expires_at'),
        })),
      ),
);

export const findCode = statement((db, p: { poolId: string; sub: string; purpose: CodePurpose }) =>
  db
    .selectFrom('codes')
    .selectAll()
    .where('pool_id', '=', p.poolId)
    .where('sub', '=', p.sub)
    .where('purpose', '=', p.purpose),
);

/** Changes one row for the one caller who consumes this very code, none for everyone after. */
export const deleteCode = statement(
  (db, p: { poolId: string; sub: string; purpose: CodePurpose; digest: Uint8Array }) =>
    db
      .deleteFrom('codes')
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub)
      .where('purpose', '=', p.purpose)
      .where('digest', '=', p.digest),
);

export const deleteCodesOfPurpose = statement(
  (db, p: { poolId: string; sub: string; purpose: CodePurpose }) =>
    db
      .deleteFrom('codes')
      .where('pool_id', '=', p.poolId)
      .where('sub', '=', p.sub)
      .where('purpose', '=', p.purpose),
);
