import { startPoolkeeper } from '../../packages/server/src/index.ts';
import { openSqlite } from '../../packages/server/src/storage/sqlite.ts';
import { storeUsers } from '../support/store-users.ts';
import type { Target } from './measure.ts';
import { createPool } from './pool.ts';

/** A data folder with a pool and `users` CONFIRMED users with a verified email. */
export async function seed(data: string, users: number): Promise<Target> {
  const server = await startPoolkeeper({ data });
  const { poolId, clientId } = await createPool(server);
  await server.close();

  const storage = openSqlite(data);
  const names = Array.from({ length: users }, (_, index) => `user-${index}`);
  await storeUsers(storage, poolId, names);
  await storage.close();
  return { poolId, clientId, names };
}
