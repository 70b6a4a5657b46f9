import { timingSafeEqual } from 'node:crypto';
import { newRecoveryCode } from '../../platform/random.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import type { Factors } from './factors.ts';

const ISSUED = 10;
/** As it is read to somebody, or typed: case, spaces and dashes mean nothing. */
const plain = (code: string) => code.replace(/[\s-]/g, '').toLowerCase();

const digestOf = (services: Services, user: { poolId: string; sub: string }, code: string) =>
  services.keyring.digest('code', `${user.poolId}/${user.sub}/recovery/${plain(code)}`);

/** A new set of codes; none of the old ones is good beside it. Each stands in for a second factor once. */
export function issueRecoveryCodes(
  services: Services,
  user: { poolId: string; sub: string },
  factors: Factors,
): { codes: readonly string[]; factors: Factors } {
  const codes = Array.from({ length: ISSUED }, () => newRecoveryCode());
  const digests = codes.map((code) => digestOf(services, user, code).toString('base64'));
  return { codes, factors: { ...factors, recoveryCodes: { digests, issuedAt: services.clock.now() } } };
}

/** The hash of the user's code that this is; undefined for what is none, and in pools that have none. */
export function findRecoveryCode(
  services: Services,
  pool: UserPool,
  user: User,
  { recoveryCodes }: Factors,
  given: string,
): string | undefined {
  if (!pool.settings.mfa.recoveryCodes || recoveryCodes === undefined) return undefined;
  const digest = digestOf(services, user, given);
  let found: string | undefined;
  for (const stored of recoveryCodes.digests) {
    if (timingSafeEqual(Buffer.from(stored, 'base64'), digest)) found = stored;
  }
  return found;
}

export function withoutRecoveryCode(factors: Factors, digest: string): Factors {
  if (factors.recoveryCodes === undefined) return factors;
  const digests = factors.recoveryCodes.digests.filter((stored) => stored !== digest);
  return { ...factors, recoveryCodes: { ...factors.recoveryCodes, digests } };
}

/** For a user who lost the factors: the next sign-in finds none. What is left of the recovery codes stays good. */
export const withoutSecondFactors = ({ recoveryCodes }: Factors): Factors => ({
  enabled: [],
  ...(recoveryCodes && { recoveryCodes }),
});
