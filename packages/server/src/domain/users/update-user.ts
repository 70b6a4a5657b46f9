import { dropCodesSentTo } from '../../storage/repositories/attempts.ts';
import { updateUserAttributes, updateUserStatus } from '../../storage/repositories/users.ts';
import type { UserStatus } from '../../storage/schema/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { addressAttributes, type PendingAddresses, storeAddressChanges } from './address-changes.ts';
import { syncAliases } from './names.ts';
import { indexAttributes } from './searchable.ts';
import type { Attributes, User } from './user.ts';

/**
 * Gives a user other attributes or another status, and keeps aliases and search rows in step. The only way to change
 * either, but for a password that is set. Throws AliasExistsException.
 */
export async function updateUser(
  unit: Unit,
  pool: UserPool,
  user: User,
  changes: { attributes?: Attributes; status?: UserStatus; pending?: PendingAddresses },
  /** `previousUntil`: how long a verified address that is given up for another is remembered; otherwise it is not. */
  options: { now: number; forceAlias?: boolean; previousUntil?: number | undefined },
): Promise<void> {
  const owner = { poolId: pool.id, sub: user.sub };
  const after = {
    attributes: changes.attributes ?? user.attributes,
    status: changes.status ?? user.status,
  };
  const { now, previousUntil } = options;
  await syncAliases(unit, pool, user.sub, user, after, { force: options.forceAlias ?? false, now });
  if (changes.attributes !== undefined) {
    await updateUserAttributes.run(unit, { ...owner, attributes: JSON.stringify(after.attributes), now });
    await indexAttributes(unit, owner, user.attributes, after.attributes);
    const { pending } = changes;
    await storeAddressChanges(unit, user, after.attributes, {
      ...(pending && { pending }),
      previousUntil,
      now,
    });
    // A code proves the address that it went to, and no other.
    for (const attribute of addressAttributes) {
      if (after.attributes[attribute] === user.attributes[attribute]) continue;
      await dropCodesSentTo.run(unit, { ...owner, attribute });
    }
  }
  if (after.status !== user.status) await updateUserStatus.run(unit, { ...owner, status: after.status, now });
}
