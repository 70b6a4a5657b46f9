import { ConfigError } from './config-error.ts';
import { isLoopback } from './loopback.ts';
import { isReference } from './secrets.ts';

/** What the rules of a mode are about. */
interface Facts {
  readonly host: string;
  readonly publicUrl: string | undefined;
  readonly masterKey: string | undefined;
  readonly adminToken: string | undefined;
  readonly email: readonly string[];
  readonly sms: readonly string[];
  readonly smsCountries: object | undefined;
  readonly databaseUrls: readonly string[];
  readonly tls: object | undefined;
  readonly trustedProxies: readonly string[];
}

/** Fewer would be a token that somebody made up. */
const SHORTEST_TOKEN = 32;
const FEWEST_CHARACTERS = 10;

/** Dev mode shows everything to whoever asks, so it stays at home and has no use for a lock. Throws ConfigError. */
export function checkDev({ host, adminToken, trustedProxies }: Facts): void {
  if (!isLoopback(host)) {
    throw new ConfigError(
      `--host ${host}: dev mode accepts any credentials and shows every code, so it listens on loopback alone. Use 127.0.0.1.`,
    );
  }
  if (adminToken !== undefined) {
    throw new ConfigError(
      "--admin-token is for --mode production: dev mode's operator's API is open on loopback.",
    );
  }
  if (trustedProxies.length > 0) {
    throw new ConfigError('--trusted-proxies is for --mode production: dev mode serves loopback alone.');
  }
}

/**
 * Production starts with everything or not at all; one message tells all that is missing. `plain` are the names of the
 * secrets that stood on the command line. Throws ConfigError.
 */
export function checkProduction(facts: Facts, plain: readonly string[]): void {
  const problems = [
    ...plain.map(onCommandLine),
    facts.masterKey === undefined &&
      'A master key, 32 bytes that seal what is stored. Make one with `openssl rand -base64 32` and give it as POOLKEEPER_MASTER_KEY, or as --master-key file:/run/secrets/master-key.',
    tokenProblem(facts.adminToken),
    publicUrlProblem(facts.publicUrl),
    facts.email.length === 0 &&
      "A way out for email: --email 'smtp://user:password@smtp.example.com:587?from=no-reply@example.com', or POOLKEEPER_EMAIL.",
    facts.sms.length > 0 &&
      facts.smsCountries === undefined &&
      "The countries that SMS may go to, for whoever earns by messages has them sent to costly ones: --sms-countries 'US CA', or --sms-countries '*' for all.",
    !isLoopback(facts.host) &&
      facts.tls === undefined &&
      facts.trustedProxies.length === 0 &&
      `A closed door: --host ${facts.host} would take requests unencrypted. Give --tls-cert FILE and --tls-key FILE, or --trusted-proxies NETWORK for proxies that end TLS, or listen on --host 127.0.0.1.`,
    facts.databaseUrls.some(saysNoSslMode) &&
      'The security of the connection to the database: add ?sslmode=verify-full to --database-url (or another mode; it must be said).',
  ].filter((problem) => typeof problem === 'string');
  if (problems.length === 0) return;
  throw new ConfigError(
    `Production mode does not start half-configured. It needs:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
  );
}

const onCommandLine = (name: string) =>
  `--${name} out of sight: the list of processes shows the command line to every user. Give it as POOLKEEPER_${name.toUpperCase().replaceAll('-', '_')}, as file:/run/secrets/${name}, or as kms:<ciphertext>.`;

function tokenProblem(token: string | undefined): string | undefined {
  const how =
    'Make one with `openssl rand -base64 32` and give it as POOLKEEPER_ADMIN_TOKEN, or as --admin-token file:/run/secrets/admin-token.';
  if (token === undefined) return `An admin token, which opens the operator's API. ${how}`;
  if (token.length < SHORTEST_TOKEN || new Set(token).size < FEWEST_CHARACTERS) {
    return `An admin token that nobody can guess: ${SHORTEST_TOKEN} random characters at least. ${how}`;
  }
  // Only such characters travel in a header.
  return /^[\x21-\x7e]+$/.test(token) ? undefined : `An admin token of printable ASCII characters. ${how}`;
}

function publicUrlProblem(url: string | undefined): string | undefined {
  if (url === undefined) {
    return 'The URL that clients reach it by, for tokens are issued by it: --public-url https://login.example.com.';
  }
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname)
    ? undefined
    : `A public URL of https: --public-url ${url} would send passwords and tokens unencrypted.`;
}

/** The driver's own default, no encryption, must be nobody's oversight. */
function saysNoSslMode(text: string): boolean {
  const { hostname, searchParams } = new URL(text);
  const host = searchParams.get('host') ?? hostname;
  const local = host === '' || host.startsWith('/') || host.startsWith('%2F') || isLoopback(host);
  return !local && !searchParams.has('sslmode');
}

/** The options among those of the command line that hold a secret which is not merely referred to. */
export function plainSecrets(onCommandLine: (name: string) => readonly string[]): string[] {
  const exposed = (name: string, isSecret: (text: string) => boolean) =>
    onCommandLine(name).some((text) =>
      text.split(/\s+/).some((part) => !isReference(part) && isSecret(part)),
    );
  const hasPassword = (text: string) => URL.canParse(text) && new URL(text).password !== '';
  return [
    ...['master-key', 'admin-token', 'webhook-secret'].filter((name) => exposed(name, (part) => part !== '')),
    ...['email', 'sms', 'database-url'].filter((name) => exposed(name, hasPassword)),
  ];
}
