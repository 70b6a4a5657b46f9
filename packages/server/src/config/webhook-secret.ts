import { ConfigError } from './config-error.ts';
import { resolveSecrets } from './secrets.ts';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Standard Webhooks wants 24 to 64 bytes. */
const FEWEST_BYTES = 24;
const FEWEST_DIFFERENT = 12;

const HOW =
  'Make one with `openssl rand -base64 32` and give it as POOLKEEPER_WEBHOOK_SECRET, or as --webhook-secret file:/run/secrets/webhook-secret.';

/**
 * The secrets that requests to https functions and channels are signed with, as Standard Webhooks writes them (base64, `whsec_` before
 * it or not): one, or two while they are exchanged. Throws ConfigError.
 */
export async function webhookSecretsOf(given: string | undefined): Promise<readonly string[]> {
  const secrets = given === undefined ? [] : await resolveSecrets('webhook-secret', given);
  for (const secret of secrets) check(secret);
  return secrets;
}

function check(secret: string): void {
  const text = secret.replace(/^whsec_/, '');
  const key = webhookKey(secret);
  if (!BASE64.test(text)) throw new ConfigError(`--webhook-secret must be base64. ${HOW}`);
  if (key.length < FEWEST_BYTES || new Set(key).size < FEWEST_DIFFERENT) {
    throw new ConfigError(
      `--webhook-secret must be one that nobody can guess: ${FEWEST_BYTES} random bytes at least, in base64. ${HOW}`,
    );
  }
}

export const webhookKey = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

/** Throws ConfigError when there is nothing to sign with what an option has sent to somebody's URL. */
export function requireWebhookSecret(
  secrets: readonly string[],
  option: '--function' | '--email' | '--sms',
): void {
  if (secrets.length === 0) {
    throw new ConfigError(
      `${option} with an http or https URL needs --webhook-secret, or whoever finds the URL could send to it as well. ${HOW}`,
    );
  }
}
