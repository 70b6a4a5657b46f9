import { isKeyArn } from './key-arn.ts';
import { type EncryptionContext, type LocalKms, NotOpened } from './local-kms.ts';

const TARGET_PREFIX = 'TrentService.';
/** Bytes; those of AWS KMS. */
const LONGEST_PLAINTEXT = 4096;
const LONGEST_CIPHERTEXT = 6144;
const LONGEST_CONTEXT = 8192;
const LARGEST_DATA_KEY = 1024;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** An error as AWS KMS answers it. */
class KmsError extends Error {
  readonly type: string;
  constructor(type: string, message?: string) {
    super(message);
    this.type = type;
  }
}
const invalid = (message: string) => new KmsError('ValidationException', message);

type Input = Readonly<Record<string, unknown>>;
const operations: Readonly<Record<string, (kms: LocalKms, input: Input) => Promise<object>>> = {
  async GenerateDataKey(kms, input) {
    const KeyId = keyOf(input);
    const made = await kms.generateDataKey({
      KeyId,
      NumberOfBytes: dataKeyBytes(input),
      EncryptionContext: contextOf(input),
    });
    return { KeyId, CiphertextBlob: base64(made.CiphertextBlob), Plaintext: base64(made.Plaintext) };
  },
  async Encrypt(kms, input) {
    requireSymmetric(input);
    const KeyId = keyOf(input);
    const Plaintext = bytesOf(input, 'Plaintext', LONGEST_PLAINTEXT);
    const made = await kms.encrypt({ KeyId, Plaintext, EncryptionContext: contextOf(input) });
    return { KeyId, CiphertextBlob: base64(made.CiphertextBlob), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  },
  async Decrypt(kms, input) {
    requireSymmetric(input);
    const wanted = input['KeyId'] === undefined ? undefined : keyOf(input);
    const CiphertextBlob = bytesOf(input, 'CiphertextBlob', LONGEST_CIPHERTEXT);
    const { KeyId, Plaintext } = await kms.decrypt({ CiphertextBlob, EncryptionContext: contextOf(input) });
    if (wanted !== undefined && wanted !== KeyId) {
      throw new KmsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    }
    return { KeyId, Plaintext: base64(Plaintext), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  },
};

export const isKmsTarget = (target: unknown): target is string =>
  typeof target === 'string' && target.startsWith(TARGET_PREFIX);

/** Answers what AWS SDKs ask of AWS KMS, as far as the AWS Encryption SDK needs it. */
export async function answerKms(
  kms: LocalKms,
  target: string,
  body: string,
): Promise<{ status: number; body: string }> {
  try {
    const name = target.slice(TARGET_PREFIX.length);
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation === undefined) {
      const known = Object.keys(operations).join(', ');
      throw new KmsError('UnknownOperationException', `Dev mode's KMS has ${known}, and nothing more.`);
    }
    return { status: 200, body: JSON.stringify(await operation(kms, inputOf(body))) };
  } catch (error) {
    // AWS KMS does not say what is wrong with a ciphertext.
    const refusal = error instanceof NotOpened ? new KmsError('InvalidCiphertextException') : error;
    if (!(refusal instanceof KmsError)) throw error;
    const { type, message } = refusal;
    return { status: 400, body: JSON.stringify({ __type: type, ...(message && { message }) }) };
  }
}

function inputOf(body: string): Input {
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {}
  if (typeof input !== 'object' || input === null) throw new KmsError('SerializationException');
  return input as Input;
}

function keyOf({ KeyId }: Input): string {
  if (KeyId === undefined || KeyId === null) {
    throw invalid(
      "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    );
  }
  if (typeof KeyId !== 'string') throw new KmsError('SerializationException');
  if (isKeyArn(KeyId)) return KeyId;
  throw new KmsError(
    'NotFoundException',
    `Invalid keyId '${KeyId.slice(0, 256)}'. In dev mode's KMS every ARN of a key is a key, and nothing else.`,
  );
}

function contextOf({ EncryptionContext }: Input): EncryptionContext {
  if (EncryptionContext === undefined || EncryptionContext === null) return {};
  if (typeof EncryptionContext !== 'object') throw new KmsError('SerializationException');
  const pairs = Object.entries(EncryptionContext as Input);
  const texts = pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  if (Array.isArray(EncryptionContext) || texts.length < pairs.length) {
    throw new KmsError('SerializationException');
  }
  if (JSON.stringify(texts).length > LONGEST_CONTEXT) {
    throw invalid(`EncryptionContext is longer than ${LONGEST_CONTEXT} characters.`);
  }
  return Object.fromEntries(texts);
}

function bytesOf(input: Input, name: string, longest: number): Buffer {
  const text = input[name];
  if (typeof text !== 'string' || !BASE64.test(text)) {
    throw invalid(`${name} must be bytes in base64, and not empty.`);
  }
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length > longest) throw invalid(`${name} has 1 to ${longest} bytes.`);
  return bytes;
}

const KEY_SPECS: Readonly<Record<string, number>> = { AES_256: 32, AES_128: 16 };

function dataKeyBytes({ NumberOfBytes, KeySpec }: Input): number {
  const bytes = typeof KeySpec === 'string' ? KEY_SPECS[KeySpec] : NumberOfBytes;
  if ((KeySpec === undefined) !== (NumberOfBytes === undefined) && Number.isInteger(bytes)) {
    if ((bytes as number) >= 1 && (bytes as number) <= LARGEST_DATA_KEY) return bytes as number;
  }
  throw invalid(
    `Please specify either number of bytes (1 to ${LARGEST_DATA_KEY}) or key spec (AES_256 or AES_128).`,
  );
}

/** What only asymmetric keys have is refused: this has none. */
function requireSymmetric({ EncryptionAlgorithm = 'SYMMETRIC_DEFAULT' }: Input): void {
  if (EncryptionAlgorithm !== 'SYMMETRIC_DEFAULT') {
    throw new KmsError('InvalidKeyUsageException', 'Keys of dev mode are for SYMMETRIC_DEFAULT alone.');
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
