import {
  CognitoIdentityProviderClient,
  type CognitoIdentityProviderClientConfig,
} from '@aws-sdk/client-cognito-identity-provider';
import { commandLine } from './command.ts';
import { environmentOf, furnishProduction } from './production-house.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A server in production as a process of its own, what it logs, and `poolkeeper keys` beside it. */
export async function openSignedServer() {
  const resources = new AsyncDisposableStack();
  try {
    const { options, database } = resources.use(await furnishProduction());
    const { start, run, killAll } = commandLine();
    resources.defer(killAll);
    const { port, ...others } = options;
    const server = start({ port }, [], environmentOf(others));
    let log = '';
    server.child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    const url = await server.url();
    const keys = (...args: string[]) => run(['keys', ...args], environmentOf(options));

    return {
      url,
      database,
      /** `poolkeeper keys …` on the database of the server that runs. */
      keys,
      log: () => log,

      async createKey(...args: string[]): Promise<Credentials> {
        const { output, errors } = await keys('create', '--json', ...args);
        if (output === '') throw new Error(errors);
        return JSON.parse(output);
      },

      sdk(
        credentials: Credentials & { sessionToken?: string },
        config: CognitoIdentityProviderClientConfig = {},
      ) {
        const sdk = new CognitoIdentityProviderClient({
          endpoint: url,
          region: 'us-east-1',
          credentials,
          maxAttempts: 1,
          ...config,
        });
        resources.defer(() => sdk.destroy());
        return sdk;
      },

      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

export type SignedServer = Awaited<ReturnType<typeof openSignedServer>>;
