import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What a server is started with. Flags win over the environment, the environment over the file. */
export interface Config {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** A folder, made when it is missing; `:memory:` keeps nothing. */
  readonly data: string;
  /** PostgreSQL instead of the database in `data`; more than one stand in for each other. */
  readonly databaseUrls: readonly string[];
  /** How many connections to PostgreSQL this node holds at most. */
  readonly databaseConnections: number;
  readonly region: string;
  /** Where clients reach the server, without a slash at the end; undefined: where it listens. */
  readonly publicUrl: string | undefined;
  /** `aws` issues tokens by `https://cognito-idp.<region>.amazonaws.com/<userPoolId>`, for back ends that insist on it. */
  readonly issuer: 'public-url' | 'aws';
  /** `smtp://` or `smtps://` URLs; more than one stand in for each other. */
  readonly email: readonly string[];
  /** 32 bytes, base64; undefined: kept in the data folder. */
  readonly masterKey: string | undefined;
}

/** A wrong start: its message tells what to do, and needs no stack. */
export class ConfigError extends Error {}

const options = {
  host: { type: 'string', help: '127.0.0.1   the address to listen on; dev mode serves loopback alone' },
  port: { type: 'string', help: '9229        the port to listen on; 0 picks a free one' },
  data: {
    type: 'string',
    help: '.poolkeeper the folder that holds the database and its key; :memory: keeps nothing',
  },
  'database-url': {
    type: 'string',
    multiple: true,
    help: 'URL         postgres://user:pass@host/database?sslmode=verify-full; repeat for a stand-in',
  },
  'database-connections': {
    type: 'string',
    help: '16          how many connections to PostgreSQL a node holds at most',
  },
  region: { type: 'string', help: 'us-east-1   the region in pool ids and ARNs' },
  'public-url': {
    type: 'string',
    help: 'URL         where clients reach the server, if not where it listens',
  },
  issuer: {
    type: 'string',
    help: 'public-url  who issues tokens: public-url, or aws for cognito-idp.<region>.amazonaws.com',
  },
  email: {
    type: 'string',
    multiple: true,
    help: 'URL         smtp://user:pass@host:587?from=… or smtps://…; repeat for a stand-in',
  },
  'master-key': {
    type: 'string',
    help: 'BASE64      32 bytes that seal what is stored; better given as POOLKEEPER_MASTER_KEY',
  },
  mode: { type: 'string', help: 'dev         dev; production comes with a later version' },
  config: { type: 'string', help: 'FILE        a JSON file with these names as its keys' },
} as const;
type Name = keyof typeof options;

/** Names that the public surface promises and that this version does not have yet. */
const comingLater: Readonly<Record<string, string>> = {
  sms: 'Sending SMS is not supported yet; in dev mode each SMS is in the inbox.',
  function: 'Lambda triggers are not supported yet.',
};

export const usage = `Usage: poolkeeper start [options]

${Object.entries(options)
  .map(([name, { help }]) => `  --${name.padEnd(20)} ${help}`)
  .join('\n')}

Each option can also be set in the environment: --public-url as POOLKEEPER_PUBLIC_URL.`;

/** Throws ConfigError. */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): Config {
  const flags = parseFlags(args);
  const file = flags.config ?? environment['POOLKEEPER_CONFIG'];
  const fromFile = typeof file === 'string' ? readFile(file) : {};
  const value = (name: Name): string | undefined => single(name, values(name));
  const values = (name: Name): readonly string[] => {
    const flag = flags[name];
    if (flag !== undefined) return typeof flag === 'string' ? [flag] : flag;
    const variable = environment[`POOLKEEPER_${name.toUpperCase().replaceAll('-', '_')}`];
    if (variable !== undefined && variable !== '') return variable.split(/\s+/);
    const entry = fromFile[name];
    if (entry === undefined) return [];
    return Array.isArray(entry) ? entry.map(String) : [String(entry)];
  };
  return configOf({
    host: value('host'),
    port: value('port'),
    data: value('data'),
    databaseUrl: values('database-url'),
    databaseConnections: value('database-connections'),
    region: value('region'),
    publicUrl: value('public-url'),
    issuer: value('issuer'),
    email: values('email'),
    masterKey: value('master-key'),
    mode: value('mode'),
  });
}

/** Options as a program gives them; what is left out gets its default. */
export interface StartOptions {
  host?: string | undefined;
  port?: number | string | undefined;
  data?: string | undefined;
  databaseUrl?: readonly string[] | string | undefined;
  databaseConnections?: number | string | undefined;
  region?: string | undefined;
  publicUrl?: string | undefined;
  issuer?: string | undefined;
  email?: readonly string[] | string | undefined;
  masterKey?: string | undefined;
  mode?: string | undefined;
}

/** Checks every option and fills in the defaults. Throws ConfigError. */
export function configOf(given: StartOptions): Config {
  const mode = given.mode ?? 'dev';
  if (mode === 'production') {
    throw new ConfigError(
      'Production mode is not there yet: this version does not verify signatures, so it serves loopback only.',
    );
  }
  if (mode !== 'dev') throw new ConfigError(`--mode must be dev, not ${mode}.`);
  const host = given.host ?? '127.0.0.1';
  if (!/^(?:127(?:\.\d{1,3}){3}|localhost|::1)$/.test(host)) {
    throw new ConfigError(
      `--host ${host}: dev mode accepts any credentials and shows every code, so it listens on loopback alone. Use 127.0.0.1.`,
    );
  }
  const port = Number(given.port ?? 9229);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigError(`--port must be a number from 0 to 65535, not ${given.port}.`);
  }
  const connections = Number(given.databaseConnections ?? 16);
  if (!Number.isInteger(connections) || connections < 2 || connections > 1000) {
    throw new ConfigError(
      `--database-connections must be a number from 2 to 1000, not ${given.databaseConnections}.`,
    );
  }
  const region = given.region ?? 'us-east-1';
  if (!/^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/.test(region)) {
    throw new ConfigError(`--region must look like us-east-1, not ${region}.`);
  }
  const issuer = given.issuer ?? 'public-url';
  if (issuer !== 'public-url' && issuer !== 'aws') {
    throw new ConfigError(`--issuer must be public-url or aws, not ${issuer}.`);
  }
  if (given.masterKey !== undefined && Buffer.from(given.masterKey, 'base64').length !== 32) {
    throw new ConfigError(
      'The master key must be 32 bytes in base64, such as `openssl rand -base64 32` prints.',
    );
  }
  const data = given.data ?? '.poolkeeper';
  return Object.freeze({
    host,
    port,
    data: data === ':memory:' ? data : resolve(data),
    databaseUrls: [given.databaseUrl ?? []].flat().map(databaseUrl),
    databaseConnections: connections,
    region,
    publicUrl: given.publicUrl && publicUrl(given.publicUrl),
    issuer,
    email: [given.email ?? []].flat(),
    masterKey: given.masterKey,
  });
}

function databaseUrl(text: string): string {
  if (!URL.canParse(text) || !/^postgres(?:ql)?:$/.test(new URL(text).protocol)) {
    // The text is not repeated: it may hold a password.
    throw new ConfigError('--database-url must look like postgres://user:password@host:5432/database.');
  }
  return text;
}

function publicUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new ConfigError(`--public-url must be an http or https URL, not ${text}.`);
  }
  return text.replace(/\/+$/, '');
}

function parseFlags(args: readonly string[]): Partial<Record<Name, string | string[]>> {
  const later = args.find(
    (arg) => comingLater[arg.replace(/^--|=.*$/gs, '')] !== undefined && arg.startsWith('--'),
  );
  if (later !== undefined) throw new ConfigError(comingLater[later.replace(/^--|=.*$/gs, '')] as string);
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}.\n\n${usage}`);
  }
}

function readFile(file: string): Readonly<Record<string, unknown>> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(
      `The file ${file} of --config could not be read as JSON: ${(error as Error).message}`,
    );
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError(`The file ${file} of --config must hold a JSON object.`);
  }
  const stranger = Object.keys(content).find((key) => !(key in options) || key === 'config');
  if (stranger !== undefined) {
    throw new ConfigError(comingLater[stranger] ?? `Unknown key ${stranger} in ${file}.`);
  }
  return content as Record<string, unknown>;
}

function single(name: Name, given: readonly string[]): string | undefined {
  if (given.length > 1) throw new ConfigError(`--${name} can be given once.`);
  return given[0];
}
