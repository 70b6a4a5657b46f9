import { randomBytes } from 'node:crypto';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import type { StartOptions } from '../../packages/server/src/index.ts';
import { commandLine } from './command.ts';
import { openDatabase } from './database.ts';
import { freePort, type MailServerOptions, openMailServer } from './mail-server.ts';

/**
 * All that a server in production demands, on loopback, with an empty database and a mail server. Tests ask faster than
 * anybody, so rates and caps are off unless they are what is tested.
 */
export async function furnishProduction(mailServer: MailServerOptions = {}) {
  const resources = new AsyncDisposableStack();
  const database = resources.use(await openDatabase());
  const mail = resources.use(await openMailServer(mailServer));
  const port = await freePort();
  const options = {
    ...database.options,
    mode: 'production',
    port,
    publicUrl: `http://127.0.0.1:${port}`,
    masterKey: newSecret(),
    adminToken: newSecret(),
    email: `smtp://127.0.0.1:${mail.port}?from=no-reply@example.com`,
    requestRates: 'off',
    messageCaps: 'off',
  } satisfies StartOptions;
  return { options, database, mail, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** A server in production as a process of its own, with what its operators hold of it. */
export async function openProductionHouse(over: StartOptions = {}, mailServer: MailServerOptions = {}) {
  const resources = new AsyncDisposableStack();
  try {
    const { options: furnished, database, mail } = resources.use(await furnishProduction(mailServer));
    const { start, killAll } = commandLine();
    resources.defer(killAll);
    const { port, ...others } = { ...furnished, ...over };
    const server = start({ port }, [], environmentOf(others));
    let log = '';
    server.child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    const url = await server.url();
    return {
      url,
      options: { port, ...others },
      database,
      mail,
      /** What it logged so far. */
      log: () => log,
      /** The lines of its audit log so far. */
      audit: (): Record<string, unknown>[] =>
        log
          .split('\n')
          .filter((line) => line.includes('"audit":true'))
          .map((line) => JSON.parse(line)),
      /** The operator's API, with the admin token unless other headers are given. */
      operator: (path: string, init: RequestInit = {}) =>
        fetch(`${url}/_poolkeeper/${path}`, { headers: bearer(furnished.adminToken), ...init }),
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

export type ProductionHouse = Awaited<ReturnType<typeof openProductionHouse>>;

export const newSecret = () => randomBytes(32).toString('base64');
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The same options as an environment: `POOLKEEPER_PUBLIC_URL`. */
export const environmentOf = (options: StartOptions): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      `POOLKEEPER_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      [value].flat().join(' '),
    ]),
  );

/** An SDK with a new key of an administrator, made on the command line beside the server. */
export async function administratorSdk(options: StartOptions, endpoint: string) {
  const { output, errors } = await commandLine().run(['keys', 'create', '--json'], environmentOf(options));
  if (output === '') throw new Error(errors);
  const { accessKeyId, secretAccessKey } = JSON.parse(output) as Record<string, string>;
  return new CognitoIdentityProviderClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: accessKeyId as string, secretAccessKey: secretAccessKey as string },
    maxAttempts: 1,
  });
}
