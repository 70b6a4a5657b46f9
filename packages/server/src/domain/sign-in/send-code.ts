import { attemptLimitExceeded } from '../../errors.ts';
import { MINUTE } from '../../platform/duration.ts';
import { newCode } from '../../platform/random.ts';
import { attemptAllowed } from '../codes/attempt-limit.ts';
import { enqueueMessage } from '../delivery/enqueue-message.ts';
import { channelOf, deliveryDetails } from '../delivery/masked-destination.ts';
import type { SendingUnit } from '../delivery/write-and-send.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { type SentCode, sessionOf } from './challenge-token.ts';
import type { SignInRequest, SignInResult } from './sign-in-result.ts';

/** Challenges whose answer was sent by SMS or email. */
export type CodeStep = 'SMS_MFA' | 'EMAIL_OTP' | 'SMS_OTP';

/** As long as Amazon Cognito's: the code that stands for a password is longer than the one that comes after it. */
const digitsOf = ({ first }: Pick<SentCode, 'first'>) => (first ? 8 : 6);

/** A first factor is guessed at by anybody, a second one by who has the password: neither locks the other out. */
export const factorOf = (step: CodeStep, { first }: Pick<SentCode, 'first'>) =>
  `${first ? 'first' : 'second'}-factor:${step}` as const;
/** Codes that were sent and not answered. */
export const sendingOf = (...factor: Parameters<typeof factorOf>) => `send:${factorOf(...factor)}` as const;

export const digestOf = (services: Services, poolId: string, sub: string, code: string) =>
  services.keyring.digest('code', `${poolId}/${sub}/sign-in/${code}`);

/**
 * Sends a code and answers with the challenge for it: the code's hash travels in the session, so each sign-in has a code
 * of its own. `user` undefined simulates it for a stand-in. Throws LimitExceededException when too many codes were sent and
 * not answered.
 */
export async function sendSignInCode(
  request: SignInRequest,
  unit: SendingUnit,
  step: CodeStep,
  to: Omit<SentCode, 'digest'> & { sub: string; user: User | undefined; countsAs?: string },
): Promise<SignInResult> {
  const { services, pool, client } = request;
  const { sub, user, countsAs, ...facts } = to;
  const now = services.clock.now();
  // Thrown: what is not sent is not counted as sent, and the step before it can be taken another way.
  if (!(await attemptAllowed(unit, pool, sub, sendingOf(step, facts), now))) throw attemptLimitExceeded();
  const code = newCode(digitsOf(facts));
  const session = sessionOf(services, client, step, sub, {
    ...facts,
    digest: digestOf(services, pool.id, sub, code).toString('base64'),
  });
  const { attribute, address, username } = facts;
  await enqueueMessage(services, unit, pool, {
    sub,
    username,
    user,
    channel: channelOf(attribute),
    destination: user && address,
    countsAs,
    kind: 'authentication',
    triggerSource: 'CustomMessage_Authentication',
    purpose: undefined,
    code,
    expiresAt: now + client.config.AuthSessionValidity * MINUTE,
  });
  const { DeliveryMedium = '', Destination = '' } = deliveryDetails(attribute, address);
  return {
    ChallengeName: step,
    Session: session,
    ChallengeParameters: {
      CODE_DELIVERY_DELIVERY_MEDIUM: DeliveryMedium,
      CODE_DELIVERY_DESTINATION: Destination,
    },
  };
}
