import { type ChannelUrl, endpointOf, readChannelUrl, regionOf } from './channel-url.ts';

const COMMON = ['endpoint', 'sts-endpoint', 'roles', 'max-price'] as const;
const PRICE = /^\d{1,2}(?:\.\d{1,5})?$/;

/** What `sns:` and `eum:` URLs have in common. */
export interface AwsSmsUrl<Name extends string> extends ChannelUrl<Name | (typeof COMMON)[number]> {
  readonly region: string;
  /** What stands in for AWS; undefined: AWS itself. */
  readonly endpoint: string | undefined;
  readonly stsEndpoint: string | undefined;
  /** Whether pools' messages are sent by their roles; else by the server's own credentials. */
  readonly assumesRoles: boolean;
  /** In US dollars, what a message may cost, e.g. `0.50`. */
  readonly maxPrice: string | undefined;
}

/** Throws ConfigError. */
export function readAwsSmsUrl<Name extends string>(
  text: string,
  mode: 'dev' | 'production',
  example: string,
  more: readonly Name[],
): AwsSmsUrl<Name> {
  const read = readChannelUrl(text, { option: '--sms', example, options: [...more, ...COMMON] });
  const { wrong } = read;
  const options: Partial<Record<(typeof COMMON)[number], string | undefined>> = read.options;
  const { roles = 'on', 'max-price': price } = options;
  if (roles !== 'on' && roles !== 'off') throw wrong('has a roles that is neither on nor off');
  if (price !== undefined && !PRICE.test(price)) {
    throw wrong('has a max-price that is no amount of US dollars such as 0.50');
  }
  return {
    ...read,
    region: regionOf(read),
    endpoint: endpointOf(read, 'endpoint', mode),
    stsEndpoint: endpointOf(read, 'sts-endpoint', mode),
    assumesRoles: roles === 'on',
    maxPrice: price === undefined || price.includes('.') ? price : `${price}.0`,
  };
}
