import { timingSafeEqual } from 'node:crypto';
import { attemptLimitExceeded, codeExpired, wrongCode } from '../../errors.ts';
import { DAY } from '../../platform/duration.ts';
import { newCode } from '../../platform/random.ts';
import { deleteCode, findCode, putCode } from '../../storage/repositories/codes.ts';
import type { CodePurpose } from '../../storage/schema/codes.ts';
import type { Unit } from '../../storage/unit.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { attemptAllowed, type LimitedAction } from './attempt-limit.ts';

interface Holder {
  readonly sub: string;
  readonly purpose: CodePurpose;
}

/** How long a code of each purpose is good for, ms. */
export const lifetimeOf = (pool: UserPool, purpose: CodePurpose) =>
  purpose === 'reset-password' ? pool.settings.recovery.codeLifetime : DAY;

function digestOf(services: Services, pool: UserPool, holder: Holder, code: string): Buffer {
  return services.keyring.digest('code', `${pool.id}/${holder.sub}/${holder.purpose}/${code}`);
}

/** Makes the one live code of a user and purpose; whichever there was before no longer works. */
export async function issueCode(
  services: Services,
  unit: Unit,
  pool: UserPool,
  holder: Holder & { attribute: string },
): Promise<{ code: string; expiresAt: number }> {
  const code = newCode();
  const expiresAt = services.clock.now() + lifetimeOf(pool, holder.purpose);
  await putCode.run(unit, {
    poolId: pool.id,
    sub: holder.sub,
    purpose: holder.purpose,
    digest: digestOf(services, pool, holder, code),
    attribute: holder.attribute,
    expiresAt,
  });
  return { code, expiresAt };
}

export type CodeOutcome =
  | { outcome: 'consumed'; attribute: string }
  | { outcome: 'limited' | 'expired' | 'mismatch' };

/**
 * Counts the attempt, compares, and consumes the code, all in the caller's unit: of many callers with the right code
 * one gets `consumed`. Return the outcome from the unit and hand it to `requireConsumed` after the commit: thrown
 * inside, it would take the counted attempt back.
 */
export async function consumeCode(
  services: Services,
  unit: Unit,
  pool: UserPool,
  holder: Holder,
  code: string,
  action: LimitedAction,
): Promise<CodeOutcome> {
  const now = services.clock.now();
  if (!(await attemptAllowed(unit, pool, holder.sub, action, now))) return { outcome: 'limited' };
  const key = { poolId: pool.id, sub: holder.sub, purpose: holder.purpose };
  const live = await findCode.first(unit, key);
  const digest = digestOf(services, pool, holder, code);
  if (live === undefined || live.expires_at <= now) return { outcome: 'expired' };
  if (!timingSafeEqual(live.digest, digest)) return { outcome: 'mismatch' };
  if ((await deleteCode.run(unit, { ...key, digest })) !== 1) return { outcome: 'expired' };
  return { outcome: 'consumed', attribute: live.attribute };
}

export function requireConsumed(
  result: CodeOutcome,
): asserts result is Extract<CodeOutcome, { outcome: 'consumed' }> {
  if (result.outcome === 'limited') throw attemptLimitExceeded();
  if (result.outcome === 'expired') throw codeExpired();
  if (result.outcome === 'mismatch') throw wrongCode();
}
