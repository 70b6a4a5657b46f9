import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { createAccessKeyDirectory } from '../domain/access-keys/directory.ts';
import { createCompromisedPasswords } from '../domain/passwords/compromised-passwords.ts';
import { createPoolDirectory } from '../domain/pools/directory.ts';
import type { Services } from '../domain/services.ts';
import { createSigningKeyring } from '../domain/tokens/signing-keys.ts';
import { createFunctions } from '../domain/triggers/create-functions.ts';
import { type CodeEncryption, createCodeEncryption } from '../domain/triggers/kms/encrypt-code.ts';
import { kmsEnvironment } from '../domain/triggers/kms/function-environment.ts';
import { adjustableClock } from '../platform/clock.ts';
import { createLogger } from '../platform/logger.ts';
import { openDatabase, openExistingStorage } from '../storage/open-database.ts';
import { serveKms } from './serve-kms.ts';

/** What the domain needs of the world, for a command beside a server that runs or without one. Nothing leaves. */
export async function withServices<T>(
  config: Config,
  work: (services: Services, encryption: CodeEncryption) => Promise<T>,
): Promise<T> {
  if (config.data === ':memory:' && config.databaseUrls.length === 0)
    throw new ConfigError('Only a server itself can reach --data :memory:.');
  const beside = { beside: true };
  await (await openExistingStorage(config, beside)).close();
  const clock = adjustableClock();
  await using stack = new AsyncDisposableStack();
  const { storage, keyring, close } = await openDatabase(config, clock.now(), beside);
  stack.defer(close);
  const kms = config.kms === 'local' ? stack.use(await serveKms(keyring)) : undefined;
  const encryption = createCodeEncryption(config.kms, keyring);
  stack.defer(() => encryption.close());
  const environment = () => (kms ? kmsEnvironment(kms.url) : {});
  const functions = createFunctions({ ...config, environment, onCall: () => {} });
  stack.defer(() => functions.close());
  const nothing = () => {};
  const services: Services = {
    region: config.region,
    issuerBase: '',
    publicUrl: '',
    clock,
    storage,
    keyring,
    accessKeys: createAccessKeyDirectory(storage, keyring),
    pools: createPoolDirectory(storage, keyring),
    signingKeys: createSigningKeyring(storage, keyring),
    compromisedPasswords: createCompromisedPasswords(undefined),
    functions,
    channels: new Set(),
    delivery: { checkPool: async () => {}, requireWorking: nothing },
    messageQueued: nothing,
    messageStored: nothing,
    poolDeleted: nothing,
    lockedOut: nothing,
    log: createLogger('silent'),
  };
  return await work(services, encryption);
}
