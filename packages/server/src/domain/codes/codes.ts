import { timingSafeEqual } from 'node:crypto';
import { attemptLimitExceeded, codeExpired, type ServiceError, wrongCode } from '../../errors.ts';
import { DAY } from '../../platform/duration.ts';
import type { Keyring } from '../../platform/keyring.ts';
import { newCode } from '../../platform/random.ts';
import {
  countAttempt,
  countAttemptAndPutCode,
  findAttempts,
  putCode,
  takeCode,
} from '../../storage/repositories/attempts.ts';
import type { CodePurpose } from '../../storage/schema/attempts.ts';
import type { Unit } from '../../storage/unit.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { attemptOf, limitOf } from './attempt-limit.ts';

interface Holder {
  readonly sub: string;
  readonly purpose: CodePurpose;
}

export interface IssuedCode {
  readonly code: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** How long a code of each purpose is good for, ms, at most a day; and how many digits it has. */
function shapeOf(pool: UserPool, purpose: CodePurpose): { lifetime: number; digits: number } {
  const { codeLifetime: lifetime, codeLength: digits } = pool.settings.recovery;
  if (purpose === 'reset-password' || purpose === 'reset-factor') return { lifetime, digits };
  return { lifetime: DAY, digits: 6 };
}

function digestOf(keyring: Keyring, poolId: string, holder: Holder, code: string): Buffer {
  return keyring.digest('code', `${poolId}/${holder.sub}/${holder.purpose}/${code}`);
}

/** Whether a code that was issued still works: not used, not replaced, not dropped. */
export async function isLiveCode(
  unit: Unit,
  keyring: Keyring,
  poolId: string,
  holder: Holder,
  code: string,
): Promise<boolean> {
  const live = await findAttempts.first(unit, { poolId, sub: holder.sub, action: holder.purpose });
  return !!live?.digest && timingSafeEqual(live.digest, digestOf(keyring, poolId, holder, code));
}

function newCodeFor(services: Services, pool: UserPool, holder: Holder & { attribute: string }) {
  const now = services.clock.now();
  const { lifetime, digits } = shapeOf(pool, holder.purpose);
  const code = newCode(digits);
  const expiresAt = now + lifetime;
  const row = {
    ...attemptOf(pool, holder.sub, holder.purpose, now),
    digest: digestOf(services.keyring, pool.id, holder, code),
    attribute: holder.attribute,
    codeExpiresAt: expiresAt,
  };
  return { issued: { code, expiresAt }, row };
}

/** Makes the one live code of a user and purpose; whichever there was before no longer works. */
export async function issueCode(
  services: Services,
  unit: Unit,
  pool: UserPool,
  holder: Holder & { attribute: string },
): Promise<IssuedCode> {
  const { issued, row } = newCodeFor(services, pool, holder);
  await putCode.run(unit, row);
  return issued;
}

/**
 * The same as an attempt that counts. `issued` is undefined, and the code before it stays, when the limit is exceeded;
 * `attempts` are those of the running hour.
 */
export async function issueCodeWithinLimit(
  services: Services,
  unit: Unit,
  pool: UserPool,
  holder: Holder & { attribute: string },
): Promise<{ issued: IssuedCode | undefined; attempts: number }> {
  const { issued, row } = newCodeFor(services, pool, holder);
  const limit = limitOf(pool, holder.purpose);
  const counted = await countAttemptAndPutCode.first(unit, { ...row, limit });
  const attempts = counted?.count ?? limit + 1;
  return { issued: attempts <= limit ? issued : undefined, attempts };
}

/** Keeps that a code was right after it was consumed: whoever shows it again did not guess. */
export async function rememberCode(
  services: Services,
  unit: Unit,
  pool: UserPool,
  holder: Holder & { attribute: string },
  code: string,
): Promise<void> {
  const now = services.clock.now();
  await putCode.run(unit, {
    ...attemptOf(pool, holder.sub, holder.purpose, now),
    digest: digestOf(services.keyring, pool.id, holder, code),
    attribute: holder.attribute,
    codeExpiresAt: now + shapeOf(pool, holder.purpose).lifetime,
  });
}

interface Refused {
  readonly outcome: 'limited' | 'expired' | 'mismatch';
  /** Of the running hour, this one among them. */
  readonly attempts: number;
}
export type CodeOutcome = { readonly outcome: 'consumed'; readonly attribute: string } | Refused;

/** The live code was shown, and still works. */
export interface RightCode {
  readonly outcome: 'right';
  /** The attribute whose address it was sent to. */
  readonly attribute: string;
  readonly digest: Buffer;
  readonly attempts: number;
}

/** The first half of `consumeCode`, for who looks at something else before the code is gone. */
export async function compareCode(
  services: Services,
  unit: Unit,
  pool: UserPool,
  holder: Holder,
  code: string,
): Promise<RightCode | Refused> {
  const now = services.clock.now();
  const live = await countAttempt.first(unit, attemptOf(pool, holder.sub, holder.purpose, now));
  const attempts = live?.count ?? 0;
  if (live === undefined || attempts > limitOf(pool, holder.purpose)) return { outcome: 'limited', attempts };
  const digest = digestOf(services.keyring, pool.id, holder, code);
  if (live.digest === null || (live.code_expires_at ?? 0) <= now) return { outcome: 'expired', attempts };
  if (!timingSafeEqual(live.digest, digest)) return { outcome: 'mismatch', attempts };
  return { outcome: 'right', attribute: live.attribute ?? '', digest, attempts };
}

/** Whether a code that was right in a unit before this one still works: not used since, not replaced, not dropped. */
export async function isStillRight(
  unit: Unit,
  pool: UserPool,
  { sub, purpose }: Holder,
  { digest }: RightCode,
): Promise<boolean> {
  const live = await findAttempts.first(unit, { poolId: pool.id, sub, action: purpose });
  return !!live?.digest && timingSafeEqual(live.digest, digest);
}

/** The second half, in the same unit. */
export async function takeRightCode(
  unit: Unit,
  pool: UserPool,
  { sub, purpose }: Holder,
  { attribute, digest, attempts }: RightCode,
): Promise<CodeOutcome> {
  const taken = await takeCode.run(unit, { poolId: pool.id, sub, action: purpose, digest });
  return taken === 1 ? { outcome: 'consumed', attribute } : { outcome: 'expired', attempts };
}

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
): Promise<CodeOutcome> {
  const compared = await compareCode(services, unit, pool, holder, code);
  return compared.outcome === 'right' ? takeRightCode(unit, pool, holder, compared) : compared;
}

/** What a caller is told of a code that was not consumed. */
export function refusalOf({ outcome }: Pick<Refused, 'outcome'>): ServiceError {
  if (outcome === 'limited') return attemptLimitExceeded();
  return outcome === 'expired' ? codeExpired() : wrongCode();
}

export function requireConsumed(
  result: CodeOutcome,
): asserts result is Extract<CodeOutcome, { outcome: 'consumed' }> {
  if (result.outcome !== 'consumed') throw refusalOf(result);
}
