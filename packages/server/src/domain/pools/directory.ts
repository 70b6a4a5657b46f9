import { clientNotFound, userPoolNotFound } from '../../errors.ts';
import type { Keyring } from '../../platform/keyring.ts';
import { createPromiseCache, LONGEST_STALE } from '../../platform/promise-cache.ts';
import { findAppClient, listAppClients } from '../../storage/repositories/app-clients.ts';
import { findUserPool } from '../../storage/repositories/user-pools.ts';
import type { Storage, Unit } from '../../storage/unit.ts';
import { type AppClient, appClientFromRow } from './app-client.ts';
import { allowsSrp } from './client-config.ts';
import { type UserPool, userPoolFromRow } from './user-pool.ts';

const CACHED = 10_000;
const MAX_CLIENTS_CONSIDERED = 10_000;

/** Pools and app clients, kept until this node changes them, and for a second at most: another node may have. */
export interface PoolDirectory {
  /** Throws ResourceNotFoundException. */
  pool(id: string): Promise<UserPool>;
  /** Throws ResourceNotFoundException. */
  client(id: string): Promise<AppClient>;
  /** Throws ResourceNotFoundException also for a client of another pool. */
  clientOfPool(poolId: string, clientId: string): Promise<AppClient>;
  /** Whether new passwords need an SRP verifier: unless the pool has app clients and none of them allows SRP. */
  needsVerifiers(poolId: string): Promise<boolean>;
  /** To be called in the unit that changes a pool or one of its clients. */
  forgetOnCommit(unit: Unit, poolId: string, clientId?: string): void;
}

/** A pool as this unit of work finds it, for who changes it. Throws ResourceNotFoundException. */
export async function currentPool(unit: Unit, id: string): Promise<UserPool> {
  const row = await findUserPool.first(unit, { id });
  if (row === undefined) throw userPoolNotFound(id);
  return userPoolFromRow(row);
}

export function createPoolDirectory(storage: Storage, keyring: Keyring): PoolDirectory {
  const pools = createPromiseCache<UserPool>(CACHED, LONGEST_STALE);
  const clients = createPromiseCache<AppClient>(CACHED, LONGEST_STALE);
  const verifierNeeds = createPromiseCache<boolean>(CACHED, LONGEST_STALE);

  const client = (id: string) =>
    clients.get(id, () =>
      storage.read(async (unit) => {
        const row = await findAppClient.first(unit, { id });
        if (row === undefined) throw clientNotFound(id);
        return appClientFromRow(row, keyring);
      }),
    );

  return {
    client,
    pool: (id) => pools.get(id, () => storage.read((unit) => currentPool(unit, id))),
    async clientOfPool(poolId, clientId) {
      const found = await client(clientId);
      if (found.poolId !== poolId) throw clientNotFound(clientId);
      return found;
    },
    needsVerifiers: (poolId) =>
      verifierNeeds.get(poolId, () =>
        storage.read(async (unit) => {
          const rows = await listAppClients.all(unit, { poolId, after: '', limit: MAX_CLIENTS_CONSIDERED });
          return rows.length === 0 || rows.some((row) => allowsSrp(JSON.parse(row.config)));
        }),
      ),
    forgetOnCommit(unit, poolId, clientId) {
      unit.onCommit(() => {
        pools.delete(poolId);
        verifierNeeds.delete(poolId);
        if (clientId !== undefined) clients.delete(clientId);
        else
          for (const [id, entry] of clients.entries())
            void entry.then(
              (c) => c.poolId === poolId && clients.delete(id),
              () => {},
            );
      });
    },
  };
}
