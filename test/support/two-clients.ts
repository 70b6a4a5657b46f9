import { Readable } from 'node:stream';
import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import type { OperationName } from '@poolkeeper/model';
import { sigV4 } from '../../packages/client/src/index.ts';
import { functionOf } from './own-client.ts';

/** What an endpoint answers to both. */
export interface Given {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

/** What a client sent, and what it gave its caller. */
export interface Seen {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  outcome: Outcome;
}

export type Outcome =
  | { output: Record<string, unknown> }
  | { error: { name: string; message: string; status: number } };

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const region = 'us-east-1';
const endpoint = 'https://pool.example';

/** An operation through `@poolkeeper/client`, without a network. */
export async function throughOwn(name: OperationName, input: unknown, given: Given): Promise<Seen> {
  const seen: Partial<Seen> = {};
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    const { pathname } = new URL(String(url));
    const headers = Object.fromEntries(new Headers(init?.headers));
    Object.assign(seen, { method: init?.method, path: pathname, headers, body: init?.body });
    return new Response(given.body, { status: given.status, headers: given.headers ?? {} });
  };
  const client = { endpoint, fetch, attempts: 1, sign: sigV4({ region, credentials }) };
  const outcome = await functionOf(name)(client, input, {}).then(
    ({ httpStatus: _, requestId: __, ...output }) => ({ output }),
    (error) => ({ error: { name: error.name, message: error.message, status: error.httpStatus } }),
  );
  return { ...seen, outcome } as Seen;
}

/** The same through the AWS SDK. */
export async function throughSdk(name: OperationName, input: unknown, given: Given): Promise<Seen> {
  const seen: Partial<Seen> = {};
  const requestHandler = {
    async handle({ method, path, headers, body }: Omit<Seen, 'outcome' | 'body'> & { body: Uint8Array }) {
      Object.assign(seen, { method, path, headers, body: new TextDecoder().decode(body) });
      const response = {
        statusCode: given.status,
        headers: given.headers ?? {},
        body: Readable.from([Buffer.from(given.body)]),
      };
      return { response };
    },
  };
  const client = new sdk.CognitoIdentityProviderClient({
    endpoint,
    region,
    credentials,
    maxAttempts: 1,
    requestHandler,
  } as never);
  const Command = (sdk as unknown as Record<string, new (input: unknown) => never>)[`${name}Command`];
  if (Command === undefined) throw new Error(`The AWS SDK has no ${name}.`);
  const outcome = await (
    client.send(new Command(input)) as Promise<unknown> as Promise<Record<string, unknown>>
  ).then(
    ({ $metadata: _, ...output }) => ({ output }),
    (error) => ({
      error: { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode },
    }),
  );
  return { ...seen, outcome } as Seen;
}
