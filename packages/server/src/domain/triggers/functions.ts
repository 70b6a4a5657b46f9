import type { Trigger } from './trigger.ts';

/** Where a function runs. */
export type TargetKind = 'lambda' | 'https' | 'file';

/** The functions that the triggers of pools name by their ARNs, wherever they run. Made once, by `server.ts`. */
export interface Functions {
  /** Undefined for an ARN that nothing is configured for. */
  targetOf(arn: string): TargetKind | undefined;
  /**
   * Calls a function once with an event in JSON; resolves to its answer as it came. `patience` in milliseconds. Throws
   * `FunctionThrew` and `NotInvoked`.
   */
  invoke(arn: string, event: string, patience: number): Promise<string>;
  /** Remembers what became of a call, for operators. */
  note(invocation: Invocation): void;
  /** The newest ones that this node made, the newest first. */
  recent(): readonly Invocation[];
  /** How long a function took of late, ms; 0 while that is not known. */
  usualDuration(arn: string, trigger: Trigger): number;
  close(): Promise<void>;
}

/** What operators see of a call: no event, no answer, no text of the function's. */
export interface Invocation {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly poolId: string;
  readonly functionArn: string;
  readonly target: TargetKind | undefined;
  readonly trigger: Trigger;
  readonly triggerSource: string;
  readonly attempts: number;
  /** All attempts together, ms. */
  readonly duration: number;
  readonly outcome: InvocationOutcome;
  /**
   * The function's error type, why it could not be called, what was wrong with its answer, or why an answer that was
   * taken was not followed; null when all is well.
   */
  readonly reason: string | null;
}

export type InvocationOutcome = 'ok' | 'threw' | 'not-invoked' | 'bad-answer';

/** Characters of a function's error message that a caller is told. */
const LONGEST_MESSAGE = 2048;

/** The function ran, and failed. Its message is for the caller of the API; its type alone goes to operators. */
export class FunctionThrew extends Error {
  readonly errorType: string;
  constructor(message: string, errorType = 'Error') {
    super(message.slice(0, LONGEST_MESSAGE));
    this.errorType = /^[\w.:$-]{1,64}$/.test(errorType) ? errorType : 'Error';
  }
}

/** The function could not be called, or did not answer in time. */
export class NotInvoked extends Error {
  /** What Amazon Cognito ends its message with, e.g. `AccessDeniedException`. */
  readonly kind: string;
  /** Whether another attempt may do better. */
  readonly passing: boolean;
  constructor(kind: string, options: ErrorOptions & { readonly passing: boolean }) {
    super(kind, options);
    this.kind = kind;
    this.passing = options.passing;
  }
}

/** The text of Amazon Cognito's for a function that takes longer than five seconds (dart-2#204, sst#1815). */
export const TIMED_OUT = 'Socket timeout while invoking Lambda function';

/** A Lambda function answers with 6 MiB at most; so does every other. */
export const LARGEST_ANSWER = 6 * 1_048_576;

/** AWS Lambda's own words; its limit is 100 bytes higher. */
export const answerTooLarge = () =>
  new FunctionThrew(
    `Response payload size exceeded maximum allowed payload size (${LARGEST_ANSWER} bytes).`,
    'Function.ResponseSizeTooLarge',
  );
