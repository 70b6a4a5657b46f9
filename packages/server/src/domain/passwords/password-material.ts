import { invalidPassword } from '../../errors.ts';
import { hashPassword } from '../../platform/password-hash.ts';
import { dropCode } from '../../storage/repositories/attempts.ts';
import { updateUserPassword } from '../../storage/repositories/users.ts';
import type { UserStatus } from '../../storage/schema/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { createVerifier, packVerifier } from '../sign-in/srp.ts';
import { checkPolicy } from './policy.ts';

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
): Promise<PasswordMaterial> {
  const [hash, sealedVerifier] = await Promise.all([
    hashPassword(password),
    sealedVerifierOf(services, pool, owner, password),
  ]);
  return { hash, sealedVerifier };
}

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

/** How an operation begins its complaint about a weak password; Amazon Cognito words it in three ways. */
export type PolicyComplaint =
  | 'Password did not conform with policy'
  | 'Password did not conform with password policy'
  | 'Password does not conform to policy';

/** Throws InvalidPasswordException with the first rule that the password breaks. */
export function requirePolicy(pool: UserPool, password: string, complaint: PolicyComplaint): void {
  const reason = checkPolicy(pool.config.Policies.PasswordPolicy ?? {}, password);
  if (reason !== undefined) throw invalidPassword(`${complaint}: ${reason}`);
}

/**
 * Stores a password; a reset code still under way no longer works. Who may call this has consumed a code, shown the
 * old password or is an administrator.
 */
export async function storePassword(
  unit: Unit,
  owner: { poolId: string; sub: string },
  material: PasswordMaterial,
  outcome: { status: UserStatus; temporaryUntil?: number; now: number },
): Promise<void> {
  await updateUserPassword.run(unit, {
    poolId: owner.poolId,
    sub: owner.sub,
    status: outcome.status,
    passwordHash: material.hash,
    sealedVerifier: material.sealedVerifier,
    temporaryUntil: outcome.temporaryUntil ?? null,
    now: outcome.now,
  });
  await dropCode.run(unit, { poolId: owner.poolId, sub: owner.sub, action: 'reset-password' });
}
