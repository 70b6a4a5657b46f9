import { ConfigError } from './config-error.ts';
import {
  type DatabaseConfig,
  type DatabaseOptions,
  databaseConfigOf,
  databaseOptions,
  databaseOptionsGiven,
} from './database-config.ts';
import { type Options, readOptions } from './options.ts';

/** What a server is started with. */
export interface Config extends DatabaseConfig {
  readonly mode: 'dev' | 'production';
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly region: string;
  /** Where clients reach the server, without a slash at the end; undefined: where it listens. */
  readonly publicUrl: string | undefined;
  /** `aws` issues tokens by `https://cognito-idp.<region>.amazonaws.com/<userPoolId>`, for back ends that insist on it. */
  readonly issuer: 'public-url' | 'aws';
  /** `smtp://` or `smtps://` URLs; more than one stand in for each other. */
  readonly email: readonly string[];
}

/** Options as a program gives them; what is left out gets its default. */
export interface StartOptions extends DatabaseOptions {
  host?: string | undefined;
  port?: number | string | undefined;
  region?: string | undefined;
  publicUrl?: string | undefined;
  issuer?: string | undefined;
  email?: readonly string[] | string | undefined;
  mode?: string | undefined;
}

export const startOptions = {
  host: { type: 'string', help: ['127.0.0.1', 'the address to listen on; dev mode serves loopback alone'] },
  port: { type: 'string', help: ['9229', 'the port to listen on; 0 picks a free one'] },
  region: { type: 'string', help: ['us-east-1', 'the region in pool ids and ARNs'] },
  'public-url': { type: 'string', help: ['URL', 'where clients reach the server, if not where it listens'] },
  issuer: {
    type: 'string',
    help: ['public-url', 'who issues tokens: public-url, or aws for cognito-idp.<region>.amazonaws.com'],
  },
  email: {
    type: 'string',
    multiple: true,
    help: ['URL', 'smtp://user:pass@host:587?from=… or smtps://…; repeat for a stand-in'],
  },
  mode: { type: 'string', help: ['dev', 'dev; production comes with a later version'] },
  ...databaseOptions,
} as const satisfies Options;

/** Throws ConfigError. */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): Config {
  const given = readOptions(startOptions, args, environment);
  return configOf({
    ...databaseOptionsGiven(given),
    host: given.one('host'),
    port: given.one('port'),
    region: given.one('region'),
    publicUrl: given.one('public-url'),
    issuer: given.one('issuer'),
    email: given.all('email'),
    mode: given.one('mode'),
  });
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
  const region = given.region ?? 'us-east-1';
  if (!/^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/.test(region)) {
    throw new ConfigError(`--region must look like us-east-1, not ${region}.`);
  }
  const issuer = given.issuer ?? 'public-url';
  if (issuer !== 'public-url' && issuer !== 'aws') {
    throw new ConfigError(`--issuer must be public-url or aws, not ${issuer}.`);
  }
  return Object.freeze({
    ...databaseConfigOf(given),
    mode,
    host,
    port,
    region,
    publicUrl: given.publicUrl && publicUrl(given.publicUrl),
    issuer,
    email: [given.email ?? []].flat(),
  });
}

function publicUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new ConfigError(`--public-url must be an http or https URL, not ${text}.`);
  }
  return text.replace(/\/+$/, '');
}
