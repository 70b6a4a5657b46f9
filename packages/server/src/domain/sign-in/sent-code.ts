import { timingSafeEqual } from 'node:crypto';
import { invalidSession, ServiceError, wrongChallengeCode } from '../../errors.ts';
import { uncountAttempt } from '../../storage/repositories/attempts.ts';
import type { Unit } from '../../storage/unit.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { updateUser } from '../users/update-user.ts';
import { isVerified, type User } from '../users/user.ts';
import { readSession, type SentCode } from './challenge-token.ts';
import { requireOffered } from './mfa-setup.ts';
import { type CodeStep, digestOf, factorOf, sendingOf } from './send-code.ts';
import { required } from './sign-in-parameters.ts';
import { proceed, type SignInRequest, type SignInResult } from './sign-in-result.ts';
import { takeAnswer } from './take-answer.ts';

/** SMS_MFA, EMAIL_OTP and SMS_OTP: the code that was sent. */
export const answerSentCode =
  (step: CodeStep) =>
  async (request: SignInRequest, session: string | undefined): Promise<SignInResult> => {
    const { services, pool, client, parameters } = request;
    const challenge = readSession(services, client, step, session);
    const name = required(parameters, 'USERNAME');
    const given = required(parameters, `${step}_CODE`);
    requireSecretHashParameter(client, parameters['SECRET_HASH'], name, challenge.username);
    const { sub, first = false } = challenge;
    const digests = [
      digestOf(services, pool.id, sub, given),
      Buffer.from(challenge.digest, 'base64'),
    ] as const;

    return proceed(request, sub, { secondFactor: !first }, async (unit, user) => {
      const answer = {
        challenge,
        user,
        given,
        guessesAt: factorOf(step, challenge),
        mayBeRecoveryCode: !first,
        refusal: wrongChallengeCode(),
      };
      const shown = await takeAnswer(request, unit, answer, () => {
        const right = timingSafeEqual(...digests) && isStillTheirs(user, challenge);
        return { outcome: right ? 'right' : 'wrong' } as const;
      });
      if (shown instanceof ServiceError) return shown;
      if (challenge.isNew && user) requireOffered(services, pool, user, 'EMAIL_OTP');
      const now = services.clock.now();
      uncountAttempt.send(unit, { poolId: pool.id, sub, action: sendingOf(step, challenge), now });
      if (user === undefined) throw invalidSession();
      return shown === 'recovery-code' ? user : proveAddress(unit, pool, user, challenge, now);
    });
  };

/** Who was given another address has left the old one, and what is sent there, to somebody else. */
const isStillTheirs = (user: User | undefined, { attribute, address, isNew }: SentCode) =>
  isNew || user?.attributes[attribute] === address;

/**
 * The right code shows whose address it is. Not where that would make it an alias: then another user may have it, and a
 * sign-in is no place to find out.
 */
async function proveAddress(
  unit: Unit,
  pool: UserPool,
  user: User,
  { attribute, address, isNew }: SentCode,
  now: number,
): Promise<User> {
  const known = isVerified(user, attribute) || pool.config.AliasAttributes?.includes(attribute);
  if (!isNew && known) return user;
  const attributes = { ...user.attributes, [attribute]: address, [`${attribute}_verified`]: 'true' };
  await updateUser(unit, pool, user, { attributes }, { now });
  return { ...user, attributes };
}
