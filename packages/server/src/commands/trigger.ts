import { configGiven, startOptions } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { type Given, helpOf, type Options, readOptions } from '../config/options.ts';
import type { MessageChannel } from '../domain/delivery/message.ts';
import type { AppClient } from '../domain/pools/app-client.ts';
import type { UserPool } from '../domain/pools/user-pool.ts';
import type { Services } from '../domain/services.ts';
import type { Metadata } from '../domain/triggers/event.ts';
import { type Rehearsable, rehearsals, type Scene } from '../domain/triggers/rehearsals.ts';
import { type Rehearsal, rehearse } from '../domain/triggers/rehearse.ts';
import { functionAt, type Trigger, triggers } from '../domain/triggers/trigger.ts';
import { findNamed } from '../domain/users/find-user.ts';
import type { User } from '../domain/users/user.ts';
import { functionNotMapped, ServiceError } from '../errors.ts';
import { listAppClients } from '../storage/repositories/app-clients.ts';
import type { Command } from './command.ts';
import { withServices } from './services.ts';
import { shownRehearsal } from './shown-rehearsal.ts';

const invokeOptions = {
  user: { type: 'string', help: ['NAME', 'whom it is about: a username, an alias or a sub'] },
  client: { type: 'string', help: ['ID', "the app client; without it, the pool's first one"] },
  'client-metadata': { type: 'string', help: ['JSON', 'what the app sends along: \'{"language":"de"}\''] },
  'validation-data': { type: 'string', help: ['JSON', 'the same for validationData'] },
  attributes: { type: 'string', help: ['JSON', 'of somebody who is not a user yet, for PreSignUp'] },
  channel: {
    type: 'string',
    help: ['EMAIL|SMS', 'how a message goes out; EMAIL where the user has an address'],
  },
  password: { type: 'string', help: ['TEXT', 'for UserMigration_Authentication; it is not printed'] },
  answer: { type: 'string', help: ['TEXT', 'to the custom challenge, for VerifyAuthChallengeResponse'] },
} as const satisfies Options;

const options = {
  pool: { type: 'string', help: ['ID', 'the user pool'] },
  json: { type: 'boolean', help: ['', 'answers in JSON'] },
} as const satisfies Options;

const SAMPLE_PASSWORD = 'Passw0rd!sample';
const SAMPLE_ANSWER = '123456';

export const trigger: Command = {
  summary: "runs a pool's Lambda triggers to try them: invoke, list",
  usage: `poolkeeper trigger invoke SOURCE --pool ID --user NAME [options]
       poolkeeper trigger list --pool ID [options]

They work on the database, beside a server that runs or without one, and change nothing in it. Give them the options
that the server is started with (--function above all), or its environment, or its file of --config.
invoke prints the event, the answer and whether the server takes it; the exit code is 1 when it does not.

For invoke:
${helpOf(invokeOptions)}

For both:
${helpOf(options)}

SOURCE is one of
${Object.keys(rehearsals)
  .map((source) => `  ${source}`)
  .join('\n')}`,
  async run([action, ...rest]) {
    if (action === 'invoke') return invoke(rest);
    if (action === 'list') return list(rest);
    throw new ConfigError(`poolkeeper trigger takes invoke or list.\n\nUsage: ${trigger.usage}`);
  },
};

async function invoke([source, ...args]: readonly string[]): Promise<void> {
  const rehearsal = rehearsalOf(source);
  const given = readOptions(
    { ...startOptions, ...options, ...invokeOptions },
    args,
    process.env,
    startOptions,
  );
  const name = required(given, 'user');
  const poolId = required(given, 'pool');
  await withServices(await configGiven(given), async (services, encryption) => {
    const pool = await found(services.pools.pool(poolId));
    requireFunction(services, pool, rehearsal.trigger);
    const { user } = await services.storage.read((unit) => findNamed(services, unit, pool, name));
    const scene: Omit<Scene, 'services'> = {
      encryption,
      pool,
      client: await clientOf(services, poolId, given.one('client')),
      name,
      user,
      attributes: metadataOf(given, 'attributes') ?? {},
      channel: channelOf(given.one('channel'), user),
      password: given.one('password') ?? SAMPLE_PASSWORD,
      answer: given.one('answer') ?? SAMPLE_ANSWER,
      clientMetadata: metadataOf(given, 'client-metadata'),
      validationData: metadataOf(given, 'validation-data'),
    };
    const outcome = await rehearse(services, (rehearsed) => rehearsal.act({ ...scene, services: rehearsed }));
    // Whatever failed before the function was called is about what was asked for.
    if (outcome.event === undefined)
      throw new ConfigError(outcome.error?.message ?? 'The function was not called.');
    report(outcome, given);
  });
}

/** Throws ConfigError. */
function rehearsalOf(source: string | undefined): Rehearsable {
  const given = source !== undefined && !source.startsWith('-');
  const found = given && Object.hasOwn(rehearsals, source) ? rehearsals[source] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(rehearsals).join('\n  ');
  throw new ConfigError(
    `${given ? `Unknown source ${source}` : 'Say which, as in poolkeeper trigger invoke SOURCE'}. Known are\n  ${known}`,
  );
}

/** Throws ConfigError. */
function requireFunction(services: Services, pool: UserPool, name: Trigger): void {
  const arn = functionAt(pool, name)?.arn;
  if (arn === undefined) {
    throw new ConfigError(
      `The pool ${pool.id} has no function for it. Name one as LambdaConfig.${name} with UpdateUserPool.`,
    );
  }
  if (services.functions.targetOf(arn) === undefined) {
    throw new ConfigError(functionNotMapped(name, arn).message);
  }
}

function report(outcome: Rehearsal, given: Given<'json' | 'password'>): void {
  console.log(shownRehearsal(outcome, { json: given.flag('json'), secret: given.one('password') }));
  if (outcome.error !== undefined) process.exitCode = 1;
}

async function list(args: readonly string[]): Promise<void> {
  const given = readOptions({ ...startOptions, ...options }, args, process.env, startOptions);
  const poolId = required(given, 'pool');
  await withServices(await configGiven(given), async (services) => {
    const pool = await found(services.pools.pool(poolId));
    const rows = triggers.flatMap((name) => {
      const arn = functionAt(pool, name)?.arn;
      return arn === undefined
        ? []
        : [{ trigger: name, functionArn: arn, target: services.functions.targetOf(arn) ?? null }];
    });
    if (given.flag('json')) return console.log(JSON.stringify(rows));
    if (rows.length === 0) return console.log(`The pool ${poolId} has no triggers.`);
    for (const { trigger: name, functionArn, target } of rows) {
      console.log(`${name.padEnd(28)}${(target ?? 'not mapped').padEnd(12)}${functionArn}`);
    }
  });
}

/** The app client that is named, or else the first one. Throws ConfigError. */
async function clientOf(services: Services, poolId: string, id: string | undefined): Promise<AppClient> {
  if (id !== undefined) return found(services.pools.clientOfPool(poolId, id));
  const [first] = await services.storage.read((unit) =>
    listAppClients.all(unit, { poolId, after: '', limit: 1 }),
  );
  if (first === undefined)
    throw new ConfigError(`The pool ${poolId} has no app client. CreateUserPoolClient makes one.`);
  return services.pools.client(first.id);
}

function channelOf(given: string | undefined, user: User | undefined): MessageChannel {
  if (given === undefined) return user === undefined || user.attributes['email'] ? 'EMAIL' : 'SMS';
  if (given === 'EMAIL' || given === 'SMS') return given;
  throw new ConfigError('--channel is EMAIL or SMS.');
}

/** What the database does not have is for the caller to mend. */
async function found<T>(search: Promise<T>): Promise<T> {
  try {
    return await search;
  } catch (error) {
    throw error instanceof ServiceError ? new ConfigError(error.message) : error;
  }
}

function required<Name extends string>(given: Given<Name>, name: NoInfer<Name>): string {
  const value = given.one(name);
  if (!value) throw new ConfigError(`Say which: --${name}.`);
  return value;
}

function metadataOf<Name extends string>(given: Given<Name>, name: NoInfer<Name>): Metadata | undefined {
  const text = given.one(name);
  if (text === undefined) return undefined;
  const wrong = () =>
    new ConfigError(`--${name} must be a JSON object of texts, such as '{"language":"de"}'.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong();
  }
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap || Object.values(value as object).some((member) => typeof member !== 'string')) throw wrong();
  return value as Metadata;
}
