import type { AttributeType } from '@poolkeeper/model';
import type { UserRow } from '../../storage/repositories/users.ts';
import type { UserStatus } from '../../storage/schema/users.ts';

export type Attributes = Readonly<Record<string, string>>;

/** An address, and when it stops to matter; milliseconds since the epoch. */
export interface PassingAddress {
  readonly address: string;
  readonly until: number;
}

/** What `attributes` do not show of a change of address. */
export type AddressChanges = {
  readonly [Attribute in 'email' | 'phone_number']?: {
    /** Takes the place of the attribute once a code that went to it is shown (`address-changes.ts`). */
    readonly pending?: PassingAddress;
    /** Was verified until the attribute changed to an address that is not (`previous-address.ts`). */
    readonly previous?: PassingAddress;
  };
};

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
  readonly addressChanges: AddressChanges;
  /** Where the newest invitation went, by attribute: the addresses that an administrator vouched for. */
  readonly invitedTo: Attributes;
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
    addressChanges: row.address_changes === null ? {} : (JSON.parse(row.address_changes) as AddressChanges),
    invitedTo: row.invited_to === null ? {} : (JSON.parse(row.invited_to) as Attributes),
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
