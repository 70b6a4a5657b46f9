import { ServiceError } from '../../errors.ts';
import type { Services } from '../services.ts';
import { type Functions, FunctionThrew, type Invocation } from './functions.ts';

/** A run of a function that only its author asked for. */
export interface Rehearsal {
  /** In JSON, as it was sent; undefined where the pool has no such function. */
  readonly event: string | undefined;
  /** As it came; undefined where none did. */
  readonly answer: string | undefined;
  readonly invocation: Invocation | undefined;
  /** What the caller of the API would be told, or of a message operators; undefined where the server takes the answer. */
  readonly error: { readonly type: string; readonly message: string } | undefined;
}

/** Has `act` run a function by the server's own code, and tells what was sent and what came back. Stores nothing. */
export async function rehearse(
  services: Services,
  act: (services: Services) => Promise<unknown>,
): Promise<Rehearsal> {
  let thrown: string | undefined;
  const seen: { -readonly [Member in keyof Rehearsal]: Rehearsal[Member] } = {
    event: undefined,
    answer: undefined,
    invocation: undefined,
    error: undefined,
  };
  const functions: Functions = {
    ...services.functions,
    async invoke(arn, event, patience) {
      seen.event = event;
      seen.answer = undefined;
      try {
        seen.answer = await services.functions.invoke(arn, event, patience);
        return seen.answer;
      } catch (error) {
        if (error instanceof FunctionThrew) thrown = error.message;
        throw error;
      }
    },
    note(invocation) {
      seen.invocation = invocation;
    },
  };
  const storage = { ...services.storage, write: refuseToWrite };
  try {
    await act({ ...services, functions, storage });
  } catch (error) {
    if (error instanceof ServiceError) seen.error = error;
    // The outbox logs no text of a function's; its author may read it.
    else if (isOfMessage(error)) seen.error = { type: error.code, message: thrown ?? error.message };
    else throw error;
  }
  return seen;
}

/** As the outbox knows what `deliver` throws for operators. */
const isOfMessage = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'permanent' in error && 'code' in error && typeof error.code === 'string';

async function refuseToWrite(): Promise<never> {
  throw new Error('A rehearsal stores nothing.');
}
