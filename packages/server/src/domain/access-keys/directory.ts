import type { Keyring } from '../../platform/keyring.ts';
import { createPromiseCache, LONGEST_STALE } from '../../platform/promise-cache.ts';
import { ACCESS_KEY_ID } from '../../platform/random.ts';
import { findAccessKey } from '../../storage/repositories/access-keys.ts';
import type { Storage } from '../../storage/unit.ts';
import { type AccessKey, accessKeyFromRow, accessKeySecretContext } from './access-key.ts';

const CACHED = 1000;

export interface SigningAccessKey extends AccessKey {
  readonly secret: string;
}

/** Access keys as calls are checked against them. */
export interface AccessKeyDirectory {
  /** Undefined for one that does not exist or was revoked. */
  live(id: string): Promise<SigningAccessKey | undefined>;
}

export function createAccessKeyDirectory(storage: Storage, keyring: Keyring): AccessKeyDirectory {
  const cache = createPromiseCache<SigningAccessKey | undefined>(CACHED, LONGEST_STALE);

  const load = (id: string) =>
    storage.read(async (unit) => {
      const row = await findAccessKey.first(unit, { id });
      if (row === undefined || row.revoked_at !== null) return undefined;
      const secret = keyring.open(accessKeySecretContext(id), row.sealed_secret).toString();
      return { ...accessKeyFromRow(row), secret };
    });

  return {
    async live(id) {
      // What cannot be one costs no query.
      if (!ACCESS_KEY_ID.test(id)) return undefined;
      const key = await cache.get(id, () => load(id));
      // Ids that somebody guesses must not push out those that exist.
      if (key === undefined) cache.delete(id);
      return key;
    },
  };
}
