import type { Turn } from '../../platform/fair-queue.ts';
import { verifyPassword } from '../../platform/password-hash.ts';
import {
  dropPasswordHistory,
  findPasswordHistory,
  putPasswordHistory,
} from '../../storage/repositories/password-histories.ts';
import type { Unit } from '../../storage/unit.ts';
import type { UserPool } from '../pools/user-pool.ts';

/** Whose passwords are remembered, as the unit of work found them. */
interface Owner {
  readonly sub: string;
  readonly passwordHash: string | null;
}

/** How many passwords of a user may not come back, the one they have among them; 0: any may. */
const sizeOf = (pool: UserPool) => pool.config.Policies.PasswordPolicy?.PasswordHistorySize ?? 0;

/** Hashes of the passwords that a user may not have again, the newest first. */
export async function rememberedHashes(
  unit: Unit,
  pool: UserPool,
  { sub, passwordHash }: Owner,
): Promise<readonly string[]> {
  const size = sizeOf(pool);
  const current = passwordHash === null ? [] : [passwordHash];
  if (size <= 1) return current.slice(0, size);
  const row = await findPasswordHistory.first(unit, { poolId: pool.id, sub });
  const earlier = row === undefined ? [] : (JSON.parse(row.hashes) as string[]);
  return [...current, ...earlier].slice(0, size);
}

/**
 * Whether a password is the one behind any of the hashes: an argon2id each, up to 24, so it belongs outside of every
 * unit of work, and after what tells that the caller may know. One after the other, so that others' sign-ins go in between.
 */
export async function isAmong(hashes: readonly string[], password: string, turn: Turn): Promise<boolean> {
  for (const [index, hash] of hashes.entries()) {
    if (await verifyPassword(hash, password, index === 0 ? turn : { ...turn, admitted: true })) return true;
  }
  return false;
}

/** To be called in the unit that gives a user another password, before it does. */
export async function rememberPassword(unit: Unit, pool: UserPool, owner: Owner): Promise<void> {
  const key = { poolId: pool.id, sub: owner.sub };
  const earlier = (await rememberedHashes(unit, pool, owner)).slice(0, Math.max(0, sizeOf(pool) - 1));
  if (earlier.length > 0) putPasswordHistory.send(unit, { ...key, hashes: JSON.stringify(earlier) });
  else dropPasswordHistory.send(unit, key);
}
