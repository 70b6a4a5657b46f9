import { ConfigError } from './config-error.ts';
import { isLoopback } from './loopback.ts';

/** The AWS KMS that has the keys of custom senders: AWS, this server itself (dev), or the endpoint of another one. */
export type CodeKms = 'aws' | 'local' | { readonly endpoint: string };

/** What `--kms` says. Throws ConfigError. */
export function codeKmsOf(given: string | undefined, mode: 'dev' | 'production'): CodeKms {
  const text = given ?? (mode === 'production' ? 'aws' : 'local');
  if (text === 'aws') return text;
  if (text === 'local') {
    if (mode === 'dev') return text;
    throw new ConfigError(
      '--kms local is for dev mode: it decrypts for whoever asks. Give aws, or the URL of a KMS.',
    );
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash) {
    throw new ConfigError(
      '--kms must be aws, local, or a URL without a login, such as http://127.0.0.1:4566.',
    );
  }
  // What it answers with are keys in clear.
  if (mode === 'production' && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new ConfigError(`--kms must be an https URL, not ${url.origin}: it sends keys.`);
  }
  return { endpoint: text };
}
