import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { exportJWK, type JWK } from 'jose';
import { userPoolNotFound } from '../../errors.ts';
import type { Keyring } from '../../platform/keyring.ts';
import { createPromiseCache } from '../../platform/promise-cache.ts';
import { findSigningKeys, insertSigningKey } from '../../storage/repositories/signing-keys.ts';
import type { Storage, Unit } from '../../storage/unit.ts';

const generate = promisify(generateKeyPair);
const RSA_BITS = 2048;
const CACHED = 1000;

export type TokenUse = 'id' | 'access';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: JWK;
}

export interface SigningKeyring {
  /**
   * They never change. Whether there still is such a pool, the pool directory knows. Throws ResourceNotFoundException
   * for a pool that has no keys.
   */
  keysOf(poolId: string): Promise<Readonly<Record<TokenUse, SigningKey>>>;
}

interface NewSigningKey {
  readonly use: TokenUse;
  readonly kid: string;
  readonly privateKey: Buffer;
  readonly publicJwk: string;
}

const keyContext = (poolId: string, use: TokenUse) => `signing_keys.private/${poolId}/${use}`;

/** The RSA keys of a new pool, one for ID and one for access tokens as Amazon Cognito has them. Off the event loop. */
export async function newSigningKeys(): Promise<readonly NewSigningKey[]> {
  return Promise.all((['id', 'access'] as const).map(newSigningKey));
}

async function newSigningKey(use: TokenUse): Promise<NewSigningKey> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: RSA_BITS });
  const kid = randomBytes(32).toString('base64');
  const publicJwk = JSON.stringify({ alg: 'RS256', ...(await exportJWK(publicKey)), kid, use: 'sig' });
  return { use, kid, privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }), publicJwk };
}

export async function storeSigningKeys(
  unit: Unit,
  keyring: Keyring,
  poolId: string,
  keys: readonly NewSigningKey[],
  now: number,
): Promise<void> {
  for (const key of keys) {
    const sealedPrivateKey = keyring.seal(keyContext(poolId, key.use), key.privateKey);
    await insertSigningKey.run(unit, {
      poolId,
      use: key.use,
      kid: key.kid,
      publicJwk: key.publicJwk,
      sealedPrivateKey,
      now,
    });
  }
}

export function createSigningKeyring(storage: Storage, keyring: Keyring): SigningKeyring {
  const cache = createPromiseCache<Readonly<Record<TokenUse, SigningKey>>>(CACHED);

  async function load(poolId: string) {
    const rows = await storage.read((unit) => findSigningKeys.all(unit, { poolId }));
    const keys: Partial<Record<TokenUse, SigningKey>> = {};
    for (const row of rows) {
      const der = keyring.open(keyContext(poolId, row.use), row.sealed_private_key);
      const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      const publicJwk = JSON.parse(row.public_jwk) as JWK;
      keys[row.use] = { kid: row.kid, privateKey, publicKey: createPublicKey(privateKey), publicJwk };
    }
    const { id, access } = keys;
    if (id === undefined || access === undefined) throw userPoolNotFound(poolId);
    return { id, access };
  }

  return { keysOf: (poolId) => cache.get(poolId, () => load(poolId)) };
}
