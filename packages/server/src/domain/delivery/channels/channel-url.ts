import { createRequire } from 'node:module';
import { ConfigError } from '../../../config/config-error.ts';
import { isLoopback } from '../../../config/loopback.ts';
import { isRegion } from '../../../config/region.ts';

/** How a kind of channel is written. */
export interface UrlForm<Name extends string> {
  readonly option: '--email' | '--sms';
  readonly example: string;
  /** The names of what can follow `?`. */
  readonly options: readonly Name[];
}

/** A channel's URL, taken apart. */
export interface ChannelUrl<Name extends string> {
  readonly url: URL;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly options: Readonly<Partial<Record<Name, string>>>;
  /** The error to throw. Its text never holds the URL: there may be a password in any part of one that is mistyped. */
  wrong(problem: string): ConfigError;
  /** Percent-decoded; `+` stays one, unlike in a form: it is common in addresses and phone numbers. */
  decoded(text: string): string;
}

/** Throws ConfigError. */
export function readChannelUrl<Name extends string>(text: string, form: UrlForm<Name>): ChannelUrl<Name> {
  const wrong = (problem: string) =>
    new ConfigError(
      `An ${form.option} URL ${problem}. Write it like ${form.example}, and percent-encode special characters (@ as %40, / as %2F, # as %23, & as %26).`,
    );
  const decoded = (encoded: string) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      throw wrong('has a % that starts no percent-encoding: write %25 for it');
    }
  };
  if (!URL.canParse(text)) throw wrong('is not a URL');
  const url = new URL(text);
  const host = decoded(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (host === '') throw wrong('names no host');
  if (/[^\w.:-]/.test(host) || url.hash !== '') throw wrong('has something unexpected after its host');
  const options: Partial<Record<Name, string>> = {};
  for (const pair of url.search.slice(1).split('&').filter(Boolean)) {
    const equals = pair.indexOf('=');
    const name = form.options.find((option) => option === pair.slice(0, equals));
    const value = decoded(pair.slice(equals + 1));
    if (name === undefined) throw wrong(`has an option other than ${form.options.join(', ')}`);
    if (options[name] !== undefined) throw wrong(`has ${name} twice`);
    if (value === '') throw wrong(`has an empty ${name}`);
    options[name] = value;
  }
  return { url, host, options, wrong, decoded };
}

/** What the host of a `ses:`, `sns:` or `eum:` URL stands for. Throws ConfigError. */
export function regionOf({ url, host, wrong }: ChannelUrl<string>): string {
  const nothingElse =
    url.port === '' && url.username === '' && url.password === '' && /^\/?$/.test(url.pathname);
  if (!isRegion(host) || !nothingElse) {
    throw wrong(
      'has something else than a region of AWS where its host is; credentials come from the environment',
    );
  }
  return host;
}

/** The URL of what stands in for AWS. Throws ConfigError. */
export function endpointOf<Name extends string>(
  { options, wrong }: ChannelUrl<Name>,
  name: Name,
  mode: 'dev' | 'production',
): string | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.username ||
    url.password ||
    url.search ||
    url.hash
  ) {
    throw wrong(`has a value for ${name} that is no http or https URL`);
  }
  if (url.protocol === 'http:' && mode === 'production' && !isLoopback(url.hostname)) {
    throw wrong(`would send codes unencrypted to the host of ${name}: give an https URL`);
  }
  return url.href.replace(/\/$/, '');
}

/** SDKs of providers are optional dependencies: who sends by others need not install them. Throws ConfigError. */
export function requirePackages(scheme: string, packages: readonly string[]): void {
  const { resolve } = createRequire(import.meta.url);
  const missing = packages.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length > 0)
    throw new ConfigError(`${scheme} needs packages more: npm install ${missing.join(' ')}`);
}
