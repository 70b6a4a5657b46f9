/**
 * Functions for tests of triggers. A house whose pools can name any function of `functions.arn(name)`; they all run one
 * recording handler, by the way that is asked for (`file` unless said otherwise, as `test/contract` should):
 *
 *     const house = await openFunctionHouse();                      // or { way: 'lambda' | 'https', …StartOptions }
 *     const { functions } = house;
 *     const poolId = await house.createPool({ LambdaConfig: functions.config('PreSignUp', 'CustomMessage') });
 *     functions.answer('PreSignUp_SignUp', { autoConfirmUser: true });   // its response from now on; may be a function
 *                                                                       // of the event: (event) => ({ … })
 *     functions.fail('PreSignUp_SignUp', 'No.', 'MyError');         // throws
 *     functions.does('PreSignUp_SignUp', { hangs: true });          // any `Behaviour`; undefined: as at first again
 *     functions.events('PreSignUp_SignUp')                          // what came, oldest first; without a source: all
 *     functions.calls()                                             // the same with { arn, event }
 *     functions.last('PreSignUp_SignUp')                            // the newest; throws when there is none
 *     functions.reset()                                             // forgets events and behaviours
 *
 * A source that nothing was said for gets its event back as it came. `functions.config('PreSignUp')` is
 * `{ PreSignUp: functions.arn('PreSignUp') }`. Several houses of a file are apart from each other.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { LambdaConfigType } from '@aws-sdk/client-cognito-identity-provider';
import type { StartOptions } from '../../packages/server/src/index.ts';
import { functionProcess } from './functions/function-process.ts';
import { WEBHOOK_SECRET } from './functions/webhook-secret.ts';
import { openHouse } from './house.ts';

export type Way = 'file' | 'https' | 'lambda';

/** An event as a function sees it, unread. */
export interface TriggerEvent {
  version: string;
  region: string;
  userPoolId: string;
  userName: string;
  callerContext: { awsSdkVersion: string; clientId: string | null };
  triggerSource: string;
  // biome-ignore lint/suspicious/noExplicitAny: each trigger's is another, and tests say what they expect of it
  request: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  response?: any;
}

/** What the function does with an event. */
export interface Behaviour {
  /** The event as it came, with this response. */
  response?: unknown;
  /** Returns this, whatever it is. */
  returns?: unknown;
  returnsNothing?: boolean;
  /** Returns the priority of its process. */
  returnsPriority?: boolean;
  throws?: string;
  errorType?: string;
  /** Milliseconds, before anything else. */
  waits?: number;
  hangs?: boolean;
  /** Milliseconds for which it takes a core. */
  spins?: number;
  /** Ends its process with this exit code. */
  exits?: number;
  /** Ends its process by this signal. */
  kills?: string;
}

type Response = object | ((event: TriggerEvent) => object);

export const recorderFile = fileURLToPath(new URL('./functions/recorder.mjs', import.meta.url));

let accounts = 100_000_000_000;

export async function openFunctionHouse({ way = 'file', ...options }: { way?: Way } & StartOptions = {}) {
  const functions = await openFunctions();
  const house = await openHouse({
    ...(await targetOptions(way)),
    ...options,
    function: [`*=${await targetOf(way)}`, ...[options.function ?? []].flat()],
  });
  return {
    ...house,
    functions,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      functions.close();
    },
  };
}

export type FunctionHouse = Awaited<ReturnType<typeof openFunctionHouse>>;
export type TestFunctions = FunctionHouse['functions'];

const targetOptions = async (way: Way): Promise<StartOptions> =>
  way === 'https' ? { webhookSecret: WEBHOOK_SECRET } : {};

async function targetOf(way: Way): Promise<string> {
  if (way === 'file') return `file:${recorderFile}`;
  const { url } = await functionProcess(way);
  return way === 'lambda' ? `lambda:${url}` : url;
}

/** Functions without a house: the events that come for their ARNs, and what they do. */
export async function openFunctions() {
  await control();
  const account = String(++accounts);
  const state: State = { behaviours: new Map(), calls: [] };
  states.set(account, state);
  const events = (source?: string): TriggerEvent[] =>
    state.calls
      .map(({ event }) => event)
      .filter((event) => source === undefined || event.triggerSource === source);
  const does = (source: string, behaviour: Behaviour | ((event: TriggerEvent) => Behaviour) | undefined) => {
    if (behaviour === undefined) state.behaviours.delete(source);
    else state.behaviours.set(source, typeof behaviour === 'function' ? behaviour : () => behaviour);
  };
  const arn = (name: string) => `arn:aws:lambda:us-east-1:${account}:function:${name}`;
  return {
    arn,
    config: (...triggers: (keyof LambdaConfigType)[]): LambdaConfigType =>
      Object.fromEntries(triggers.map((trigger) => [trigger, arn(trigger)])),
    does,
    answer: (source: string, response: Response) =>
      does(source, (event) => ({ response: typeof response === 'function' ? response(event) : response })),
    fail: (source: string, throws: string, errorType = 'Error') => does(source, { throws, errorType }),
    events,
    calls: () => [...state.calls],
    last(source: string): TriggerEvent {
      const newest = events(source).at(-1);
      if (newest === undefined) throw new Error(`No event ${source} came.`);
      return newest;
    },
    reset() {
      state.behaviours.clear();
      state.calls.length = 0;
    },
    close: () => states.delete(account),
  };
}

interface State {
  readonly behaviours: Map<string, (event: TriggerEvent) => Behaviour>;
  readonly calls: { arn: string; event: TriggerEvent }[];
}

const states = new Map<string, State>();
let running: Promise<void> | undefined;

/** One server of this process's, that handlers ask what to do. */
function control(): Promise<void> {
  running ??= new Promise((resolve) => {
    const server = createServer(async (request, answer) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const call = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { arn: string; event: TriggerEvent };
      const state = states.get(call.arn.split(':')[4] ?? '');
      state?.calls.push(call);
      answer.end(JSON.stringify(state?.behaviours.get(call.event.triggerSource)?.(call.event) ?? {}));
    });
    server.listen(0, '127.0.0.1', () => {
      // Functions in files get it from the house, those of function processes from this process.
      process.env['TEST_FUNCTION_CONTROL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      resolve();
    });
    server.unref();
  });
  return running;
}
