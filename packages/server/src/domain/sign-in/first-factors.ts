import { demandedFactor } from '../mfa/demanded-factor.ts';
import { factorsOf } from '../mfa/factors.ts';
import type { PoolConfig } from '../pools/pool-config.ts';
import { firstFactorsOf } from '../pools/sign-in-policy.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { isVerified, type User } from '../users/user.ts';
import type { Claimant } from './claimant.ts';
import type { SignInRequest } from './sign-in-result.ts';

/** The attribute that each code goes to. */
export const attributeOf = { EMAIL_OTP: 'email', SMS_OTP: 'phone_number' } as const;
/** A code that stands for the password. */
export type CodeFactor = keyof typeof attributeOf;
export type FirstFactor = 'PASSWORD_SRP' | 'PASSWORD' | CodeFactor;

const PASSWORDS: readonly FirstFactor[] = ['PASSWORD_SRP', 'PASSWORD'];

/** The codes that a pool takes in place of a password; users of a pool that takes any may do without one. */
export const codeFactorsOf = (config: PoolConfig): readonly CodeFactor[] =>
  (['EMAIL_OTP', 'SMS_OTP'] as const).filter((factor) => firstFactorsOf(config).includes(factor));

/** Whether a user has proven to own the address that a code goes to. */
export const isProven = (user: User, factor: CodeFactor) =>
  isVerified(user, attributeOf[factor]) && !!user.attributes[attributeOf[factor]];

/**
 * What AvailableChallenges lists, in Amazon Cognito's order. Where the client hides users there are two lists only, the
 * pool's factors with its codes and without, and a stand-in has one of them as a user might: what a user in particular
 * lacks, a password or a phone number, would tell that they exist.
 */
export function offeredTo({ services, pool, client }: SignInRequest, claimant: Claimant): FirstFactor[] {
  const codes = codeFactorsOf(pool.config);
  const { user } = claimant;
  const usable = user && takesCodes(services, pool, user) ? codes.filter((code) => isProven(user, code)) : [];
  if (client.hidesUsers) {
    const codesToo = user === undefined ? standInTakesCodes(services, pool, claimant.sub) : usable.length > 0;
    return [...PASSWORDS, ...(codesToo ? codes : [])];
  }
  return [...(user?.passwordHash ? PASSWORDS : []), ...usable];
}

/** A code is for confirmed users, and would be the only factor of a user who has a second one. */
const takesCodes = (services: Services, pool: UserPool, user: User) =>
  user.status === 'CONFIRMED' && demandedFactor(pool, user, factorsOf(services, user)) === undefined;

/** One in eight does not, as one in some users does not: who sees no code cannot conclude that there is a user. */
function standInTakesCodes(services: Services, pool: UserPool, sub: string): boolean {
  const seed = services.keyring.digest('simulation', `first-factors/${pool.id}/${sub}`);
  return (seed[0] as number) >= 32;
}
