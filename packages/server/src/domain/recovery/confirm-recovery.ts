import {
  attemptLimitExceeded,
  cannotResetInState,
  codeExpired,
  passwordUsedBefore,
  ServiceError,
  userDisabled,
  wrongCode,
} from '../../errors.ts';
import type { Unit } from '../../storage/unit.ts';
import { attemptsExhausted } from '../codes/attempt-limit.ts';
import { compareCode, isStillRight, type RightCode, refusalOf, takeRightCode } from '../codes/codes.ts';
import type { AddressAttribute } from '../delivery/masked-destination.ts';
import { requireAcceptable } from '../passwords/check-password.ts';
import { isAmong, rememberedHashes } from '../passwords/password-history.ts';
import { type PasswordMaterial, passwordMaterial, storePassword } from '../passwords/password-material.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { signOutEverywhere } from '../tokens/sign-out.ts';
import type { Metadata } from '../triggers/event.ts';
import { postConfirmation } from '../triggers/post-confirmation.ts';
import { userOrStandIn } from '../users/find-user.ts';
import { updateUser } from '../users/update-user.ts';
import { type Attributes, isVerified, type User } from '../users/user.ts';
import { metadataForFunctions } from './own-metadata.ts';
import { isProvable, mayRecover } from './recovery-address.ts';
import { outcomeOf, type RecoveryRequest, recordRecovery, withRecord } from './recovery-record.ts';
import { checkResetFactor } from './reset-factor.ts';

interface ResetAnswer {
  readonly code: string;
  readonly password: string;
  /** ClientMetadata: where the second factor is, in a pool whose resets take one. */
  readonly metadata: Metadata | undefined;
}

/** The user, as they are with their new password. */
interface Done {
  readonly user: User;
}

/** A code that was right and is counted, before the new password was compared with those that the pool remembers. */
interface ToCompare {
  readonly right: RightCode;
  /** `passwordHash` as it was then. */
  readonly current: string | null;
  readonly hashes: readonly string[];
}

/** The same after it. */
type Compared = ToCompare & { readonly usedBefore: boolean };

/**
 * Sets a new password for who holds the code. The password is hashed before the code is looked at, for everybody: a
 * wrong code and an unknown user take the same time, and the unit that consumes the code also stores the password. Where
 * a reset takes a second factor, it is looked at when the code was right, and both are used up or neither.
 *
 * In a pool that remembers passwords the right code comes first, in a unit that counts the attempt: only then is the new
 * password compared with old ones, for that takes long, and what it tells is for the user. A second unit takes the code.
 * Throws InvalidPasswordException, CodeMismatchException, ExpiredCodeException, LimitExceededException,
 * PasswordHistoryPolicyViolationException, which leaves the code as it is; and what the pool's PostConfirmation function
 * makes `runTrigger` throw, when the password is set.
 */
export async function confirmRecovery(
  services: Services,
  pool: UserPool,
  client: AppClient,
  name: string,
  answer: ResetAnswer,
): Promise<void> {
  const request = { operation: 'ConfirmForgotPassword', client, name } as const;
  const { user } = await withRecord(services, pool, request, () => confirm(services, pool, request, answer));
  const caller = { clientId: client.id, clientMetadata: metadataForFunctions(pool, answer.metadata) };
  await postConfirmation(services, pool, 'PostConfirmation_ConfirmForgotPassword', user, caller);
}

/** Resolves to the refusal where an attempt was counted: thrown in the unit, it would take that back. */
async function confirm(
  services: Services,
  pool: UserPool,
  request: RecoveryRequest & { readonly client: AppClient },
  answer: ResetAnswer,
): Promise<ServiceError | Done> {
  const { client, name } = request;
  const { password } = answer;
  await requireAcceptable(services, pool, password, 'Password does not conform to policy');
  const now = services.clock.now();
  const owner = await services.storage.read(async (unit) => {
    const found = await userOrStandIn(services, unit, pool, client, name);
    if (found.user && !found.user.enabled && !client.hidesUsers) throw userDisabled();
    return { ...found, exhausted: await attemptsExhausted(unit, pool, found.sub, 'reset-password', now) };
  });
  if (owner.exhausted) throw attemptLimitExceeded();
  const material = await passwordMaterial(services, pool, owner, password);

  const reset = (compared?: Compared) =>
    services.storage.write(async (unit) => {
      // The name may have passed to somebody else while the password was hashed.
      const { user, sub } = await userOrStandIn(services, unit, pool, client, name);
      if (sub !== owner.sub) throw codeExpired();
      const holder = { sub, purpose: 'reset-password' as const };
      const code = compared?.right ?? (await compareCode(services, unit, pool, holder, answer.code));
      const outcome =
        code.outcome === 'right'
          ? await resetPassword(services, unit, pool, { user, sub }, code, answer, material, compared)
          : refusalOf(code);
      const facts = { user, sub, attempts: code.attempts };
      if (outcome instanceof ServiceError) {
        recordRecovery(services, unit, pool, request, {
          ...facts,
          outcome: outcomeOf(outcome),
          error: outcome,
        });
      } else if ('user' in outcome) {
        recordRecovery(services, unit, pool, request, { ...facts, outcome: 'password-set' });
      }
      return outcome;
    });
  const outcome = await reset();
  if (outcome instanceof ServiceError || 'user' in outcome) return outcome;
  // The attempt was counted: it must not end in a TooManyRequestsException.
  const usedBefore = await isAmong(outcome.hashes, password, { lane: owner.sub, admitted: true });
  return (await reset({ ...outcome, usedBefore })) as ServiceError | Done;
}

async function resetPassword(
  services: Services,
  unit: Unit,
  pool: UserPool,
  { user, sub }: { user: User | undefined; sub: string },
  right: RightCode,
  { metadata }: ResetAnswer,
  material: PasswordMaterial,
  compared: Compared | undefined,
): Promise<ServiceError | ToCompare | Done> {
  const holder = { sub, purpose: 'reset-password' as const };
  if (compared !== undefined) {
    // Who set another password meanwhile dropped the code as well.
    const unchanged = user?.passwordHash === compared.current;
    if (!unchanged || !(await isStillRight(unit, pool, holder, right))) return codeExpired();
  } else if (user?.enabled) {
    const hashes = await rememberedHashes(unit, pool, user);
    if (hashes.length > 0) return { right, current: user.passwordHash, hashes };
  }
  if (user?.enabled) {
    if (!mayRecover(pool, user, true)) return cannotResetInState();
    const factor = await checkResetFactor(services, unit, pool, user, right.attribute, metadata ?? {});
    if (factor instanceof ServiceError) return factor;
    if (compared?.usedBefore) return passwordUsedBefore();
    await factor();
  }
  const consumed = await takeRightCode(unit, pool, holder, right);
  if (consumed.outcome !== 'consumed') return refusalOf(consumed);
  // A stand-in's code was told to nobody; a disabled user's stays unanswered like a wrong one.
  if (!user?.enabled) return wrongCode();
  const now = services.clock.now();
  const proven = provenBy(pool, user, right.attribute as AddressAttribute);
  const changes = { ...proven, status: 'CONFIRMED' as const };
  await updateUser(unit, pool, user, changes, { now });
  await storePassword(unit, pool, user, material, { status: 'CONFIRMED', now });
  if (pool.settings.recovery.revokeSessions) await signOutEverywhere(unit, user, now);
  return { user: { ...user, ...changes } };
}

/** Who recovers by the address that they were invited or signed up at has shown that it is theirs. */
function provenBy(pool: UserPool, user: User, attribute: AddressAttribute): { attributes?: Attributes } {
  if (isVerified(user, attribute) || !isProvable(pool, user, attribute)) return {};
  return { attributes: { ...user.attributes, [`${attribute}_verified`]: 'true' } };
}
