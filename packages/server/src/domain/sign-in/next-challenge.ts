import { mfaMethodNotFound } from '../../errors.ts';
import type { SendingUnit } from '../delivery/write-and-send.ts';
import { type Demand, demandedFactor } from '../mfa/demanded-factor.ts';
import { addressOf, factorsOf } from '../mfa/factors.ts';
import type { SecondFactor } from '../pools/mfa-config.ts';
import { missingAttributes } from '../users/attributes.ts';
import type { User } from '../users/user.ts';
import { credentialOf, sessionOf } from './challenge-token.ts';
import { sendSignInCode } from './send-code.ts';
import type { SignInRequest, SignInResult } from './sign-in-result.ts';

/** What a sign-in has shown beside its first factor. */
export interface Shown {
  readonly secondFactor?: boolean;
  /** The answer to SELECT_MFA_TYPE. */
  readonly chosen?: SecondFactor;
  /** The answer to MFA_SETUP: an address that is to be proven, and then is the user's. */
  readonly newEmail?: string;
  /** A password of one's own, just now. */
  readonly newPassword?: boolean;
  /** The pool's functions let the user in without a password: on Amazon Cognito nothing else is asked for then. */
  readonly custom?: boolean;
}

/**
 * The challenge that stands between a user and their tokens, if one does: a password of their own first, then the second
 * factor. Throws LimitExceededException when its code may not be sent.
 */
export async function nextChallenge(
  request: SignInRequest,
  unit: SendingUnit,
  user: User,
  shown: Shown,
): Promise<SignInResult | undefined> {
  if (shown.custom) return undefined;
  if (user.status === 'FORCE_CHANGE_PASSWORD') return newPasswordRequired(request, user);
  if (shown.secondFactor) return undefined;
  if (shown.newEmail !== undefined) return sendCode(request, unit, user, 'EMAIL_OTP', shown.newEmail);
  const { services, pool } = request;
  const demand: Demand | undefined =
    shown.chosen === undefined
      ? demandedFactor(pool, user, factorsOf(services, user))
      : { ask: shown.chosen };
  if (demand === undefined) return undefined;
  if ('ask' in demand) return askFor(request, unit, user, demand.ask);
  return 'choose' in demand
    ? selectMfaType(request, user, demand.choose)
    : mfaSetup(request, user, demand.setUp);
}

function newPasswordRequired({ services, pool, client }: SignInRequest, user: User): SignInResult {
  const missing = missingAttributes(pool, user.attributes).map((name) => `userAttributes.${name}`);
  const { temporaryUntil } = user;
  return {
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: sessionOf(services, client, 'NEW_PASSWORD_REQUIRED', user.sub, { temporaryUntil }),
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: JSON.stringify(missing),
      userAttributes: JSON.stringify(user.attributes),
    },
  };
}

async function askFor(
  request: SignInRequest,
  unit: SendingUnit,
  user: User,
  factor: SecondFactor,
): Promise<SignInResult> {
  if (factor !== 'SOFTWARE_TOKEN_MFA') return sendCode(request, unit, user, factor);
  const { services, client } = request;
  const name = factorsOf(services, user).token?.name;
  const begun = { credential: credentialOf(user) };
  return {
    ChallengeName: 'SOFTWARE_TOKEN_MFA',
    Session: sessionOf(services, client, 'SOFTWARE_TOKEN_MFA', user.sub, begun),
    ChallengeParameters: {
      ...(name !== undefined && { FRIENDLY_DEVICE_NAME: name }),
      USER_ID_FOR_SRP: user.username,
    },
  };
}

async function sendCode(
  request: SignInRequest,
  unit: SendingUnit,
  user: User,
  factor: 'SMS_MFA' | 'EMAIL_OTP',
  newAddress?: string,
): Promise<SignInResult> {
  const attribute = addressOf[factor];
  const sent = await sendSignInCode(request, unit, factor, {
    sub: user.sub,
    username: user.username,
    user,
    credential: credentialOf(user),
    attribute,
    address: newAddress ?? (user.attributes[attribute] as string),
    ...(newAddress !== undefined && { isNew: true }),
  });
  return { ...sent, ChallengeParameters: { ...sent.ChallengeParameters, USER_ID_FOR_SRP: user.username } };
}

function selectMfaType(
  { services, client }: SignInRequest,
  user: User,
  factors: readonly SecondFactor[],
): SignInResult {
  return {
    ChallengeName: 'SELECT_MFA_TYPE',
    Session: sessionOf(services, client, 'SELECT_MFA_TYPE', user.sub, { credential: credentialOf(user) }),
    ChallengeParameters: {
      MFAS_CAN_CHOOSE: JSON.stringify(factors),
      USER_ID_FOR_SRP: user.username,
    },
  };
}

function mfaSetup(
  { services, client }: SignInRequest,
  user: User,
  factors: readonly SecondFactor[],
): SignInResult {
  // A phone number is for an administrator to add: nobody could prove one here.
  if (factors.every((factor) => factor === 'SMS_MFA')) throw mfaMethodNotFound();
  return {
    ChallengeName: 'MFA_SETUP',
    Session: sessionOf(services, client, 'MFA_SETUP', user.sub, { credential: credentialOf(user) }),
    ChallengeParameters: {
      MFAS_CAN_SETUP: JSON.stringify(factors),
      USER_ID_FOR_SRP: user.username,
    },
  };
}
