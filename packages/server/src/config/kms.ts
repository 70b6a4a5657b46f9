import { ConfigError } from './config-error.ts';

const BASE64 = /^[A-Za-z0-9+/]{16,8192}={0,2}$/;
const PATIENCE = 10_000;

/**
 * Has AWS KMS decrypt a ciphertext, as `aws kms encrypt` prints it. Region, endpoint and credentials are what the AWS SDK
 * finds by itself. Throws ConfigError.
 */
export async function decryptByKms(option: string, ciphertext: string): Promise<string> {
  if (!BASE64.test(ciphertext)) {
    throw new ConfigError(`--${option}: kms: is followed by base64, such as \`aws kms encrypt\` prints.`);
  }
  const { DecryptCommand, KMSClient } = await loadSdk(option);
  const client = new KMSClient({});
  try {
    const { Plaintext } = await client.send(
      new DecryptCommand({ CiphertextBlob: Buffer.from(ciphertext, 'base64') }),
      { abortSignal: AbortSignal.timeout(PATIENCE) },
    );
    return Buffer.from(Plaintext ?? []).toString('utf8');
  } catch (error) {
    const { name, message } = error as Error;
    throw new ConfigError(`--${option}: AWS KMS did not decrypt it: ${name}: ${message}`);
  } finally {
    client.destroy();
  }
}

/** The SDK is an optional dependency: who does not use KMS need not install it. */
async function loadSdk(option: string) {
  try {
    return await import('@aws-sdk/client-kms');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ConfigError(
      `--${option} is given as kms:, which needs a package more: npm install @aws-sdk/client-kms`,
    );
  }
}
