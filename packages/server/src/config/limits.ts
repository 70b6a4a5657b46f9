import { ConfigError } from './config-error.ts';

/**
 * Amazon Cognito's default quotas in requests a second, by the category that an operation is counted in (the developer
 * guide's "Quotas"); the last two are for each user.
 */
export const AWS_REQUEST_RATES = {
  UserAuthentication: 120,
  UserCreation: 50,
  UserAccountRecovery: 30,
  UserRead: 120,
  UserUpdate: 25,
  UserToken: 120,
  UserResourceRead: 50,
  UserResourceUpdate: 25,
  UserList: 30,
  UserPoolRead: 15,
  UserPoolUpdate: 15,
  UserPoolResourceRead: 20,
  UserPoolResourceUpdate: 15,
  UserPoolClientRead: 15,
  UserPoolClientUpdate: 15,
  ClientAuthentication: 150,
  LimitManagement: 1,
  PerUserRead: 10,
  PerUserWrite: 10,
} as const;

/**
 * How many messages strangers may have sent to one address, how many requests that send any may come from one source
 * address, and how many SMS messages may go to numbers that begin alike: whoever earns by them has a block of numbers.
 * Amazon Cognito tells 5 to 20 an hour for an address and nothing of the others.
 */
export const MESSAGE_CAPS = {
  DestinationHour: 20,
  DestinationDay: 100,
  SourceHour: 1000,
  SmsPrefixDay: 300,
} as const;

/** Those that are off unless they are given: SMS messages of a pool, what they all cost, and mail of COGNITO_DEFAULT. */
const CAPS_OF_OPERATORS = ['SmsDay', 'SmsPriceDay', 'EmailDay'] as const;

/** What has no number here is not limited. */
export type RequestRates = Limits<keyof typeof AWS_REQUEST_RATES>;
export type MessageCap = keyof typeof MESSAGE_CAPS | (typeof CAPS_OF_OPERATORS)[number];
export type MessageCaps = Limits<MessageCap>;
type Limits<Name extends string> = Readonly<Partial<Record<Name, number>>>;

interface Family<Name extends string> {
  readonly option: string;
  /** What asks for all the defaults. */
  readonly word: string;
  readonly defaults: Limits<Name>;
  readonly names: readonly Name[];
  /** Where it is not `MOST`. */
  readonly most?: Limits<Name>;
}

const namesOf = <Name extends string>(record: Record<Name, number>) => Object.keys(record) as Name[];

const requestRates: Family<keyof typeof AWS_REQUEST_RATES> = {
  option: 'request-rates',
  word: 'aws',
  defaults: AWS_REQUEST_RATES,
  names: namesOf(AWS_REQUEST_RATES),
};
const messageCaps: Family<MessageCap> = {
  option: 'message-caps',
  word: 'default',
  defaults: MESSAGE_CAPS,
  names: [...namesOf(MESSAGE_CAPS), ...CAPS_OF_OPERATORS],
  // Its ten-thousandths are counted in a column of 32 bits.
  most: { SmsPriceDay: 200_000 },
};
const MOST = 999_999;

type Given = readonly string[] | string | undefined;
type Mode = 'dev' | 'production';

/** Throws ConfigError. */
export const requestRatesOf = (given: Given, mode: Mode): RequestRates => limitsOf(requestRates, given, mode);
/** Throws ConfigError. */
export const messageCapsOf = (given: Given, mode: Mode): MessageCaps => limitsOf(messageCaps, given, mode);

/** `aws`, `off`, and `Name=number` for what differs from the one that it began with. */
function limitsOf<Name extends string>(
  { option, word, defaults, names, most }: Family<Name>,
  given: Given,
  mode: Mode,
): Limits<Name> {
  const items = [given ?? []]
    .flat()
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((item) => item !== '');
  if (items.length === 0) items.push(mode === 'production' ? word : 'off');
  const [first] = items;
  const limits: Partial<Record<Name, number>> = first === 'off' ? {} : { ...defaults };
  const named = new Set<string>();
  for (const item of first === 'off' || first === word ? items.slice(1) : items) {
    const [name = '', value] = item.split(/=(.*)/s);
    if (!isOneOf(names, name)) {
      throw new ConfigError(
        `--${option} ${item}: begin with ${word} or off, then give Name=number. The names are ${names.join(', ')}.`,
      );
    }
    if (named.has(name)) throw new ConfigError(`--${option} names ${name} twice.`);
    named.add(name);
    if (value === 'off') delete limits[name];
    else limits[name] = numberOf(option, item, value, most?.[name] ?? MOST);
  }
  return Object.freeze(limits);
}

const isOneOf = <Name extends string>(names: readonly Name[], name: string): name is Name =>
  names.some((known) => known === name);

function numberOf(option: string, item: string, value: string | undefined, most: number): number {
  if (value !== undefined && /^[1-9]\d{0,5}$/.test(value) && Number(value) <= most) return Number(value);
  throw new ConfigError(`--${option} ${item}: give a whole number from 1 to ${most}, or off.`);
}
