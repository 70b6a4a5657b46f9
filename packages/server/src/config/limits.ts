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
 * How many messages strangers may have sent to one address, and how many requests that send any may come from one source
 * address. Amazon Cognito tells 5 to 20 an hour for an address and nothing of the others.
 */
export const MESSAGE_CAPS = { DestinationHour: 20, DestinationDay: 100, SourceHour: 1000 } as const;

/** What has no number here is not limited. */
export type RequestRates = Limits<keyof typeof AWS_REQUEST_RATES>;
export type MessageCaps = Limits<keyof typeof MESSAGE_CAPS>;
type Limits<Name extends string> = Readonly<Partial<Record<Name, number>>>;

interface Family<Name extends string> {
  readonly option: string;
  /** What asks for all the defaults. */
  readonly word: string;
  readonly defaults: Readonly<Record<Name, number>>;
}

const requestRates = { option: 'request-rates', word: 'aws', defaults: AWS_REQUEST_RATES };
const messageCaps = { option: 'message-caps', word: 'default', defaults: MESSAGE_CAPS };

type Given = readonly string[] | string | undefined;
type Mode = 'dev' | 'production';

/** Throws ConfigError. */
export const requestRatesOf = (given: Given, mode: Mode): RequestRates => limitsOf(requestRates, given, mode);
/** Throws ConfigError. */
export const messageCapsOf = (given: Given, mode: Mode): MessageCaps => limitsOf(messageCaps, given, mode);

/** `aws`, `off`, and `Name=number` for what differs from the one that it began with. */
function limitsOf<Name extends string>(
  { option, word, defaults }: Family<Name>,
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
    if (!isNameOf(defaults, name)) {
      const names = Object.keys(defaults).join(', ');
      throw new ConfigError(
        `--${option} ${item}: begin with ${word} or off, then give Name=number. The names are ${names}.`,
      );
    }
    if (named.has(name)) throw new ConfigError(`--${option} names ${name} twice.`);
    named.add(name);
    if (value === 'off') delete limits[name];
    else limits[name] = numberOf(option, item, value);
  }
  return Object.freeze(limits);
}

const isNameOf = <Name extends string>(defaults: Record<Name, number>, name: string): name is Name =>
  Object.hasOwn(defaults, name);

function numberOf(option: string, item: string, value: string | undefined): number {
  if (value !== undefined && /^[1-9]\d{0,5}$/.test(value)) return Number(value);
  throw new ConfigError(`--${option} ${item}: give a whole number from 1 to 999999, or off.`);
}
