import type { AttributeType } from '@poolkeeper/model';
import type { UserRow } from '../../storage/repositories/users.ts';
import type { UserStatus } from '../../storage/schema/users.ts';

export type Attributes = Readonly<Record<string, string>>;

export interface User {
  readonly poolId: string;
  readonly sub: string;
  readonly username: string;
  readonly status: UserStatus;
  readonly enabled: boolean;
  /** Every attribute but `sub`. */
  readonly attributes: Attributes;
  readonly passwordHash: string | null;
  readonly sealedVerifier: Uint8Array | null;
  /** Opened by `factorsOf`. */
  readonly sealedFactors: Uint8Array | null;
  readonly temporaryUntil: number | null;
  readonly signedOutAt: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function userFromRow(row: UserRow): User {
  return {
    poolId: row.pool_id,
    sub: row.sub,
    username: row.username,
    status: row.status,
    enabled: row.enabled === 1,
    attributes: JSON.parse(row.attributes) as Attributes,
    passwordHash: row.password_hash,
    sealedVerifier: row.sealed_verifier,
    sealedFactors: row.sealed_factors,
    temporaryUntil: row.temporary_until,
    signedOutAt: row.signed_out_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export const isVerified = (user: { attributes: Attributes }, attribute: 'email' | 'phone_number') =>
  user.attributes[`${attribute}_verified`] === 'true';

/** As GetUser and its siblings list them: `sub` first; only those in `readable` where it is given. */
export function attributeList(user: User, readable?: ReadonlySet<string>): AttributeType[] {
  const list: AttributeType[] = [{ Name: 'sub', Value: user.sub }];
  for (const [Name, Value] of Object.entries(user.attributes)) {
    if (readable === undefined || readable.has(Name)) list.push({ Name, Value });
  }
  return list;
}
