import type { Turn } from '../../platform/fair-queue.ts';
import { hashOfNone, hashPassword } from '../../platform/password-hash.ts';
import { dropCode } from '../../storage/repositories/attempts.ts';
import { updateUserPassword } from '../../storage/repositories/users.ts';
import type { UserStatus } from '../../storage/schema/users.ts';
import type { Unit } from '../../storage/unit.ts';
import { forgetWrongPasswords } from '../codes/lock-out.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { createVerifier, packVerifier } from '../sign-in/srp.ts';
import { rememberPassword } from './password-history.ts';

/** A password in the only forms that are ever stored. */
export interface PasswordMaterial {
  readonly hash: string;
  readonly sealedVerifier: Buffer | null;
}

export const verifierContext = (poolId: string, sub: string) => `users.srp/${poolId}/${sub}`;

/** Hashes a password. It takes tens of milliseconds and belongs outside of every unit of work. */
export async function passwordMaterial(
  services: Services,
  pool: UserPool,
  owner: { sub: string; username: string },
  password: string,
  turn: Turn = { lane: owner.sub },
): Promise<PasswordMaterial> {
  const [hash, sealedVerifier] = await Promise.all([
    hashPassword(password, turn),
    sealedVerifierOf(services, pool, owner, password),
  ]);
  return { hash, sealedVerifier };
}

/** Of a password that nobody is ever told. */
export const untoldPassword = (): PasswordMaterial => ({ hash: hashOfNone(), sealedVerifier: null });

/** Null in a pool whose app clients all do without SRP: a verifier is cheaper to guess at than argon2id. */
export async function sealedVerifierOf(
  services: Services,
  pool: UserPool,
  owner: { sub: string; username: string },
  password: string,
): Promise<Buffer | null> {
  if (!(await services.pools.needsVerifiers(pool.id))) return null;
  const verifier = await createVerifier({ poolName: pool.srpName, userId: owner.username, password });
  return services.keyring.seal(verifierContext(pool.id, owner.sub), packVerifier(verifier));
}

/**
 * Stores a password in place of the owner's as the unit found it; a reset code still under way no longer works, and wrong
 * passwords are forgotten. Who may call this has consumed a code, shown the old password or is an administrator.
 */
export async function storePassword(
  unit: Unit,
  pool: UserPool,
  owner: { sub: string; passwordHash: string | null },
  material: PasswordMaterial,
  outcome: { status: UserStatus; temporaryUntil?: number; now: number },
): Promise<void> {
  const key = { poolId: pool.id, sub: owner.sub };
  await rememberPassword(unit, pool, owner);
  await updateUserPassword.run(unit, {
    ...key,
    status: outcome.status,
    passwordHash: material.hash,
    sealedVerifier: material.sealedVerifier,
    temporaryUntil: outcome.temporaryUntil ?? null,
    now: outcome.now,
  });
  await dropCode.run(unit, { ...key, action: 'reset-password' });
  forgetWrongPasswords(unit, key);
}
