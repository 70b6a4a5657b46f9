import {
  attemptLimitExceeded,
  codeExpired,
  resetFactorMissing,
  ServiceError,
  softwareTokenUsed,
  wrongCode,
} from '../../errors.ts';
import type { Unit } from '../../storage/unit.ts';
import { attemptAllowed } from '../codes/attempt-limit.ts';
import { compareCode, issueCode, refusalOf, takeRightCode } from '../codes/codes.ts';
import { enqueueMessage } from '../delivery/enqueue-message.ts';
import { channelOf } from '../delivery/masked-destination.ts';
import type { SendingUnit } from '../delivery/write-and-send.ts';
import { askedFactors } from '../mfa/asked-factors.ts';
import { addressOf, type Factors, factorsOf, storeFactors } from '../mfa/factors.ts';
import { findRecoveryCode, withoutRecoveryCode } from '../mfa/recovery-codes.ts';
import { checkTotp } from '../mfa/totp.ts';
import { factorsOfPool, type SecondFactor } from '../pools/mfa-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';

const PURPOSE = 'reset-factor';
const RECOVERY_CODE = 'RECOVERY_CODE';

/**
 * Of the factors that a sign-in asks for, the one that a reset takes beside a code sent to `resetAttribute`: it goes
 * another way than that code. An authenticator app comes first, because nothing has to be sent for it.
 */
function apartFrom(resetAttribute: string, asked: readonly SecondFactor[]): SecondFactor | undefined {
  if (asked.includes('SOFTWARE_TOKEN_MFA')) return 'SOFTWARE_TOKEN_MFA';
  return asked.find((factor) => addressOf[factor] !== resetAttribute);
}

/**
 * Sends the second factor's code, where the pool's resets take one and the user's is sent. For everybody else it is
 * simulated: who has which factor, and who exists, costs the same work.
 */
export async function sendResetFactor(
  services: Services,
  unit: SendingUnit,
  pool: UserPool,
  to: { sub: string; username: string; user: User | undefined; resetAttribute: string },
): Promise<void> {
  if (!pool.settings.recovery.secondFactor) return;
  const [anySent] = factorsOfPool(pool.config).flatMap((factor) => addressOf[factor] ?? []);
  if (anySent === undefined) return;
  const { sub, username, user } = to;
  const factor = user && apartFrom(to.resetAttribute, askedFactors(services, pool, user));
  const attribute = factor && addressOf[factor];
  const holder = { sub, purpose: PURPOSE, attribute: attribute ?? anySent } as const;
  const { code, expiresAt } = await issueCode(services, unit, pool, holder);
  await enqueueMessage(services, unit, pool, {
    sub,
    username,
    user: attribute && user,
    channel: channelOf(holder.attribute),
    destination: attribute && user?.attributes[attribute],
    // Apart from the reset code's, as the two addresses of a user are.
    countsAs: `${sub}/${PURPOSE}`,
    kind: 'authentication',
    triggerSource: 'CustomMessage_Authentication',
    purpose: PURPOSE,
    code,
    expiresAt,
  });
}

/** Uses up a second factor that was right, in the unit that compared it. */
type UseFactor = () => Promise<unknown>;

const nothingToUse: UseFactor = async () => {};

/**
 * Counts and compares the second factor that a reset takes in a pool with `recovery.secondFactor`, out of the request's
 * ClientMetadata. To be called in the unit that resets the password, once its code was right. Resolves to what uses it
 * up, or to the refusal, which the caller returns from its unit: thrown, it would take the count back.
 */
export async function checkResetFactor(
  services: Services,
  unit: Unit,
  pool: UserPool,
  user: User,
  resetAttribute: string,
  metadata: Readonly<Record<string, string>>,
): Promise<ServiceError | UseFactor> {
  if (!pool.settings.recovery.secondFactor) return nothingToUse;
  const asked = askedFactors(services, pool, user);
  if (asked.length === 0) return nothingToUse;
  const factor = apartFrom(resetAttribute, asked);
  // Since the code was sent its address has become the second factor: the next code goes elsewhere.
  if (factor === undefined) return codeExpired();

  const factors = factorsOf(services, user);
  const hasRecoveryCodes = pool.settings.mfa.recoveryCodes && factors.recoveryCodes !== undefined;
  const keys = [`${factor}_CODE`, ...(hasRecoveryCodes ? [RECOVERY_CODE] : [])];
  const key = keys.find((name) => metadata[name] !== undefined);
  if (key === undefined) return resetFactorMissing(keys);
  const given = metadata[key] as string;
  if (key !== RECOVERY_CODE && factor !== 'SOFTWARE_TOKEN_MFA') {
    return checkSentCode(services, unit, pool, user, addressOf[factor], given);
  }
  const now = services.clock.now();
  if (!(await attemptAllowed(unit, pool, user.sub, PURPOSE, now))) return attemptLimitExceeded();
  const left =
    key === RECOVERY_CODE
      ? withoutGivenCode(services, pool, user, factors, given)
      : withUsedToken(factors, given, now);
  return left instanceof ServiceError ? left : () => storeFactors(services, unit, user, left);
}

async function checkSentCode(
  services: Services,
  unit: Unit,
  pool: UserPool,
  { sub }: User,
  attribute: string,
  given: string,
): Promise<ServiceError | UseFactor> {
  const holder = { sub, purpose: PURPOSE } as const;
  const compared = await compareCode(services, unit, pool, holder, given);
  if (compared.outcome !== 'right') return refusalOf(compared);
  // It was sent when another factor was asked for.
  if (compared.attribute !== attribute) return codeExpired();
  return () => takeRightCode(unit, pool, holder, compared);
}

function withUsedToken(factors: Factors, given: string, now: number): Factors | ServiceError {
  const { token } = factors;
  if (token === undefined) return wrongCode();
  const { lastStep } = token;
  const checked = checkTotp(Buffer.from(token.seed, 'base64'), given, { now, lastStep });
  if (checked.outcome === 'used') return softwareTokenUsed();
  if (checked.outcome === 'wrong') return wrongCode();
  return { ...factors, token: { ...token, lastStep: checked.step } };
}

function withoutGivenCode(
  services: Services,
  pool: UserPool,
  user: User,
  factors: Factors,
  given: string,
): Factors | ServiceError {
  const digest = findRecoveryCode(services, pool, user, factors, given);
  return digest === undefined ? wrongCode() : withoutRecoveryCode(factors, digest);
}
