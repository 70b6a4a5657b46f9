import { type Config, configGiven, startOptions } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { type Given, helpOf, type Options, readOptions } from '../config/options.ts';
import type { Channel, Finding, Mail, Sms } from '../domain/delivery/channels/channel.ts';
import { senderTo } from '../domain/delivery/sms-rules/countries.ts';
import { destinationOf } from '../domain/delivery/sms-rules/destination.ts';
import { Held } from '../domain/delivery/sms-rules/held.ts';
import { testMail, testSms, tryChannel } from '../domain/delivery/try-channels.ts';
import { createWaysOut, type WaysOut } from '../domain/delivery/ways-out.ts';
import type { UserPool } from '../domain/pools/user-pool.ts';
import { ServiceError } from '../errors.ts';
import { adjustableClock } from '../platform/clock.ts';
import { isVerifiedNumber } from '../storage/repositories/sandbox-numbers.ts';
import type { Command } from './command.ts';
import { withServices } from './services.ts';

const options = {
  to: { type: 'string', help: ['ADDRESS', 'whom to send a test message: ann@example.com, or +12065550100'] },
  pool: {
    type: 'string',
    help: ['ID', "a user pool whose sender, role and region it goes by; else the server's"],
  },
  'dry-run': { type: 'boolean', help: ['', 'looks at the channels, and sends nothing'] },
} as const satisfies Options;

export const delivery: Command = {
  summary: 'tries the channels for email and SMS: check',
  usage: `poolkeeper delivery check --to ADDRESS [options]

Looks at each channel of --email, or of --sms where ADDRESS is a phone number, sends a test message by each of them, and
says what to change. Give it the options that the server is started with, or its environment, or its file of --config.
The exit code is 1 when something is wrong. The database is opened for --pool and --sms-sandbox alone.

${helpOf(options)}`,
  async run([action, ...rest]) {
    if (action !== 'check')
      throw new ConfigError(`poolkeeper delivery takes check.\n\nUsage: ${delivery.usage}`);
    const given = readOptions({ ...startOptions, ...options }, rest, process.env, startOptions);
    if (!(await check(await configGiven(given), given))) process.exitCode = 1;
  },
};

async function check(config: Config, given: Given<keyof typeof options>): Promise<boolean> {
  const to = given.one('to') ?? '';
  const isMail = /^[^\s@]+@[^\s@]+$/.test(to);
  if (!isMail && !/^\+[1-9]\d{6,14}$/.test(to)) {
    throw new ConfigError('Say to whom: --to ann@example.com, or --to +12065550100.');
  }
  const clock = adjustableClock();
  const waysOut = createWaysOut({ ...config, inbox: false }, config, clock);
  try {
    const send = !given.flag('dry-run');
    const { pool, isVerified } = await known(config, given.one('pool'), isMail ? undefined : to);
    await checkPool(waysOut, pool);
    if (isMail) {
      const channels = channelsOf<Mail>(waysOut.email, '--email');
      return await report(channels, send ? await testMail(to, pool, clock) : undefined);
    }
    const channels = channelsOf<Sms>(waysOut.sms, '--sms');
    const sender = await senderFor(config, to, isVerified);
    return await report(channels, send ? testSms(to, sender, pool, clock) : undefined);
  } finally {
    await waysOut.close();
  }
}

function channelsOf<Message extends Mail | Sms>(
  route: WaysOut['email'] | WaysOut['sms'],
  option: string,
): readonly Channel<Message>[] {
  if (route === undefined) throw new ConfigError(`No channel is configured: give ${option}.`);
  return route.channels as readonly Channel<Message>[];
}

/** What the database knows, where it is asked. Throws ConfigError. */
async function known(config: Config, poolId: string | undefined, phoneNumber: string | undefined) {
  const looksUp = phoneNumber !== undefined && config.smsSandbox;
  if (poolId === undefined && !looksUp) return { pool: undefined, isVerified: true };
  return withServices(config, async ({ pools, storage }) => ({
    pool: poolId === undefined ? undefined : await found(pools.pool(poolId)),
    isVerified: !looksUp || (await storage.read((unit) => isVerifiedNumber(unit, phoneNumber))),
  }));
}

async function found<T>(search: Promise<T>): Promise<T> {
  try {
    return await search;
  } catch (error) {
    throw error instanceof ServiceError ? new ConfigError(error.message) : error;
  }
}

/** What CreateUserPool and UpdateUserPool would refuse. Throws ConfigError. */
async function checkPool(waysOut: WaysOut, pool: UserPool | undefined): Promise<void> {
  if (pool !== undefined) await found(waysOut.checkPool(pool.config));
}

/** Who a message to the number is from. Throws ConfigError where the rules hold it back. */
async function senderFor(config: Config, to: string, isVerified: boolean): Promise<string | undefined> {
  try {
    const sender = senderTo(config.smsCountries, await destinationOf(to));
    if (!isVerified) throw new Held('SANDBOX');
    return sender;
  } catch (error) {
    throw error instanceof Held
      ? new ConfigError(`Messages to ${to} are held back (${error.code}). ${error.message}`)
      : error;
  }
}

/** Tries one channel after the other, and prints what is found. Resolves to whether all is well. */
async function report<Message extends Mail | Sms>(
  channels: readonly Channel<Message>[],
  message: Message | undefined,
): Promise<boolean> {
  let isGood = true;
  for (const channel of channels) {
    console.log(channel.name);
    const findings = await tryChannel(channel, message);
    for (const finding of findings) console.log(line(finding));
    isGood &&= findings.every(({ ok }) => ok);
  }
  return isGood;
}

/** A server's words can be in it, and a terminal does what control characters say. */
const line = ({ ok, text }: Finding) =>
  `  ${ok ? 'ok   ' : 'WRONG'}  ${text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')}`;
