import { userPoolFromRow } from '../../packages/server/src/domain/pools/user-pool.ts';
import { createUser } from '../../packages/server/src/domain/users/create-user.ts';
import { startPoolkeeper } from '../../packages/server/src/index.ts';
import { findUserPool } from '../../packages/server/src/storage/repositories/user-pools.ts';
import { openSqlite } from '../../packages/server/src/storage/sqlite.ts';
import type { Target } from './measure.ts';
import { createPool } from './pool.ts';

/** A data folder with a pool and `users` CONFIRMED users with a verified email. */
export async function seed(data: string, users: number): Promise<Target> {
  const server = await startPoolkeeper({ data });
  const { poolId, clientId } = await createPool(server);
  await server.close();

  // Through the API each user would cost an argon2id hash; ForgotPassword needs none.
  const storage = openSqlite(data);
  const row = await storage.read((unit) => findUserPool.first(unit, { id: poolId }));
  if (row === undefined) throw new Error('The pool was not stored.');
  const pool = userPoolFromRow(row);
  const now = Date.now();
  const names = Array.from({ length: users }, (_, index) => `user-${index}`);
  for (let first = 0; first < users; first += 256) {
    await Promise.all(
      names.slice(first, first + 256).map((username) =>
        storage.write((unit) =>
          createUser(unit, pool, {
            identity: {
              sub: crypto.randomUUID(),
              username,
              attributes: { email: `${username}@example.com`, email_verified: 'true' },
            },
            status: 'CONFIRMED',
            password: undefined,
            temporaryUntil: null,
            forceAlias: false,
            now,
          }),
        ),
      ),
    );
  }
  await storage.close();
  return { poolId, clientId, names };
}
