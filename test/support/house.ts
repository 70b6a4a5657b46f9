import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  type AttributeType,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { configOf } from '../../packages/server/src/config/config.ts';
import { type RunningServer, type StartOptions, startPoolkeeper } from '../../packages/server/src/index.ts';
import { type StandIns, startServer } from '../../packages/server/src/server.ts';
import { passingDatabase } from './database.ts';
import { ownClientAsSdk } from './own-client.ts';

export const PASSWORD = 'Passw0rd!first';
export const NEW_PASSWORD = 'Passw0rd!second';

export interface Message {
  id: string;
  userPoolId: string;
  sub: string;
  username: string;
  channel: 'EMAIL' | 'SMS';
  to: string;
  subject: string;
  body: string;
  code: string;
  triggerSource: string;
  status: 'queued' | 'sent' | 'failed';
  attempts: number;
  createdAt: string;
  sentAt: string | null;
  lastError: string | null;
}

/**
 * A running server with the real AWS SDK pointed at it, and what every contract test needs of both. Its database is
 * empty, and gone with it, unless the options are those of an `openDatabase`.
 */
export async function openHouse(options: StartOptions = {}, standIns?: StandIns) {
  const resources = new AsyncDisposableStack();
  try {
    const database = options.data ?? options.databaseUrl;
    const own = database === undefined ? resources.use(await passingDatabase()).options : {};
    const given = { ...own, ...options };
    const server =
      standIns === undefined
        ? await startPoolkeeper(given)
        : await startServer(await configOf({ port: 0, ...given }), undefined, standIns);
    // Nobody else reaches it by the URL that it is told to be reached by.
    const url = given.publicUrl && given.port ? `http://127.0.0.1:${given.port}` : server.url;
    return furnish(resources, { ...server, url });
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

function furnish(resources: AsyncDisposableStack, server: RunningServer) {
  resources.defer(() => server.close());
  const sdk =
    process.env['POOLKEEPER_TEST_CLIENT'] === 'own' ? ownClientAsSdk(server.url) : sdkFor(server.url);

  /** Calls an endpoint of the operator's API; throws unless it answers 2xx. */
  async function operator(path: string, init: { method?: string; json?: unknown } = {}): Promise<unknown> {
    const response = await fetch(`${server.url}/_poolkeeper/${path}`, {
      method: init.method ?? 'GET',
      ...(init.json !== undefined && {
        body: JSON.stringify(init.json),
        headers: { 'content-type': 'application/json' },
      }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  }

  return {
    url: server.url,
    sdk,
    operator,

    async createPool(input: Partial<CreateUserPoolCommandInput> = {}) {
      const { UserPool } = await sdk.send(
        new CreateUserPoolCommand({ PoolName: 'test', AutoVerifiedAttributes: ['email'], ...input }),
      );
      return UserPool?.Id as string;
    },

    async createClient(poolId: string, input: Partial<CreateUserPoolClientCommandInput> = {}) {
      const { UserPoolClient } = await sdk.send(
        new CreateUserPoolClientCommand({
          UserPoolId: poolId,
          ClientName: 'app',
          ExplicitAuthFlows: [
            'ALLOW_USER_SRP_AUTH',
            'ALLOW_USER_PASSWORD_AUTH',
            'ALLOW_ADMIN_USER_PASSWORD_AUTH',
            'ALLOW_REFRESH_TOKEN_AUTH',
          ],
          ...input,
        }),
      );
      return UserPoolClient as { ClientId: string; ClientSecret?: string };
    },

    /** A CONFIRMED user with `PASSWORD` and, unless said otherwise, a verified email `<name>@example.com`. */
    async createUser(poolId: string, name: string, attributes?: AttributeType[]) {
      await sdk.send(
        new AdminCreateUserCommand({
          UserPoolId: poolId,
          Username: name,
          MessageAction: 'SUPPRESS',
          UserAttributes: attributes ?? [
            { Name: 'email', Value: `${name}@example.com` },
            { Name: 'email_verified', Value: 'true' },
          ],
        }),
      );
      await sdk.send(
        new AdminSetUserPasswordCommand({
          UserPoolId: poolId,
          Username: name,
          Password: PASSWORD,
          Permanent: true,
        }),
      );
      return { username: name, password: PASSWORD };
    },

    /** The newest messages to an address, waiting for the first one to come. */
    async messages(to: string, waitMs = 5000): Promise<Message[]> {
      const query = new URLSearchParams({ to, waitMs: String(waitMs) });
      return ((await operator(`messages?${query}`)) as { messages: Message[] }).messages;
    },

    /** The code of the newest message to an address. */
    async code(to: string): Promise<string> {
      const [newest] = await this.messages(to);
      if (newest === undefined) throw new Error(`No message to ${to}.`);
      return newest.code;
    },

    /** Moves the server's clock, by an ISO 8601 duration. */
    advance: (duration: string) => operator('clock', { method: 'POST', json: { advance: duration } }),

    async [Symbol.asyncDispose]() {
      sdk.destroy();
      await resources.disposeAsync();
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

function sdkFor(url: string): CognitoIdentityProviderClient {
  return new CognitoIdentityProviderClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
}

/** A request as it goes over the wire, without an SDK: for what no SDK would send. */
export async function raw(url: string, operation: string, body: string | object) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text || 'null') };
}
