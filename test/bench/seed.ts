import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { userPoolFromRow } from '../../packages/server/src/domain/pools/user-pool.ts';
import { createUser } from '../../packages/server/src/domain/users/create-user.ts';
import { startPoolkeeper } from '../../packages/server/src/index.ts';
import { findUserPool } from '../../packages/server/src/storage/repositories/user-pools.ts';
import { openSqlite } from '../../packages/server/src/storage/sqlite.ts';

export const SRP_PASSWORD = 'Passw0rd!bench';
/** As many as sign in at once. */
const SRP_USERS = 8;

/** A data folder with a pool, a client, no attempt limit and `users` CONFIRMED users with a verified email, and a few with a password. */
export async function seed(data: string, users: number): Promise<{ poolId: string; clientId: string }> {
  const server = await startPoolkeeper({ data });
  const sdk = new CognitoIdentityProviderClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const { UserPool } = await sdk.send(new CreateUserPoolCommand({ PoolName: 'bench' }));
  const poolId = UserPool?.Id as string;
  const { UserPoolClient } = await sdk.send(
    new CreateUserPoolClientCommand({ UserPoolId: poolId, ClientName: 'bench' }),
  );
  const settings = await fetch(`${server.url}/_poolkeeper/pools/${poolId}/settings`, {
    method: 'PUT',
    body: JSON.stringify({ recovery: { attemptsPerHour: 0 } }),
  });
  if (!settings.ok) throw new Error(`The attempt limit was not lifted: ${await settings.text()}`);
  for (let index = 0; index < SRP_USERS; index += 1) {
    const user = { UserPoolId: poolId, Username: `srp-${index}` };
    await sdk.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }));
    await sdk.send(new AdminSetUserPasswordCommand({ ...user, Password: SRP_PASSWORD, Permanent: true }));
  }
  await server.close();

  // Through the API each user would cost an argon2id hash; ForgotPassword needs none.
  const storage = openSqlite(data);
  const row = await storage.read((unit) => findUserPool.first(unit, { id: poolId }));
  if (row === undefined) throw new Error('The pool was not stored.');
  const pool = userPoolFromRow(row);
  const now = Date.now();
  for (let first = 0; first < users; first += 256) {
    const group = Array.from({ length: Math.min(256, users - first) }, (_, index) => `user-${first + index}`);
    await Promise.all(
      group.map((username) =>
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
  return { poolId, clientId: UserPoolClient?.ClientId as string };
}
