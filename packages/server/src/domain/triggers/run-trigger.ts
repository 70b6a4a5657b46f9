import type { ServiceError } from '../../errors.ts';
import {
  functionNotInvoked,
  functionThrew,
  lambdaOutputNotJson,
  unrecognizableLambdaOutput,
} from '../../errors.ts';
import { SECOND } from '../../platform/duration.ts';
import { newId } from '../../platform/random.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { BadAnswer, type Members, type Remark, responseIn } from './answer.ts';
import { eventOf, type Occasion } from './event.ts';
import { FunctionThrew, type InvocationOutcome, NotInvoked } from './functions.ts';
import { functionAt, type Trigger } from './trigger.ts';

/** Amazon Cognito's rules for a function that somebody waits for [D]. */
const ATTEMPTS = 3;
const PATIENCE = 5 * SECOND;

/**
 * Runs the pool's function at a trigger and has `read` take its response; undefined where the pool has none. Never to be
 * called in a unit of work. Throws UserLambdaValidationException, UnexpectedLambdaException and
 * InvalidLambdaResponseException.
 */
export async function runTrigger<Answer>(
  services: Services,
  pool: UserPool,
  occasion: Occasion,
  read: (response: Members, remark: Remark) => Answer,
): Promise<Answer | undefined> {
  const found = functionAt(pool, occasion.trigger);
  if (found === undefined) return undefined;
  const event = JSON.stringify(eventOf(services, pool, found.version, occasion));
  return callFunction(services, pool, occasion, found.arn, event, {
    attempts: ATTEMPTS,
    patience: PATIENCE,
    read: (answer, remark) => read(responseIn(answer), remark),
  });
}

export interface Call<Answer> {
  readonly attempts: number;
  /** Of each attempt, ms. */
  readonly patience: number;
  /** Throws `BadAnswer`, or a SyntaxError. */
  read(answer: string, remark: Remark): Answer;
}

/** Calls a function, and notes for operators what became of it. Throws what the caller of the API is told. */
export async function callFunction<Answer>(
  services: Services,
  pool: Pick<UserPool, 'id'>,
  { trigger, source }: Pick<Occasion, 'trigger' | 'source'>,
  arn: string,
  event: string,
  call: Call<Answer>,
): Promise<Answer> {
  const { functions, log } = services;
  const began = performance.now();
  let attempts = 0;
  const invoke = async (): Promise<string> => {
    for (;;) {
      attempts += 1;
      try {
        return await functions.invoke(arn, event, call.patience);
      } catch (error) {
        if (!(error instanceof NotInvoked && error.passing) || attempts >= call.attempts) throw error;
      }
    }
  };
  const note = (outcome: InvocationOutcome, reason: string | null) => {
    const duration = performance.now() - began;
    const target = functions.targetOf(arn);
    const facts = {
      poolId: pool.id,
      functionArn: arn,
      target,
      trigger,
      triggerSource: source,
      attempts,
      duration,
    };
    functions.note({ id: newId(), time: services.clock.now(), ...facts, outcome, reason });
    if (outcome !== 'ok') log.warn({ ...facts, outcome, reason }, 'A trigger failed.');
    else if (reason !== null) log.warn({ ...facts, reason }, "A trigger's answer was not followed.");
  };
  try {
    let remark: string | null = null;
    const answer = call.read(await invoke(), (reason) => {
      remark = reason;
    });
    note('ok', remark);
    return answer;
  } catch (error) {
    const failure = failureOf(trigger, error);
    if (failure === undefined) throw error;
    note(failure.outcome, failure.reason);
    throw failure.error;
  }
}

/** Undefined for what is no failure of the function's. */
function failureOf(
  trigger: Trigger,
  error: unknown,
): { outcome: InvocationOutcome; reason: string; error: ServiceError } | undefined {
  if (error instanceof FunctionThrew) {
    return { outcome: 'threw', reason: error.errorType, error: functionThrew(trigger, error.message) };
  }
  if (error instanceof NotInvoked) {
    return { outcome: 'not-invoked', reason: error.kind, error: functionNotInvoked(trigger, error.kind) };
  }
  if (error instanceof BadAnswer) {
    return {
      outcome: 'bad-answer',
      reason: error.message,
      error: error.told ?? unrecognizableLambdaOutput(),
    };
  }
  if (error instanceof SyntaxError) {
    return {
      outcome: 'bad-answer',
      reason: 'The answer is not JSON, or null.',
      error: lambdaOutputNotJson(),
    };
  }
  return undefined;
}
