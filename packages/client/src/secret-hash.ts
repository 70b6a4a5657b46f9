import { base64 } from './bytes.ts';
import { hmac } from './web-crypto.ts';

/**
 * What an app client with a secret adds to its requests, in Base64. `username` is the name exactly as that request sends it.
 * Source: "Computing secret hash values" in the Amazon Cognito developer guide.
 */
export async function secretHash(clientId: string, clientSecret: string, username: string): Promise<string> {
  return base64(await hmac(clientSecret, username, clientId));
}
