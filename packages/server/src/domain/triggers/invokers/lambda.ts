import { pipeline, Transform } from 'node:stream';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { namesAwsCredentials } from '../../../config/aws-credentials.ts';
import type { LambdaTarget } from '../../../config/functions.ts';
import { answerTooLarge, FunctionThrew, LARGEST_ANSWER, NotInvoked, TIMED_OUT } from '../functions.ts';
import { isPassing } from './connection-errors.ts';
import { membersIn, thrownIn } from './function-error.ts';
import type { Invoker } from './invoker.ts';

type Sdk = typeof import('@aws-sdk/client-lambda');

/** Runs functions where Lambda's Invoke API is spoken: AWS itself, or what stands in for it. */
export function createLambdaInvoker({
  region: ownRegion,
}: {
  readonly region: string;
}): Invoker<LambdaTarget> {
  const clients = new Map<string, LambdaClient>();

  function clientFor(sdk: Sdk, { endpoint }: LambdaTarget, region: string): LambdaClient {
    const key = `${region} ${endpoint ?? ''}`;
    let client = clients.get(key);
    if (client === undefined) {
      client = new sdk.LambdaClient({
        region,
        // Cognito's rules say when there is a second attempt.
        maxAttempts: 1,
        // Whoever waits is bounded for each function; here nobody waits for another's.
        requestHandler: { httpAgent: { maxSockets: Infinity }, httpsAgent: { maxSockets: Infinity } },
        ...(endpoint !== undefined && { endpoint }),
        ...(endpoint !== undefined && takesAnybody(endpoint) && { credentials: ANYBODY }),
      });
      limitAnswers(client);
      clients.set(key, client);
    }
    return client;
  }

  /** The answer, or the error that the function answered with. */
  async function send(
    target: LambdaTarget,
    arn: string,
    event: string,
    patience: number,
  ): Promise<string | FunctionThrew> {
    const sdk = await loadSdk();
    // A region that an ARN leaves out is the server's own.
    const client = clientFor(sdk, target, arn.split(':')[3] || ownRegion);
    const command = new sdk.InvokeCommand({
      FunctionName: target.name ?? arn,
      InvocationType: 'RequestResponse',
      Payload: Buffer.from(event),
    });
    const patient = AbortSignal.timeout(patience);
    try {
      const sent = client.send(command, { abortSignal: patient });
      const { FunctionError, Payload } = await Promise.race([sent, abortOf(patient)]);
      const answer = Buffer.from(Payload ?? []).toString('utf8');
      const failed =
        FunctionError !== undefined || (target.endpoint !== undefined && saysThatItThrew(answer));
      return failed ? thrownIn(answer) : answer;
    } catch (error) {
      // The SDK adds words of its own to the error that ended the stream.
      if (error instanceof FunctionThrew) return answerTooLarge();
      if (patient.aborted) throw new NotInvoked(TIMED_OUT, { passing: true });
      throw notInvoked(error);
    }
  }

  return {
    async invoke(target, arn, event, patience) {
      const answer = await send(target, arn, event, patience);
      if (typeof answer === 'string') return answer;
      throw answer;
    },
    async close() {
      for (const client of clients.values()) client.destroy();
    },
  };
}

/** Loaded when it is needed; that it is installed was found out at the start. */
async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-lambda');
  } catch (cause) {
    throw new NotInvoked('ServiceException', { passing: false, cause });
  }
}

/** Ends what the SDK does not end: the search for credentials takes its own time. */
const abortOf = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

const ANYBODY = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Emulators look at no credentials, but the SDK sends nothing without. AWS's own endpoints want real ones. */
function takesAnybody(endpoint: string): boolean {
  return !namesAwsCredentials(process.env) && !/\.amazonaws\.com(?:\.cn)?$/i.test(new URL(endpoint).hostname);
}

/** Cuts an answer off that is larger than a function's can be, while it comes. */
function limitAnswers(client: LambdaClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { body?: unknown };
      if (isReadable(response.body)) {
        response.body = pipeline(response.body, limit(), () => {});
      }
      return result;
    },
    { name: 'limitAnswers', step: 'deserialize', priority: 'low' },
  );
}

const isReadable = (body: unknown): body is NodeJS.ReadableStream =>
  typeof (body as { pipe?: unknown } | undefined)?.pipe === 'function';

function limit(): Transform {
  let size = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      size += piece.length;
      if (size > LARGEST_ANSWER) done(answerTooLarge());
      else done(null, piece);
    },
  });
}

/** The runtime emulator answers errors like results, without the header that tells them apart. */
function saysThatItThrew(answer: string): boolean {
  const { errorType, errorMessage, response } = membersIn(answer);
  return typeof errorType === 'string' && typeof errorMessage === 'string' && response === undefined;
}

function notInvoked(error: unknown): NotInvoked {
  const { name, code } = error as Error & { code?: unknown };
  // The SDK calls a connection that breaks a time-out; the system's code says it better.
  const kind = typeof code === 'string' && /^E[A-Z_]+$/.test(code) ? code : name;
  const passing = kind === 'TooManyRequestsException' || isPassing(kind);
  return new NotInvoked(/^[\w.:-]{1,64}$/.test(kind) ? kind : 'ServiceException', { passing, cause: error });
}
