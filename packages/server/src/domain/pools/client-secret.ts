import { createHmac, timingSafeEqual } from 'node:crypto';
import { clientSecretWrong, secretHashMissing, secretHashWrong } from '../../errors.ts';
import type { AppClient } from './app-client.ts';

function equal(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Checks `Base64(HMAC-SHA-256(client secret, name + client id))`, where the name is the one sent or the canonical
 * username: clients use either. A hash sent to a client without a secret is ignored (undetermined on AWS).
 */
function hashMatches(client: AppClient, hash: string, names: readonly string[]): boolean {
  const secret = client.secret as string;
  return names
    .map((name) =>
      createHmac('sha256', secret)
        .update(name + client.id)
        .digest('base64'),
    )
    .map((expected) => equal(hash, expected))
    .includes(true);
}

/** For operations with a `SecretHash` member. Throws NotAuthorizedException. */
export function requireSecretHash(client: AppClient, hash: string | undefined, ...names: string[]): void {
  if (!acceptsSecretHash(client, hash, ...names)) throw secretHashWrong(client.id);
}

export const acceptsSecretHash = (client: AppClient, hash: string | undefined, ...names: string[]) =>
  client.secret === undefined || (hash !== undefined && hashMatches(client, hash, names));

/** For `SECRET_HASH` among AuthParameters and ChallengeResponses, where a missing one has a text of its own. */
export function requireSecretHashParameter(
  client: AppClient,
  hash: string | undefined,
  ...names: string[]
): void {
  if (client.secret === undefined) return;
  if (hash === undefined) throw secretHashMissing(client.id);
  if (!hashMatches(client, hash, names)) throw secretHashWrong(client.id);
}

/** For operations that take the secret itself. Throws NotAuthorizedException. */
export function requireClientSecret(client: AppClient, secret: string | undefined): void {
  if (client.secret === undefined) return;
  if (secret === undefined || !equal(secret, client.secret)) throw clientSecretWrong(client.id);
}
