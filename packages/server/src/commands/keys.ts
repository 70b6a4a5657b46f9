import { startOptions } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { databaseConfigOf, databaseOptions, databaseOptionsGiven } from '../config/database-config.ts';
import { helpOf, type Options, readOptions } from '../config/options.ts';
import type { AccessKey } from '../domain/access-keys/access-key.ts';
import {
  type AccessKeyStore,
  createAccessKey,
  listAccessKeys,
  revokeAccessKey,
} from '../domain/access-keys/administer.ts';
import { openDatabase, openExistingStorage } from '../storage/open-database.ts';
import type { Command } from './command.ts';

const LONGEST_NAME = 128;

const createOptions = {
  'read-only': { type: 'boolean', help: ['', 'for operations that change nothing'] },
  pool: { type: 'string', help: ['ID', 'the only user pool that the key may touch'] },
  name: { type: 'string', help: ['TEXT', 'what the key is for'] },
} as const satisfies Options;

const options = {
  json: { type: 'boolean', help: ['', 'answers in JSON'] },
  ...databaseOptions,
} as const satisfies Options;

export const keys: Command = {
  summary: 'access keys of administrators: create, list, revoke',
  usage: `poolkeeper keys create [options]
       poolkeeper keys list [options]
       poolkeeper keys revoke ID [options]

They work on the database, beside a server that runs or without one.

For create:
${helpOf(createOptions)}

For all:
${helpOf(options)}`,
  async run([action, ...rest]) {
    if (action === 'create') return create(rest);
    if (action === 'list') return list(rest);
    if (action === 'revoke') return revoke(rest);
    throw new ConfigError(`poolkeeper keys takes create, list or revoke.\n\nUsage: ${keys.usage}`);
  },
};

async function create(args: readonly string[]): Promise<void> {
  const given = readOptions({ ...createOptions, ...options }, args, process.env, startOptions);
  const name = given.one('name') ?? '';
  if (name.length > LONGEST_NAME || /\p{C}/u.test(name)) {
    throw new ConfigError(`--name takes ${LONGEST_NAME} printable characters at most.`);
  }
  const poolId = given.one('pool');
  const key = await withStore(databaseOptionsGiven(given), true, (store) =>
    createAccessKey(store, { name, readOnly: given.flag('read-only'), poolId }),
  );
  if (key === undefined) throw new ConfigError(`There is no user pool ${poolId}.`);
  console.log(
    given.flag('json')
      ? JSON.stringify({ ...presented(key), secretAccessKey: key.secret })
      : `The access key ${key.id} is made: ${kindOf(key)}, ${key.poolId ?? 'every user pool'}. Its secret is not shown again.

export AWS_ACCESS_KEY_ID=${key.id}
export AWS_SECRET_ACCESS_KEY=${key.secret}

Every AWS SDK and the AWS CLI take it from there. Sign for the region that the server has (--region).`,
  );
}

async function list(args: readonly string[]): Promise<void> {
  const given = readOptions(options, args, process.env, startOptions);
  const found = (await withStore(databaseOptionsGiven(given), false, listAccessKeys)).map(presented);
  if (given.flag('json')) return console.log(JSON.stringify(found));
  if (found.length === 0) return console.log('There are no access keys.');
  const lines = found.map((key) => [
    key.accessKeyId,
    key.kind,
    key.userPoolId ?? 'every user pool',
    key.createdAt,
    key.revokedAt === null ? 'live' : `revoked ${key.revokedAt}`,
    key.name,
  ]);
  console.log(aligned([['ID', 'KIND', 'USER POOL', 'CREATED', 'STATE', 'NAME'], ...lines]));
}

async function revoke([id, ...args]: readonly string[]): Promise<void> {
  if (id === undefined || id.startsWith('-')) {
    throw new ConfigError('Say which: poolkeeper keys revoke ID. `poolkeeper keys list` shows the ids.');
  }
  const given = readOptions(options, args, process.env, startOptions);
  const key = await withStore(databaseOptionsGiven(given), false, (store) => revokeAccessKey(store, id));
  if (key === undefined) throw new ConfigError(`There is no access key ${id}.`);
  console.log(
    given.flag('json')
      ? JSON.stringify(presented(key))
      : `The access key ${id} is revoked. A server that runs refuses it within a second.`,
  );
}

/** `mayBeNew`: keys can be made before the first start, but none can be in a database that is not there. */
async function withStore<T>(
  given: Parameters<typeof databaseConfigOf>[0],
  mayBeNew: boolean,
  work: (store: AccessKeyStore) => Promise<T>,
): Promise<T> {
  const config = await databaseConfigOf(given);
  if (config.data === ':memory:' && config.databaseUrls.length === 0)
    throw new ConfigError('Only a server itself can reach --data :memory:.');
  const beside = { beside: true };
  if (!mayBeNew) await (await openExistingStorage(config, beside)).close();
  const { storage, keyring, close } = await openDatabase(config, Date.now(), beside);
  try {
    return await work({ storage, keyring, clock: Date });
  } finally {
    await close();
  }
}

const kindOf = ({ readOnly }: AccessKey) => (readOnly ? 'read-only' : 'full');

const timeOf = (time: number | undefined) => (time === undefined ? null : new Date(time).toISOString());

const presented = (key: AccessKey) => ({
  accessKeyId: key.id,
  kind: kindOf(key),
  userPoolId: key.poolId ?? null,
  name: key.name,
  createdAt: timeOf(key.createdAt),
  revokedAt: timeOf(key.revokedAt),
});

function aligned(rows: readonly (readonly (string | null)[])[]): string {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (cell ?? '').padEnd(widthOf(column)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
