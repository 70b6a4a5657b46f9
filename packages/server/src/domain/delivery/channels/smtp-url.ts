import { readFileSync } from 'node:fs';
import type { ConfigError } from '../../../config/config-error.ts';
import { isLoopback } from '../../../config/loopback.ts';
import { isOneSender } from '../../../platform/sender-address.ts';
import { type ChannelUrl, readChannelUrl } from './channel-url.ts';
import { type DkimKey, readDkim, vouchesFor } from './dkim.ts';

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
  /** Undefined leaves signing to the server. */
  readonly dkim: DkimKey | undefined;
  /** At a time. */
  readonly connections: number;
}

/** Amazon Cognito's own default sender. Most providers insist on one of a domain of yours: `from=`. */
export const DEFAULT_FROM = 'no-reply@verificationemail.com';

const CONNECTIONS = 5;
const MOST_CONNECTIONS = 50;
const FORM = {
  option: '--email',
  example:
    'smtp://user:password@smtp.example.com:587?from=no-reply@example.com, or smtps://… for TLS from the start',
  options: ['from', 'ca', 'insecure', 'connections', 'dkim-domain', 'dkim-selector', 'dkim-key'],
} as const;

/**
 * Reads `smtp://[user:password@]host[:587]` (STARTTLS when the server offers it) or `smtps://…[:465]` (TLS from the
 * start), with the options
 * - `from=no-reply@example.com` or `from=Example%20<no-reply@example.com>`;
 * - `ca=/path/to/ca.pem`: whose certificates to trust; asks for TLS;
 * - `insecure=true`: takes any certificate, on loopback alone;
 * - `connections=5`: at a time, 50 at most;
 * - `dkim-domain=example.com`, `dkim-selector=mail2026` and `dkim-key=/path/to/key.pem`: signs with DKIM.
 *
 * Credentials never go over a network in clear: with them, TLS and a good certificate are required, except on
 * loopback. Without them, TLS is used where it is offered and its certificate goes unchecked: who could forge one
 * could as well hide the offer (RFC 7435).
 *
 * Throws ConfigError, whose text never holds the URL.
 */
export function readSmtpUrl(text: string): SmtpServer {
  const read = readChannelUrl(text, FORM);
  const { url, host, options, wrong } = read;
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') throw wrong('is neither smtp:// nor smtps://');
  if (url.pathname.replace('/', '') !== '') throw wrong('has something unexpected after its host');
  const loopback = isLoopback(host);
  if (options.insecure !== undefined && options.insecure !== 'true' && options.insecure !== 'false') {
    throw wrong('has an insecure that is neither true nor false');
  }
  const insecure = options.insecure === 'true';
  if (insecure && !loopback) {
    throw wrong('asks for insecure=true, which works with a host on loopback alone: use ca=/path/to/ca.pem');
  }
  if (insecure && options.ca !== undefined) throw wrong('asks for both ca and insecure=true');
  if (options.from !== undefined && !isOneSender(options.from)) {
    throw wrong('has a from that is no address such as no-reply@example.com');
  }
  const dkim = readDkim(options, wrong);
  if (dkim !== undefined && options.from !== undefined && !vouchesFor(dkim.domain, options.from)) {
    throw wrong('has a from that its dkim-domain does not vouch for: receivers compare the two (DMARC)');
  }
  const credentials = credentialsOf(read);
  const implicitTls = url.protocol === 'smtps:';
  const requireTls = implicitTls || options.ca !== undefined || (credentials !== undefined && !loopback);
  return {
    host,
    port: url.port === '' ? (implicitTls ? 465 : 587) : Number(url.port),
    credentials,
    implicitTls,
    requireTls,
    verifyCertificate: requireTls && !insecure,
    ca: options.ca === undefined ? undefined : certificateIn(options.ca, wrong),
    from: options.from ?? DEFAULT_FROM,
    dkim,
    connections: connectionsOf(options.connections, wrong),
  };
}

function credentialsOf({ url, decoded, wrong }: ChannelUrl<string>): SmtpServer['credentials'] {
  const { username, password } = url;
  if (username === '' && password === '') return undefined;
  if (username === '' || password === '') throw wrong('has a user or a password without the other');
  return { user: decoded(username), pass: decoded(password) };
}

function connectionsOf(text: string | undefined, wrong: (problem: string) => ConfigError): number {
  if (text === undefined) return CONNECTIONS;
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_CONNECTIONS) return count;
  throw wrong(`has a number of connections that is not from 1 to ${MOST_CONNECTIONS}`);
}

function certificateIn(file: string, wrong: (problem: string) => ConfigError): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(`names a ca file that could not be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw wrong('names a ca file that holds no PEM certificate');
  }
  return text;
}
