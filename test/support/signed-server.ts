import {
  CognitoIdentityProviderClient,
  type CognitoIdentityProviderClientConfig,
} from '@aws-sdk/client-cognito-identity-provider';
import type { StartOptions } from '../../packages/server/src/index.ts';
import { commandLine } from './command.ts';
import { environmentOf, openProductionHouse } from './production-house.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A server in production as a process of its own, what it logs, and `poolkeeper keys` beside it. */
export async function openSignedServer(over: StartOptions = {}) {
  const resources = new AsyncDisposableStack();
  try {
    const { url, options, database, log } = resources.use(await openProductionHouse(over));
    const { run } = commandLine();
    const keys = (...args: string[]) => run(['keys', ...args], environmentOf(options));

    return {
      url,
      database,
      /** `poolkeeper keys …` on the database of the server that runs. */
      keys,
      log,

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
