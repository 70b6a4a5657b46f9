import type { KMS, KmsNodeClientSupplier } from '@aws-crypto/client-node';
import type { CodeKms } from '../../../config/code-kms.ts';
import { SECOND } from '../../../platform/duration.ts';
import type { Keyring } from '../../../platform/keyring.ts';
import { createLocalKms } from './local-kms.ts';

/** Of one request to a KMS, and of all that one encryption takes, ms. */
const REQUEST_PATIENCE = 5 * SECOND;
const PATIENCE = 15 * SECOND;
const CONNECTING = 3 * SECOND;
/** Regions are what administrators write into ARNs. */
const MOST_CLIENTS = 10;
/** As Amazon Cognito's messages have it. */
const FRAME = 4096;
const ERROR_NAME = /^\w{1,64}$/;

/** Encrypts codes for custom senders as Amazon Cognito does. */
export interface CodeEncryption {
  /** Resolves to a message of the AWS Encryption SDK in base64. Throws `NotEncrypted`. */
  encrypt(poolId: string, keyArn: string, code: string): Promise<string>;
  close(): void;
}

/** The KMS or its library failed; a later attempt may do better. Its text is for operators, without secrets. */
class NotEncrypted extends Error {
  readonly permanent = false;
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

export function createCodeEncryption(kms: CodeKms, keyring: Keyring): CodeEncryption {
  const clients = new Map<string, KMS>();

  async function clientProvider(): Promise<KmsNodeClientSupplier> {
    if (kms === 'local') {
      const local = createLocalKms(keyring);
      return () => local;
    }
    const { KMS } = await loadLibrary();
    return (region) => {
      let client = clients.get(region);
      if (client === undefined) {
        if (clients.size >= MOST_CLIENTS) close();
        client = new KMS({
          region,
          ...(kms !== 'aws' && { endpoint: kms.endpoint }),
          // The outbox tries again.
          maxAttempts: 1,
          requestHandler: {
            connectionTimeout: CONNECTING,
            requestTimeout: REQUEST_PATIENCE,
            throwOnRequestTimeout: true,
          },
        });
        clients.set(region, client);
      }
      // Its types leave out that a member may be undefined; what is missing in an answer the library refuses.
      return client as ReturnType<KmsNodeClientSupplier>;
    };
  }

  async function encrypted(poolId: string, keyArn: string, code: string): Promise<string> {
    const { AlgorithmSuiteIdentifier, buildClient, CommitmentPolicy, KmsKeyringNode } = await loadLibrary();
    // What Amazon Cognito's messages are (read off a real one): signed, without key commitment, for one key.
    const { encrypt } = buildClient(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT);
    const wrapping = new KmsKeyringNode({ clientProvider: await clientProvider(), generatorKeyId: keyArn });
    const { result } = await encrypt(wrapping, code, {
      suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384,
      encryptionContext: { 'userpool-id': poolId },
      frameLength: FRAME,
    });
    return result.toString('base64');
  }

  function close(): void {
    for (const client of clients.values()) client.destroy();
    clients.clear();
  }

  return {
    async encrypt(poolId, keyArn, code) {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(failure('TimeoutError')), PATIENCE);
      try {
        return await Promise.race([encrypted(poolId, keyArn, code), late]);
      } catch (error) {
        throw error instanceof NotEncrypted ? error : failure(nameOf(error));
      } finally {
        clearTimeout(timer);
      }
    },
    close,
  };
}

const failure = (name: string) => new NotEncrypted(`The code was not encrypted: ${name}.`, name);

/** What the KMS calls it (`AccessDeniedException`), or what became of the connection (`ECONNREFUSED`). */
function nameOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  const known = [name === 'Error' ? code : name, code, name].find(
    (word) => typeof word === 'string' && ERROR_NAME.test(word),
  );
  return (known as string | undefined) ?? 'UNKNOWN';
}

/** It is an optional dependency: who has no custom senders need not install it. */
async function loadLibrary() {
  try {
    return await import('@aws-crypto/client-node');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new NotEncrypted(
      'Custom senders need a package more to encrypt codes: npm install @aws-crypto/client-node',
      code,
    );
  }
}
