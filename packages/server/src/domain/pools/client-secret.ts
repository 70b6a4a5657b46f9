import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { clientSecretWrong, secretHashMissing, secretHashUnexpected, secretHashWrong } from '../../errors.ts';
import type { AppClient } from './app-client.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();
/** Takes the same time whatever the lengths and wherever they differ. */
const equal = (left: string, right: string) => timingSafeEqual(digest(left), digest(right));

/**
 * Checks `Base64(HMAC-SHA-256(client secret, name + client id))`, where the name is the one sent or the canonical
 * username: clients use either. All of the client's secrets are tried with all names, so the time does not tell which.
 */
function hashMatches(client: AppClient, hash: string, names: readonly string[]): boolean {
  return client.secrets
    .flatMap(({ value }) => names.map((name) => createHmac('sha256', value).update(name + client.id)))
    .map((expected) => equal(hash, expected.digest('base64')))
    .includes(true);
}

/**
 * For operations with a `SecretHash` member. Throws NotAuthorizedException where it is missing, and
 * InvalidParameterException for one that a client without a secret sends.
 */
export function acceptsSecretHash(client: AppClient, hash: string | undefined, ...names: string[]): boolean {
  if (client.secrets.length === 0) {
    if (hash) throw secretHashUnexpected(client.id);
    return true;
  }
  if (!hash) throw secretHashWrong(client.id);
  return hashMatches(client, hash, names);
}

/** For `SECRET_HASH` among AuthParameters and ChallengeResponses, where a missing one has a text of its own. */
export function requireSecretHashParameter(
  client: AppClient,
  hash: string | undefined,
  ...names: string[]
): void {
  if (client.secrets.length > 0 && !hash) throw secretHashMissing(client.id);
  if (!acceptsSecretHash(client, hash, ...names)) throw secretHashWrong(client.id);
}

/** For operations that take the secret itself. */
export function acceptsClientSecret(client: AppClient, secret: string | undefined): boolean {
  if (client.secrets.length === 0) return true;
  return client.secrets.map(({ value }) => equal(secret ?? '', value)).includes(true);
}

/** Throws NotAuthorizedException. */
export function requireClientSecret(client: AppClient, secret: string | undefined): void {
  if (!acceptsClientSecret(client, secret)) throw clientSecretWrong(client.id);
}
