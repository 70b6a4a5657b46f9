import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { ConfigError } from './config-error.ts';
import { functionAddresses } from './function-networks.ts';
import { isLoopback } from './loopback.ts';
import { requireWebhookSecret } from './webhook-secret.ts';

/** Where functions run: in a process of the server's, behind a URL, or wherever Lambda's Invoke API is spoken. */
export type FunctionTarget = FileTarget | HttpsTarget | LambdaTarget;

export interface FileTarget {
  readonly kind: 'file';
  readonly path: string;
  readonly exportName: string;
}

export interface HttpsTarget {
  readonly kind: 'https';
  readonly url: string;
}

export interface LambdaTarget {
  readonly kind: 'lambda';
  /** Undefined: AWS itself. */
  readonly endpoint: string | undefined;
  /** What the endpoint calls the function; undefined: its ARN. */
  readonly name: string | undefined;
}

/** `arn` is `*` for every function that no other mapping names. */
export interface FunctionMapping {
  readonly arn: string;
  readonly target: FunctionTarget;
}

// An ARN as the API model has it; it can hold `=`, and the first one that a target follows ends it.
const MAPPING =
  /^(\*|arn:[\w+=/,.@-]+:lambda:[\w+=/,.@-]*:\d+:[\w+=/,.@-]+(?::[\w+=/,.@-]+){0,2}?)=((?:file|https?|lambda):.*)$/s;
// A folder's name can hold `#` as well.
const MODULE = /^(.*\.[cm]?[jt]s)(?:#([^/\\]*))?$/s;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

const HOW =
  'Give ARN=TARGET: the ARN of a function or *, then file:./handler.ts, https://…, lambda: or lambda:http://127.0.0.1:3001.';

/** Throws ConfigError. */
export function functionsOf(
  given: readonly string[] | string | undefined,
  mode: 'dev' | 'production',
): readonly FunctionMapping[] {
  const mappings = [given ?? []].flat().map((text) => mappingOf(text, mode));
  const seen = new Set<string>();
  for (const { arn } of mappings) {
    if (seen.has(arn)) throw new ConfigError(`--function names ${arn} twice: a function runs in one place.`);
    seen.add(arn);
  }
  return mappings;
}

/** What goes with what. Throws ConfigError. */
export function checkFunctions(config: {
  readonly mode: 'dev' | 'production';
  readonly functions: readonly FunctionMapping[];
  readonly webhookSecrets: readonly string[];
  readonly functionNetworks: readonly string[];
}): void {
  if (config.functions.some(({ target }) => target.kind === 'lambda')) requireSdk();
  const urls = config.functions.flatMap(({ target }) =>
    target.kind === 'https' ? [new URL(target.url)] : [],
  );
  if (urls.length > 0) requireWebhookSecret(config.webhookSecrets, '--function');
  if (config.mode === 'dev') {
    if (config.functionNetworks.length === 0) return;
    throw new ConfigError(
      '--function-networks is for --mode production: in dev mode functions may be anywhere.',
    );
  }
  const mayBeAt = functionAddresses(config.functionNetworks);
  for (const { origin, hostname } of urls) {
    const address = hostname.replace(/^\[|\]$/g, '');
    if (isIP(address) !== 0 && !mayBeAt(address)) {
      throw new ConfigError(
        `--function ${origin} is no address of the internet's: say that it is meant with --function-networks ${address}.`,
      );
    }
  }
}

/** The SDK is an optional dependency: who runs functions elsewhere need not install it. */
function requireSdk(): void {
  try {
    createRequire(import.meta.url).resolve('@aws-sdk/client-lambda');
  } catch {
    throw new ConfigError('--function with lambda: needs a package more: npm install @aws-sdk/client-lambda');
  }
}

function mappingOf(text: string, mode: 'dev' | 'production'): FunctionMapping {
  const [, arn, place] = MAPPING.exec(text) ?? [];
  if (arn === undefined || place === undefined) {
    throw new ConfigError(`--function ${withoutQuery(text)} is not understood. ${HOW}`);
  }
  if (place.startsWith('file:')) return { arn, target: fileTarget(place.slice('file:'.length)) };
  if (place.startsWith('lambda:')) return { arn, target: lambdaTarget(place.slice('lambda:'.length), mode) };
  return { arn, target: httpsTarget(place, mode) };
}

function fileTarget(text: string): FileTarget {
  const [, name, exportName = 'handler'] = MODULE.exec(text) ?? [];
  if (name === undefined) {
    throw new ConfigError(`--function file:${text} must name a module: a .ts, .js, .mjs or .cjs file.`);
  }
  if (!IDENTIFIER.test(exportName)) {
    throw new ConfigError(
      `--function file:${text}: what follows # is the name of an export, such as #handler.`,
    );
  }
  const path = resolve(name);
  if (!existsSync(path)) throw new ConfigError(`--function file:${text}: there is no file ${path}.`);
  return { kind: 'file', path, exportName };
}

function httpsTarget(text: string, mode: 'dev' | 'production'): HttpsTarget {
  const url = urlOf(text);
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !(mode === 'dev' && isLoopback(hostname))) {
    throw new ConfigError(
      `--function ${withoutQuery(text)} would send events with personal data unencrypted: give an https URL. http is for this machine in dev mode.`,
    );
  }
  return { kind: 'https', url };
}

function lambdaTarget(text: string, mode: 'dev' | 'production'): LambdaTarget {
  if (text === '') return { kind: 'lambda', endpoint: undefined, name: undefined };
  if (!/^https?:/.test(text)) {
    throw new ConfigError(
      `--function lambda:${withoutQuery(text)}: lambda: stands alone for AWS, or is followed by the URL of an Invoke API, such as lambda:http://127.0.0.1:3001.`,
    );
  }
  const { origin, protocol, hostname, pathname, search } = new URL(urlOf(text));
  if (protocol === 'http:' && mode === 'production' && !isLoopback(hostname)) {
    throw new ConfigError(
      `--function lambda:${origin} would send events with personal data unencrypted: give an https URL.`,
    );
  }
  const segments = pathname.split('/').filter(Boolean);
  if (segments.length > 1 || search !== '') {
    throw new ConfigError(
      `--function lambda:${withoutQuery(text)}: only the function's name there can follow the host, as in lambda:http://127.0.0.1:3001/HelloFunction.`,
    );
  }
  const [name] = segments;
  return { kind: 'lambda', endpoint: origin, name: name && decodeURIComponent(name) };
}

function urlOf(text: string): string {
  if (!URL.canParse(text)) throw new ConfigError(`--function ${withoutQuery(text)} is not a URL. ${HOW}`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new ConfigError(
      `--function ${url.origin}${url.pathname}: the URL of a function has no user, password or # in it. Requests are signed with --webhook-secret.`,
    );
  }
  return url.href;
}

/** A query can hold a secret, and so can what stands before an @. */
const withoutQuery = (text: string) => text.replace(/[?].*$/s, '?…').replace(/\/\/[^/@]*@/, '//…@');

/** A mapping as it may be shown. */
export function shownMapping({ arn, target }: FunctionMapping): string {
  if (target.kind === 'file') return `${arn}=file:${target.path}#${target.exportName}`;
  if (target.kind === 'https') return `${arn}=${withoutQuery(target.url)}`;
  const { endpoint = '', name } = target;
  return `${arn}=lambda:${endpoint}${name === undefined ? '' : `/${name}`}`;
}
