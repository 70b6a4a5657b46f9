import type { Keyring } from '../../../platform/keyring.ts';
import { newDataKey } from '../../../platform/random.ts';

/** Pairs that a ciphertext is bound to: it opens with the same ones only, in any order. */
export type EncryptionContext = Readonly<Record<string, string>>;

interface Sealed {
  readonly KeyId: string;
  readonly CiphertextBlob: Uint8Array;
}
interface Opened {
  readonly KeyId: string;
  readonly Plaintext: Uint8Array;
}

/**
 * AWS KMS as dev mode has it, with the shapes of the AWS SDK: every key ARN is a key. It keeps nothing, because a
 * ciphertext tells its own key and is sealed by the server's.
 */
export interface LocalKms {
  generateDataKey(input: {
    readonly KeyId: string;
    readonly NumberOfBytes?: number;
    readonly EncryptionContext?: EncryptionContext;
  }): Promise<Sealed & Opened>;
  encrypt(input: {
    readonly KeyId: string;
    readonly Plaintext: Uint8Array;
    readonly EncryptionContext?: EncryptionContext;
  }): Promise<Sealed>;
  /** Throws `NotOpened`. */
  decrypt(input: {
    readonly CiphertextBlob: Uint8Array;
    readonly EncryptionContext?: EncryptionContext;
  }): Promise<Opened>;
}

/** What is no ciphertext of this server's, or of another encryption context. */
export class NotOpened extends Error {}

const VERSION = 1;
const LENGTHS = 3;

/** `version (1) | length of the ARN (2) | ARN | what the keyring sealed`. */
export function createLocalKms(keyring: Keyring): LocalKms {
  const seal = (arn: string, context: EncryptionContext | undefined, plaintext: Uint8Array): Uint8Array => {
    const name = Buffer.from(arn);
    const head = Buffer.of(VERSION, name.length >> 8, name.length & 255);
    return Buffer.concat([head, name, keyring.seal(placeOf(arn, context), plaintext)]);
  };
  return {
    async generateDataKey({ KeyId, NumberOfBytes = 32, EncryptionContext }) {
      const Plaintext = newDataKey(NumberOfBytes);
      return { KeyId, Plaintext, CiphertextBlob: seal(KeyId, EncryptionContext, Plaintext) };
    },
    encrypt: async ({ KeyId, Plaintext, EncryptionContext }) => ({
      KeyId,
      CiphertextBlob: seal(KeyId, EncryptionContext, Plaintext),
    }),
    async decrypt({ CiphertextBlob, EncryptionContext }) {
      const blob = Buffer.from(CiphertextBlob);
      if (blob.length < LENGTHS || blob[0] !== VERSION) throw new NotOpened();
      const end = LENGTHS + blob.readUInt16BE(1);
      const KeyId = blob.toString('utf8', LENGTHS, end);
      try {
        return { KeyId, Plaintext: keyring.open(placeOf(KeyId, EncryptionContext), blob.subarray(end)) };
      } catch {
        throw new NotOpened();
      }
    },
  };
}

/** No other value that the server seals is of a context that begins like this, so nothing else can be opened here. */
const placeOf = (arn: string, context: EncryptionContext = {}) =>
  `local-kms/${JSON.stringify([arn, Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))])}`;
