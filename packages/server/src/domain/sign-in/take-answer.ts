import { lockedOut, type ServiceError, softwareTokenUsed } from '../../errors.ts';
import type { Unit } from '../../storage/unit.ts';
import { answerCounted } from '../codes/lock-out.ts';
import { factorsOf, storeFactors } from '../mfa/factors.ts';
import { findRecoveryCode, withoutRecoveryCode } from '../mfa/recovery-codes.ts';
import type { User } from '../users/user.ts';
import {
  type Begun,
  type Challenge,
  credentialOf,
  requireUnspent,
  type Step,
  spendChallenge,
} from './challenge-token.ts';
import type { SignInRequest } from './sign-in-result.ts';

export interface Answer {
  readonly challenge: Challenge<Step> & Begun;
  /** Undefined for a stand-in, whose answers are counted and never right. */
  readonly user: User | undefined;
  /** What is guessed at: the count of wrong answers that this one belongs to. */
  readonly guessesAt: string;
  readonly given: string;
  /** Whether one of the user's recovery codes may stand in for the factor. */
  readonly mayBeRecoveryCode: boolean;
  /** What a wrong answer is told. */
  readonly refusal: ServiceError;
}

interface Compared {
  readonly outcome: 'right' | 'wrong' | 'used';
}
type Right<C> = Extract<C, { readonly outcome: 'right' }>;

/**
 * Counts an answer, compares it and, when it is right, spends the challenge; all in the caller's unit. Resolves to what
 * showed that it is right, or to the refusal, which the caller returns from its unit so that the count stays.
 */
export async function takeAnswer<C extends Compared>(
  { services, pool }: SignInRequest,
  unit: Unit,
  answer: Answer,
  compare: () => C,
): Promise<Right<C> | 'recovery-code' | ServiceError> {
  const { challenge, user, given } = answer;
  // What is sent twice, as impatient people and clients do, is no guess.
  await requireUnspent(unit, pool.id, challenge);
  const factors = user && factorsOf(services, user);
  const recoveryCode =
    user && factors && answer.mayBeRecoveryCode && findRecoveryCode(services, pool, user, factors, given);
  // A password that was set since ends the sign-in.
  const goesOn = user !== undefined && credentialOf(user) === challenge.credential;
  const verdict = await answerCounted<C | 'recovery-code' | undefined>(
    unit,
    { poolId: pool.id, sub: challenge.sub, action: answer.guessesAt },
    services.clock.now(),
    () => {
      const compared = recoveryCode ? 'recovery-code' : compare();
      return goesOn ? compared : undefined;
    },
    isRight,
  );
  if (verdict === 'locked') {
    unit.onCommit(() => services.lockedOut('second-factor'));
    return lockedOut();
  }
  if (verdict === undefined || !isRight(verdict))
    return verdict?.outcome === 'used' ? softwareTokenUsed() : answer.refusal;
  await spendChallenge(unit, pool.id, challenge);
  if (verdict !== 'recovery-code') return verdict;
  if (user && factors && recoveryCode) {
    await storeFactors(services, unit, user, withoutRecoveryCode(factors, recoveryCode));
  }
  return verdict;
}

const isRight = <C extends Compared>(
  verdict: C | 'recovery-code' | undefined,
): verdict is Right<C> | 'recovery-code' =>
  verdict === 'recovery-code' || (verdict !== undefined && verdict.outcome === 'right');
