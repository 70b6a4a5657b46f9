import {
  attemptLimitExceeded,
  codeExpired,
  type ServiceError,
  userDisabled,
  wrongCode,
} from '../../errors.ts';
import { attemptsExhausted } from '../codes/attempt-limit.ts';
import { compareCode, refusalOf, takeRightCode } from '../codes/codes.ts';
import { passwordMaterial, requirePolicy, storePassword } from '../passwords/password-material.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { userOrStandIn } from '../users/find-user.ts';
import { updateUser } from '../users/update-user.ts';
import { takeResetFactor } from './reset-factor.ts';

interface ResetAnswer {
  readonly code: string;
  readonly password: string;
  /** ClientMetadata: where the second factor is, in a pool whose resets take one. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Sets a new password for who holds the code. The password is hashed before the code is looked at, for everybody: a
 * wrong code and an unknown user take the same time, and the unit that consumes the code also stores the password. Where
 * a reset takes a second factor, it is looked at when the code was right, and both are used up or neither.
 * Throws InvalidPasswordException, CodeMismatchException, ExpiredCodeException, LimitExceededException.
 */
export async function confirmRecovery(
  services: Services,
  pool: UserPool,
  client: AppClient,
  name: string,
  { code, password, metadata }: ResetAnswer,
): Promise<void> {
  requirePolicy(pool, password, 'Password does not conform to policy');
  const now = services.clock.now();
  const owner = await services.storage.read(async (unit) => {
    const found = await userOrStandIn(services, unit, pool, client, name);
    if (found.user && !found.user.enabled && !client.hidesUsers) throw userDisabled();
    return { ...found, exhausted: await attemptsExhausted(unit, pool, found.sub, 'reset-password', now) };
  });
  if (owner.exhausted) throw attemptLimitExceeded();
  const material = await passwordMaterial(services, pool, owner, password);

  const refusal = await services.storage.write(async (unit): Promise<ServiceError | undefined> => {
    // The name may have passed to somebody else while the password was hashed.
    const { user, sub } = await userOrStandIn(services, unit, pool, client, name);
    if (sub !== owner.sub) return codeExpired();
    const holder = { sub, purpose: 'reset-password' as const };
    const compared = await compareCode(services, unit, pool, holder, code);
    if (compared.outcome !== 'right') return refusalOf(compared);
    if (user?.enabled) {
      const { attribute } = compared;
      const factorRefused = await takeResetFactor(services, unit, pool, user, attribute, metadata);
      if (factorRefused) return factorRefused;
    }
    const consumed = await takeRightCode(unit, pool, holder, compared);
    if (consumed.outcome !== 'consumed') return refusalOf(consumed);
    // A stand-in's code was told to nobody; a disabled user's stays unanswered like a wrong one.
    if (!user?.enabled) return wrongCode();
    const now = services.clock.now();
    await updateUser(unit, pool, user, { status: 'CONFIRMED' }, { now });
    await storePassword(unit, user, material, { status: 'CONFIRMED', now });
    return undefined;
  });
  // Thrown in the unit, it would take back the attempt that was counted.
  if (refusal) throw refusal;
}
