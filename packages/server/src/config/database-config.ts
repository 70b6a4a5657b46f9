import { resolve } from 'node:path';
import { ConfigError } from './config-error.ts';
import { parseMasterKeys } from './master-key.ts';
import type { Given, Options } from './options.ts';
import { resolveList, resolveSecrets } from './secrets.ts';

/** Where the data is and what opens it: all that a command needs which works on a database without serving it. */
export interface DatabaseConfig {
  /** A folder, made when it is missing; `:memory:` keeps nothing. */
  readonly data: string;
  /** PostgreSQL instead of the database in `data`; more than one stand in for each other. */
  readonly databaseUrls: readonly string[];
  /** How many connections to PostgreSQL this node holds at most. */
  readonly databaseConnections: number;
  /** 32 bytes, base64; after white space more that open, too, until it has taken their place. Undefined: kept in the data folder. */
  readonly masterKey: string | undefined;
}

export interface DatabaseOptions {
  data?: string | undefined;
  databaseUrl?: readonly string[] | string | undefined;
  databaseConnections?: number | string | undefined;
  masterKey?: string | undefined;
}

export const databaseOptions = {
  data: {
    type: 'string',
    help: ['.poolkeeper', 'the folder that holds the database and its key; :memory: keeps nothing'],
  },
  'database-url': {
    type: 'string',
    multiple: true,
    help: ['URL', 'postgres://user:pass@host/database?sslmode=verify-full; repeat for a stand-in'],
  },
  'database-connections': {
    type: 'string',
    help: ['16', 'how many connections to PostgreSQL a node holds at most'],
  },
  'master-key': {
    type: 'string',
    multiple: true,
    help: ['BASE64', '32 bytes that seal what is stored; better given as POOLKEEPER_MASTER_KEY'],
  },
  config: { type: 'string', help: ['FILE', 'a JSON file with these names as its keys'] },
} as const satisfies Options;

export const databaseOptionsGiven = (given: Given<keyof typeof databaseOptions>): DatabaseOptions => ({
  data: given.one('data'),
  databaseUrl: given.all('database-url'),
  databaseConnections: given.one('database-connections'),
  masterKey: given.all('master-key').join(' ') || undefined,
});

/** Checks every option and fetches secrets that are only referred to. Throws ConfigError. */
export async function databaseConfigOf(given: DatabaseOptions): Promise<DatabaseConfig> {
  const connections = Number(given.databaseConnections ?? 16);
  if (!Number.isInteger(connections) || connections < 2 || connections > 1000) {
    throw new ConfigError(
      `--database-connections must be a number from 2 to 1000, not ${given.databaseConnections}.`,
    );
  }
  const masterKey = given.masterKey && (await resolveSecrets('master-key', given.masterKey)).join(' ');
  if (masterKey !== undefined) parseMasterKeys(masterKey);
  const data = given.data ?? '.poolkeeper';
  return {
    data: data === ':memory:' ? data : resolve(data),
    databaseUrls: (await resolveList('database-url', given.databaseUrl)).map(databaseUrl),
    databaseConnections: connections,
    masterKey,
  };
}

function databaseUrl(text: string): string {
  if (!URL.canParse(text) || !/^postgres(?:ql)?:$/.test(new URL(text).protocol)) {
    // The text is not repeated: it may hold a password.
    throw new ConfigError('--database-url must look like postgres://user:password@host:5432/database.');
  }
  return text;
}
