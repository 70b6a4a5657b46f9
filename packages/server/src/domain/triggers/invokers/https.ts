import type { HttpsTarget } from '../../../config/functions.ts';
import { webhookKey } from '../../../config/webhook-secret.ts';
import type { Clock } from '../../../platform/clock.ts';
import { ANSWER_TOO_LARGE } from '../../../platform/http-once.ts';
import { newId } from '../../../platform/random.ts';
import { createSignedPost } from '../../../platform/signed-post.ts';
import { answerTooLarge, FunctionThrew, LARGEST_ANSWER, NotInvoked, TIMED_OUT } from '../functions.ts';
import { isPassing } from './connection-errors.ts';
import { membersIn, thrownIn } from './function-error.ts';
import type { Invoker } from './invoker.ts';

export interface HttpsOptions {
  /** With which requests are signed, the newest first. */
  readonly secrets: readonly string[];
  /** The system's own: receivers compare it with theirs. */
  readonly clock: Clock;
  /** Whether a function may be at an address; undefined: anywhere. */
  readonly mayBeAt: ((address: string) => boolean) | undefined;
}

/** What the function is called by, for one that serves several. */
const ARN_HEADER = 'poolkeeper-function-arn';

/** Runs functions behind URLs, by requests that are signed as Standard Webhooks are. */
export function createHttpsInvoker({ secrets, clock, mayBeAt }: HttpsOptions): Invoker<HttpsTarget> {
  const keys = secrets.map(webhookKey);
  const post = createSignedPost({ keys, clock, mayBeAt, largestAnswer: LARGEST_ANSWER });

  async function invoke({ url }: HttpsTarget, arn: string, event: string, patience: number): Promise<string> {
    const patient = AbortSignal.timeout(patience);
    try {
      const request = { id: newId(), body: event, headers: { [ARN_HEADER]: arn } };
      const { status, body } = await post.send(url, request, patient);
      if (status >= 200 && status < 300) return body;
      throw failureOf(status, body);
    } catch (error) {
      if (error instanceof FunctionThrew || error instanceof NotInvoked) throw error;
      if (patient.aborted) throw new NotInvoked(TIMED_OUT, { passing: true });
      const { code = 'ServiceException' } = error as NodeJS.ErrnoException;
      if (code === ANSWER_TOO_LARGE) throw answerTooLarge();
      throw new NotInvoked(code, { passing: isPassing(code), cause: error });
    }
  }

  return { invoke, close: async () => post.close() };
}

/** A function says by an error of its own that it failed; anything else did not come from one. */
function failureOf(status: number, body: string): FunctionThrew | NotInvoked {
  if (status === 429) return new NotInvoked('TooManyRequestsException', { passing: true });
  if (status >= 400 && typeof membersIn(body)['errorMessage'] === 'string') return thrownIn(body);
  return new NotInvoked(`HTTP status ${status}`, { passing: false });
}
