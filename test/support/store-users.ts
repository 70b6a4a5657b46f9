import { userPoolFromRow } from '../../packages/server/src/domain/pools/user-pool.ts';
import { createUser, type NewUser } from '../../packages/server/src/domain/users/create-user.ts';
import { findUserPool } from '../../packages/server/src/storage/repositories/user-pools.ts';
import type { Storage } from '../../packages/server/src/storage/unit.ts';

/** As many units as are written at once, so that they share commits. */
const AT_ONCE = 128;

/** CONFIRMED users with a verified email `<name>@example.com`, past the API: there each would cost an argon2id hash. */
export async function storeUsers(
  storage: Storage,
  poolId: string,
  names: readonly string[],
  password?: NewUser['password'],
): Promise<void> {
  const row = await storage.read((unit) => findUserPool.first(unit, { id: poolId }));
  if (row === undefined) throw new Error('The pool was not stored.');
  const pool = userPoolFromRow(row);
  const now = Date.now();
  for (let first = 0; first < names.length; first += AT_ONCE) {
    await Promise.all(
      names.slice(first, first + AT_ONCE).map((username) =>
        storage.write((unit) =>
          createUser(unit, pool, {
            identity: {
              sub: crypto.randomUUID(),
              username,
              attributes: { email: `${username}@example.com`, email_verified: 'true' },
            },
            status: 'CONFIRMED',
            password,
            temporaryUntil: null,
            forceAlias: false,
            now,
          }),
        ),
      ),
    );
  }
}
