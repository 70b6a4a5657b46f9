import type { AttributeType } from '@poolkeeper/model';
import { verifiedButMissing, verifiedButNotConfirmed } from '../../errors.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { Attributes } from '../users/user.ts';
import { BadAnswer, boolean, type Members, optional } from './answer.ts';
import { type Metadata, withMetadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';

/** Somebody who is about to become a user. */
export interface Applicant {
  readonly source: 'PreSignUp_SignUp' | 'PreSignUp_AdminCreateUser';
  readonly userName: string;
  readonly attributes: Attributes;
  /** Undefined where an administrator makes the user. */
  readonly clientId: string | undefined;
  readonly validationData: Metadata | undefined;
  readonly clientMetadata: Metadata | undefined;
}

export interface Admission {
  /** The user need not confirm: they are CONFIRMED from the start, and get no code. */
  readonly autoConfirmed: boolean;
  /** `email_verified` and `phone_number_verified`, where the function vouches for them. */
  readonly verified: Attributes;
}

/** The ValidationData of a request as an event has it. */
export const validationDataOf = (given: readonly AttributeType[] = []): Metadata =>
  Object.fromEntries(given.map(({ Name, Value = '' }) => [Name, Value]));

const AS_THEY_COME: Admission = { autoConfirmed: false, verified: {} };

/**
 * Asks the pool's PreSignUp function about a new user, before there is one. What it answers of a user whom an administrator
 * makes is ignored, as on Amazon Cognito [D]; that it fails is not. Throws what `runTrigger` throws.
 */
export async function preSignUp(
  services: Services,
  pool: UserPool,
  applicant: Applicant,
): Promise<Admission> {
  const { attributes, source, userName, clientId, validationData, clientMetadata } = applicant;
  const occasion = {
    trigger: 'PreSignUp' as const,
    source,
    userName,
    clientId,
    request: {
      userAttributes: attributes,
      validationData: Object.keys(validationData ?? {}).length > 0 ? validationData : null,
      ...withMetadata(clientMetadata),
    },
    response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
  };
  const read = (response: Members): Admission =>
    source === 'PreSignUp_AdminCreateUser' ? AS_THEY_COME : admissionOf(response, attributes);
  return (await runTrigger(services, pool, occasion, read)) ?? AS_THEY_COME;
}

function admissionOf(response: Members, attributes: Attributes): Admission {
  const says = (name: string) => optional(boolean)(response[name], `response.${name}`) ?? false;
  const autoConfirmed = says('autoConfirmUser');
  const vouchedFor = [
    ...(says('autoVerifyEmail') ? ['email'] : []),
    ...(says('autoVerifyPhone') ? ['phone_number'] : []),
  ];
  if (vouchedFor.length > 0 && !autoConfirmed) {
    throw new BadAnswer(
      'response.autoVerifyEmail and autoVerifyPhone need autoConfirmUser.',
      verifiedButNotConfirmed(),
    );
  }
  const missing = vouchedFor.find((attribute) => !attributes[attribute]);
  if (missing !== undefined) {
    throw new BadAnswer(`The user has no ${missing} to be auto verified.`, verifiedButMissing(missing));
  }
  return {
    autoConfirmed,
    verified: Object.fromEntries(vouchedFor.map((attribute) => [`${attribute}_verified`, 'true'])),
  };
}
