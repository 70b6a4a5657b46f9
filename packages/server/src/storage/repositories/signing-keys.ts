import { columnsOf } from '../schema/tables.ts';
import { statement } from '../statement.ts';

export const insertSigningKey = statement(
  (
    db,
    p: {
      poolId: string;
      use: 'id' | 'access';
      kid: string;
      publicJwk: string;
      sealedPrivateKey: Uint8Array;
      now: number;
    },
  ) =>
    db.insertInto('signing_keys').values({
      pool_id: p.poolId,
      use: p.use,
      kid: p.kid,
      public_jwk: p.publicJwk,
      sealed_private_key: p.sealedPrivateKey,
      created_at: p.now,
    }),
);

export const findSigningKeys = statement((db, p: { poolId: string }) =>
  db.selectFrom('signing_keys').select(columnsOf('signing_keys')).where('pool_id', '=', p.poolId),
);
