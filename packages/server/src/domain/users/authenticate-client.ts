import type { AppClient } from '../pools/app-client.ts';
import { acceptsSecretHash, requireSecretHash } from '../pools/client-secret.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { findUserBy } from './find-user.ts';

/**
 * The app client that a public request names, and its pool. A client with a secret must prove it by a SecretHash over
 * the name as typed or over the username that it stands for. Throws ResourceNotFoundException, NotAuthorizedException.
 */
export async function authenticateClient(
  services: Services,
  input: { ClientId: string; Username: string; SecretHash?: string | undefined },
): Promise<{ client: AppClient; pool: UserPool }> {
  const client = await services.pools.client(input.ClientId);
  const pool = await services.pools.pool(client.poolId);
  // Most hash the name as they typed it; only for the others is the user looked up.
  if (!acceptsSecretHash(client, input.SecretHash, input.Username)) {
    const user = await services.storage.read((unit) => findUserBy(unit, pool, input.Username));
    requireSecretHash(client, input.SecretHash, user?.username ?? input.Username);
  }
  return { client, pool };
}
