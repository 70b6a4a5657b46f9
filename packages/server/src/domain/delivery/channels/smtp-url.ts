import { readFileSync } from 'node:fs';
import { ConfigError } from '../../../config/config-error.ts';
import { isOneSender } from '../../../platform/sender-address.ts';

/** An SMTP server as a URL describes it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly credentials: { readonly user: string; readonly pass: string } | undefined;
  /** TLS from the first byte (`smtps:`). */
  readonly implicitTls: boolean;
  /** Whether nothing is sent over a connection that STARTTLS did not secure. */
  readonly requireTls: boolean;
  /** Whether the server must show a certificate for its name from a known authority. */
  readonly verifyCertificate: boolean;
  /** PEM of the authorities to know instead of the usual ones. */
  readonly ca: string | undefined;
  /** Sender of the messages of pools that name none. */
  readonly from: string;
}

/** Amazon Cognito's own default sender. Most providers insist on one of a domain of yours: `from=`. */
export const DEFAULT_FROM = 'no-reply@verificationemail.com';

const EXAMPLE = 'smtp://user:password@smtp.example.com:587?from=no-reply@example.com';
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;
const OPTIONS = ['from', 'ca', 'insecure'] as const;
type Options = Partial<Record<(typeof OPTIONS)[number], string>>;

/**
 * Reads `smtp://[user:password@]host[:587]` (STARTTLS when the server offers it) or `smtps://…[:465]` (TLS from the
 * start), with the options
 * - `from=no-reply@example.com` or `from=Example%20<no-reply@example.com>`;
 * - `ca=/path/to/ca.pem`: whose certificates to trust; asks for TLS;
 * - `insecure=true`: takes any certificate, on loopback alone.
 *
 * Credentials never go over a network in clear: with them, TLS and a good certificate are required, except on
 * loopback. Without them, TLS is used where it is offered and its certificate goes unchecked: who could forge one
 * could as well hide the offer (RFC 7435).
 *
 * Throws ConfigError, whose text never holds the URL: there may be a password in any part of one that is mistyped.
 */
export function readSmtpUrl(text: string): SmtpServer {
  if (!URL.canParse(text)) throw wrong('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') throw wrong('is neither smtp:// nor smtps://');
  const host = decoded(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (host === '') throw wrong('names no host');
  if (/[^\w.:-]/.test(host) || url.pathname.replace('/', '') !== '' || url.hash !== '') {
    throw wrong('has something unexpected after its host');
  }
  const options = optionsOf(url.search);
  const loopback = LOOPBACK.test(host);
  const insecure = options.insecure === 'true';
  if (insecure && !loopback) {
    throw wrong('asks for insecure=true, which works with a host on loopback alone: use ca=/path/to/ca.pem');
  }
  if (insecure && options.ca !== undefined) throw wrong('asks for both ca and insecure=true');
  if (options.from !== undefined && !isOneSender(options.from)) {
    throw wrong('has a from that is no address such as no-reply@example.com');
  }
  const credentials = credentialsOf(url);
  const implicitTls = url.protocol === 'smtps:';
  const requireTls = implicitTls || options.ca !== undefined || (credentials !== undefined && !loopback);
  return {
    host,
    port: url.port === '' ? (implicitTls ? 465 : 587) : Number(url.port),
    credentials,
    implicitTls,
    requireTls,
    verifyCertificate: requireTls && !insecure,
    ca: options.ca === undefined ? undefined : certificateIn(options.ca),
    from: options.from ?? DEFAULT_FROM,
  };
}

function credentialsOf({ username, password }: URL): SmtpServer['credentials'] {
  if (username === '' && password === '') return undefined;
  if (username === '' || password === '') throw wrong('has a user or a password without the other');
  return { user: decoded(username), pass: decoded(password) };
}

/** A `+` stays one, unlike in a form: it is common in addresses. */
function optionsOf(search: string): Options {
  const options: Options = {};
  for (const pair of search.slice(1).split('&').filter(Boolean)) {
    const equals = pair.indexOf('=');
    const name = OPTIONS.find((option) => option === pair.slice(0, equals));
    const value = decoded(pair.slice(equals + 1));
    if (name === undefined) throw wrong(`has an option other than ${OPTIONS.join(', ')}`);
    if (options[name] !== undefined) throw wrong(`has ${name} twice`);
    if (value === '') throw wrong(`has an empty ${name}`);
    if (name === 'insecure' && value !== 'true' && value !== 'false') {
      throw wrong('has an insecure that is neither true nor false');
    }
    options[name] = value;
  }
  return options;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('has a % that starts no percent-encoding: write %25 for it');
  }
}

function certificateIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(`names a ca file that could not be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw wrong('names a ca file that holds no PEM certificate');
  return text;
}

const wrong = (problem: string) =>
  new ConfigError(
    `An --email URL ${problem}. Write it like ${EXAMPLE}, or smtps://… for TLS from the start, and percent-encode special characters of the user and password (@ as %40, / as %2F, # as %23).`,
  );
