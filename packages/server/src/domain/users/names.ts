import { aliasExists } from '../../errors.ts';
import { dropCodesSentTo } from '../../storage/repositories/attempts.ts';
import {
  deleteSignInNamesOfKind,
  findSignInName,
  insertSignInName,
} from '../../storage/repositories/sign-in-names.ts';
import { findUser, updateUserAttributes } from '../../storage/repositories/users.ts';
import type { NameKind } from '../../storage/schema/sign-in-names.ts';
import type { Unit } from '../../storage/unit.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { isVerified, type User, userFromRow } from './user.ts';

export type AliasKind = Exclude<NameKind, 'username'>;
const aliasKinds: readonly AliasKind[] = ['email', 'phone_number', 'preferred_username'];

/** The form in which names are compared: a case-insensitive pool folds them. */
export const foldName = (pool: UserPool, name: string) => (pool.caseSensitive ? name : name.toLowerCase());

/** What may be typed in place of the username, now: the aliases in force. */
function activeAliases(
  pool: UserPool,
  user: Pick<User, 'attributes' | 'status'>,
): Partial<Record<AliasKind, string>> {
  const names: Partial<Record<AliasKind, string>> = {};
  for (const kind of aliasKinds) {
    const value = user.attributes[kind];
    if (value && isActive(pool, user, kind)) names[kind] = foldName(pool, value);
  }
  return names;
}

function isActive(pool: UserPool, user: Pick<User, 'attributes' | 'status'>, kind: AliasKind): boolean {
  if (kind !== 'preferred_username' && pool.config.UsernameAttributes?.includes(kind)) return true;
  if (!pool.config.AliasAttributes?.includes(kind)) return false;
  return kind === 'preferred_username' ? user.status !== 'UNCONFIRMED' : isVerified(user, kind);
}

/**
 * Brings the aliases on file from what `before` had to what `after` has. Throws AliasExistsException when another user
 * holds one, unless `force` takes it from them; they keep the attribute, unverified.
 */
export async function syncAliases(
  unit: Unit,
  pool: UserPool,
  sub: string,
  before: Pick<User, 'attributes' | 'status'> | undefined,
  after: Pick<User, 'attributes' | 'status'>,
  options: { force: boolean; now: number; taken?: (kind: AliasKind) => Error },
): Promise<void> {
  const held = before ? activeAliases(pool, before) : {};
  const wanted = activeAliases(pool, after);
  for (const kind of aliasKinds) {
    if (held[kind] === wanted[kind]) continue;
    if (held[kind] !== undefined) await deleteSignInNamesOfKind.run(unit, { poolId: pool.id, sub, kind });
    const name = wanted[kind];
    if (name === undefined) continue;
    const row = { poolId: pool.id, name, kind, sub };
    if ((await insertSignInName.run(unit, row)) === 1) continue;
    const holder = await findSignInName.first(unit, { poolId: pool.id, name });
    // One user may hold the same text twice, as username and as preferred_username.
    if (holder?.sub === sub) continue;
    if (
      !options.force ||
      holder === undefined ||
      holder.kind === 'username' ||
      kind === 'preferred_username'
    ) {
      throw options.taken?.(kind) ?? aliasExists(kind);
    }
    await deleteSignInNamesOfKind.run(unit, { poolId: pool.id, sub: holder.sub, kind: holder.kind });
    await unverify(unit, pool, holder.sub, kind, options.now);
    await insertSignInName.run(unit, row);
  }
}

async function unverify(
  unit: Unit,
  pool: UserPool,
  sub: string,
  kind: AliasKind,
  now: number,
): Promise<void> {
  const row = await findUser.first(unit, { poolId: pool.id, sub });
  if (row === undefined) return;
  const attributes = { ...userFromRow(row).attributes, [`${kind}_verified`]: 'false' };
  await updateUserAttributes.run(unit, { poolId: pool.id, sub, attributes: JSON.stringify(attributes), now });
  // Nor does a code that is out prove it any longer.
  await dropCodesSentTo.run(unit, { poolId: pool.id, sub, attribute: kind });
}
