import { type CodeKms, codeKmsOf } from './code-kms.ts';
import { ConfigError } from './config-error.ts';
import {
  type DatabaseConfig,
  type DatabaseOptions,
  databaseConfigOf,
  databaseOptions,
  databaseOptionsGiven,
} from './database-config.ts';
import { deliveryTopicsOf } from './delivery-topics.ts';
import { checkFunctions, type FunctionMapping, functionsOf } from './functions.ts';
import { type MessageCaps, messageCapsOf, type RequestRates, requestRatesOf } from './limits.ts';
import { isLoopback } from './loopback.ts';
import { checkDev, checkProduction, plainSecrets } from './modes.ts';
import { networkOf } from './networks.ts';
import { type Given, type Options, readOptions } from './options.ts';
import { printable } from './printable.ts';
import { isRegion } from './region.ts';
import { resolveList, resolveSecret } from './secrets.ts';
import { type SmsCountries, smsCountriesOf } from './sms-countries.ts';
import { checkSmsPrices, type SmsPrices, smsPricesOf } from './sms-prices.ts';
import { webhookSecretsOf } from './webhook-secret.ts';

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
  /** URLs of channels; the later ones stand in for the earlier. */
  readonly email: readonly string[];
  readonly sms: readonly string[];
  /** A service that speaks the protocol of Pwned Passwords, without a slash at the end. */
  readonly compromisedPasswords: string | undefined;
  /** Opens the operator's API; always there in production. */
  readonly adminToken: string | undefined;
  /** PEM files of the certificate (with its chain) and its key; undefined: plain HTTP. */
  readonly tls: TlsFiles | undefined;
  /** Networks in CIDR form, whose `X-Forwarded-…` headers are believed and who alone may connect; empty: everybody may. */
  readonly trustedProxies: readonly string[];
  /** How long the server still answers after SIGTERM while `/health` says that it goes, seconds. */
  readonly drainSeconds: number;
  /** Requests a second, on this node. */
  readonly requestRates: RequestRates;
  /** Messages that strangers may cause, and budgets. */
  readonly messageCaps: MessageCaps;
  /** Undefined: nothing was said. */
  readonly smsCountries: SmsCountries | undefined;
  readonly smsPrices: SmsPrices | undefined;
  /** Only numbers that an operator has verified get SMS messages. */
  readonly smsSandbox: boolean;
  /** Topics of Amazon SNS that tell what became of messages. */
  readonly deliveryTopics: readonly string[];
  /** Where the functions run that pools name in their LambdaConfig. */
  readonly functions: readonly FunctionMapping[];
  /** The KMS that has the keys of custom senders. */
  readonly kms: CodeKms;
  /** What requests to https functions and channels are signed with: base64, `whsec_` before it or not. */
  readonly webhookSecrets: readonly string[];
  /** Networks in CIDR form that are private, and that https functions and channels may be in all the same. */
  readonly functionNetworks: readonly string[];
}

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Options as a program gives them; what is left out gets its default. */
export interface StartOptions extends DatabaseOptions {
  host?: string | undefined;
  port?: number | string | undefined;
  region?: string | undefined;
  publicUrl?: string | undefined;
  issuer?: string | undefined;
  email?: readonly string[] | string | undefined;
  sms?: readonly string[] | string | undefined;
  mode?: string | undefined;
  compromisedPasswords?: string | undefined;
  adminToken?: string | undefined;
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  trustedProxies?: readonly string[] | string | undefined;
  drainSeconds?: number | string | undefined;
  requestRates?: readonly string[] | string | undefined;
  messageCaps?: readonly string[] | string | undefined;
  smsCountries?: readonly string[] | string | undefined;
  smsPrices?: readonly string[] | string | undefined;
  smsSandbox?: boolean | string | undefined;
  deliveryTopics?: readonly string[] | string | undefined;
  function?: readonly string[] | string | undefined;
  kms?: string | undefined;
  webhookSecret?: string | undefined;
  functionNetworks?: readonly string[] | string | undefined;
}

export const startOptions = {
  mode: { type: 'string', help: ['dev', 'dev, or production, which says what it needs'] },
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
    help: [
      'URL',
      'smtp://user:pass@host:587?from=…, smtps://…, ses://us-east-1 or https://…; repeat for a stand-in',
    ],
  },
  sms: {
    type: 'string',
    multiple: true,
    help: [
      'URL',
      'sns://us-east-1, eum://…, twilio://sid:token@host?from=… or https://…; repeat for a stand-in',
    ],
  },
  'compromised-passwords': {
    type: 'string',
    help: ['URL', 'asks https://…/<5 hex digits> too, where a pool refuses compromised passwords'],
  },
  'admin-token': {
    type: 'string',
    help: ['TOKEN', "opens the operator's API in production; better given as POOLKEEPER_ADMIN_TOKEN"],
  },
  'tls-cert': { type: 'string', help: ['FILE', 'certificate and chain in PEM: serves https'] },
  'tls-key': { type: 'string', help: ['FILE', 'the key of the certificate in PEM'] },
  'trusted-proxies': {
    type: 'string',
    multiple: true,
    help: ['NETWORK', 'proxies that end TLS, such as 10.0.0.0/8; nobody else may connect; repeatable'],
  },
  'drain-seconds': {
    type: 'string',
    help: ['5', 'how long it answers on after SIGTERM, while /health says 503; 0 in dev mode'],
  },
  'request-rates': {
    type: 'string',
    multiple: true,
    help: [
      'aws|off',
      'requests a second, such as UserRead=500; aws in production, off in dev mode; repeatable',
    ],
  },
  'message-caps': {
    type: 'string',
    multiple: true,
    help: ['default|off', 'messages to an address, such as DestinationHour=50; off in dev mode; repeatable'],
  },
  'sms-countries': {
    type: 'string',
    multiple: true,
    help: ['US|*', 'where SMS may go, and from whom: US GB=MyBrand IN=+911234567890, or *; repeatable'],
  },
  'sms-prices': {
    type: 'string',
    multiple: true,
    help: [
      'US=0.0079',
      'what a segment costs, *=0.10 for others, for --message-caps SmsPriceDay; repeatable',
    ],
  },
  'sms-sandbox': { type: 'boolean', help: ['', 'only phone numbers that an operator verified get SMS'] },
  'delivery-topics': {
    type: 'string',
    multiple: true,
    help: ['ARN', 'SNS topics that tell of bounces and deliveries at /delivery/sns; repeatable'],
  },
  function: {
    type: 'string',
    multiple: true,
    help: [
      'ARN=TARGET',
      'runs a Lambda trigger: file:./handler.ts, https://…, lambda: or lambda:URL; repeatable',
    ],
  },
  kms: {
    type: 'string',
    help: ['aws', 'encrypts codes for custom senders: aws, or the URL of a KMS; local in dev mode'],
  },
  'webhook-secret': {
    type: 'string',
    help: [
      'SECRET',
      'signs requests to https functions and channels; better given as POOLKEEPER_WEBHOOK_SECRET',
    ],
  },
  'function-networks': {
    type: 'string',
    multiple: true,
    help: ['NETWORK', 'private networks that https functions and channels are in, in production; repeatable'],
  },
  ...databaseOptions,
} as const satisfies Options;

/** Throws ConfigError. */
export async function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Config> {
  return configGiven(readOptions(startOptions, args, environment));
}

/** The same for a command that takes options of its own besides. Throws ConfigError. */
export function configGiven(given: Given<keyof typeof startOptions>): Promise<Config> {
  return checked(
    {
      ...databaseOptionsGiven(given),
      host: given.one('host'),
      port: given.one('port'),
      region: given.one('region'),
      publicUrl: given.one('public-url'),
      issuer: given.one('issuer'),
      email: given.all('email'),
      sms: given.all('sms'),
      compromisedPasswords: given.one('compromised-passwords'),
      mode: given.one('mode'),
      adminToken: given.one('admin-token'),
      tlsCert: given.one('tls-cert'),
      tlsKey: given.one('tls-key'),
      trustedProxies: given.all('trusted-proxies'),
      drainSeconds: given.one('drain-seconds'),
      requestRates: given.all('request-rates'),
      messageCaps: given.all('message-caps'),
      smsCountries: given.all('sms-countries'),
      smsPrices: given.all('sms-prices'),
      smsSandbox: given.one('sms-sandbox'),
      deliveryTopics: given.all('delivery-topics'),
      function: given.all('function'),
      kms: given.one('kms'),
      webhookSecret: given.one('webhook-secret'),
      functionNetworks: given.all('function-networks'),
    },
    plainSecrets(given.onCommandLine),
  );
}

/** Checks every option, fetches secrets that are only referred to, and fills in the defaults. Throws ConfigError. */
export const configOf = (given: StartOptions): Promise<Config> => checked(given, []);

async function checked(given: StartOptions, plain: readonly string[]): Promise<Config> {
  const mode = oneOf('mode', given.mode ?? 'dev', ['dev', 'production']);
  const region = given.region ?? 'us-east-1';
  if (!isRegion(region)) {
    throw new ConfigError(`--region must look like us-east-1, not ${region}.`);
  }
  const config = {
    ...(await databaseConfigOf(given)),
    mode,
    host: given.host ?? '127.0.0.1',
    port: integer('port', given.port ?? 9229, 65_535),
    region,
    publicUrl: given.publicUrl && publicUrl(given.publicUrl),
    issuer: oneOf('issuer', given.issuer ?? 'public-url', ['public-url', 'aws']),
    email: await resolveList('email', given.email),
    sms: await resolveList('sms', given.sms),
    compromisedPasswords: given.compromisedPasswords && compromisedPasswordsUrl(given.compromisedPasswords),
    adminToken: given.adminToken && (await resolveSecret('admin-token', given.adminToken)),
    tls: tlsFiles(given),
    trustedProxies: [given.trustedProxies ?? []].flat().map((text) => networkOf('trusted-proxies', text)),
    drainSeconds: integer('drain-seconds', given.drainSeconds ?? (mode === 'dev' ? 0 : 5), 300),
    requestRates: requestRatesOf(given.requestRates, mode),
    messageCaps: messageCapsOf(given.messageCaps, mode),
    smsCountries: await smsCountriesOf(given.smsCountries),
    smsPrices: await smsPricesOf(given.smsPrices),
    smsSandbox: oneOf('sms-sandbox', String(given.smsSandbox ?? false), ['true', 'false']) === 'true',
    deliveryTopics: deliveryTopicsOf(given.deliveryTopics),
    functions: functionsOf(given.function, mode),
    kms: codeKmsOf(given.kms, mode),
    webhookSecrets: await webhookSecretsOf(given.webhookSecret),
    functionNetworks: [given.functionNetworks ?? []]
      .flat()
      .map((text) => networkOf('function-networks', text)),
  };
  checkFunctions(config);
  checkSmsPrices(config);
  if (mode === 'dev') checkDev(config);
  else checkProduction(config, plain);
  return printable(config);
}

function oneOf<Value extends string>(option: string, text: string, values: readonly Value[]): Value {
  const value = values.find((known) => known === text);
  if (value === undefined) throw new ConfigError(`--${option} must be ${values.join(' or ')}, not ${text}.`);
  return value;
}

function integer(option: string, given: number | string, max: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new ConfigError(`--${option} must be a number from 0 to ${max}, not ${given}.`);
}

function publicUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new ConfigError(`--public-url must be an http or https URL, not ${text}.`);
  }
  return text.replace(/\/+$/, '');
}

/** Unencrypted it would tell the net between what each new password begins with. */
function compromisedPasswordsUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const closed = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!closed || url.username || url.password || url.search || url.hash) {
    throw new ConfigError(
      '--compromised-passwords must be an https URL without a login, such as https://api.pwnedpasswords.com/range.',
    );
  }
  return text.replace(/\/+$/, '');
}

function tlsFiles({ tlsCert, tlsKey }: StartOptions): TlsFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new ConfigError('--tls-cert and --tls-key go together: give both, or neither.');
  }
  return { cert: tlsCert, key: tlsKey };
}
