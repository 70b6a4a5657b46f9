import { secretHashWrong } from '../../errors.ts';
import type { AppClient } from '../pools/app-client.ts';
import { acceptsSecretHash } from '../pools/client-secret.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { findNamed } from './find-user.ts';

/**
 * The app client that a public request names, and its pool. A client with a secret must prove it by a SecretHash over
 * the name as typed or over the username that it stands for. Throws ResourceNotFoundException, NotAuthorizedException, and
 * InvalidParameterException for a hash that a client without a secret sends.
 */
export async function authenticateClient(
  services: Services,
  input: { ClientId: string; Username: string; SecretHash?: string | undefined },
): Promise<{ client: AppClient; pool: UserPool }> {
  const client = await services.pools.client(input.ClientId);
  const pool = await services.pools.pool(client.poolId);
  // Most hash the name as they typed it; only for the others is the user looked up.
  if (!acceptsSecretHash(client, input.SecretHash, input.Username)) {
    const { username } = await services.storage.read((unit) =>
      findNamed(services, unit, pool, input.Username),
    );
    if (!acceptsSecretHash(client, input.SecretHash, username)) throw secretHashWrong(client.id);
  }
  return { client, pool };
}
