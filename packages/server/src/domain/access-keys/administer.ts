import type { Clock } from '../../platform/clock.ts';
import type { Keyring } from '../../platform/keyring.ts';
import { newAccessKeyId, newAccessKeySecret } from '../../platform/random.ts';
import {
  findAccessKey,
  insertAccessKey,
  listAccessKeys as listRows,
  revokeAccessKey as revokeRow,
} from '../../storage/repositories/access-keys.ts';
import { findUserPool } from '../../storage/repositories/user-pools.ts';
import type { Storage } from '../../storage/unit.ts';
import { type AccessKey, accessKeyFromRow, accessKeySecretContext } from './access-key.ts';

/** What it takes to administer access keys, beside a server that runs or without one. */
export interface AccessKeyStore {
  readonly storage: Storage;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** The secret is in this answer and nowhere else. Undefined where the pool that it would be bound to does not exist. */
export async function createAccessKey(
  { storage, keyring, clock }: AccessKeyStore,
  { name, readOnly, poolId }: Pick<AccessKey, 'name' | 'readOnly' | 'poolId'>,
): Promise<(AccessKey & { readonly secret: string }) | undefined> {
  const id = newAccessKeyId();
  const secret = newAccessKeySecret();
  const now = clock.now();
  const created = await storage.write(async (unit) => {
    if (poolId !== undefined && (await findUserPool.first(unit, { id: poolId })) === undefined) return false;
    await insertAccessKey.run(unit, {
      id,
      name,
      kind: readOnly ? 'read-only' : 'full',
      poolId: poolId ?? null,
      sealedSecret: keyring.seal(accessKeySecretContext(id), secret),
      now,
    });
    return true;
  });
  return created ? { id, name, readOnly, poolId, createdAt: now, revokedAt: undefined, secret } : undefined;
}

/** Every key, revoked ones too, the oldest first. */
export async function listAccessKeys({ storage }: Pick<AccessKeyStore, 'storage'>): Promise<AccessKey[]> {
  return (await storage.read((unit) => listRows.all(unit, {}))).map(accessKeyFromRow);
}

/** Resolves to the key as it is now; undefined where there is none. Servers refuse it within a second. */
export function revokeAccessKey(
  { storage, clock }: Pick<AccessKeyStore, 'storage' | 'clock'>,
  id: string,
): Promise<AccessKey | undefined> {
  return storage.write(async (unit) => {
    await revokeRow.run(unit, { id, now: clock.now() });
    const row = await findAccessKey.first(unit, { id });
    return row && accessKeyFromRow(row);
  });
}
