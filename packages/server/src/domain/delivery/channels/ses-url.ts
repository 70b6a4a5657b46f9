import { isOneSender } from '../../../platform/sender-address.ts';
import { endpointOf, readChannelUrl, regionOf } from './channel-url.ts';

/** Amazon SES as a URL describes it. */
export interface SesPlace {
  readonly region: string;
  /** Sender of the messages of pools that name none; undefined: they are not sent. */
  readonly from: string | undefined;
  /** Where a pool names none. */
  readonly configurationSet: string | undefined;
  /** Undefined: AWS's own. */
  readonly endpoint: string | undefined;
}

const FORM = {
  option: '--email',
  example: 'ses://us-east-1?from=no-reply@example.com',
  options: ['from', 'configuration-set', 'endpoint'],
} as const;
const REGION_OF_ARN = /^arn:aws[a-z-]*:ses:([a-z0-9-]+):/;

/**
 * Reads `ses://us-east-1` with the options
 * - `from=no-reply@example.com`: the sender of pools that name none;
 * - `configuration-set=codes`: where a pool names none;
 * - `endpoint=http://127.0.0.1:4566`: what stands in for AWS.
 *
 * Credentials are the AWS SDK's to find. Throws ConfigError.
 */
export function readSesUrl(text: string, mode: 'dev' | 'production'): SesPlace {
  const url = readChannelUrl(text, FORM);
  const { from, 'configuration-set': configurationSet } = url.options;
  const region = regionOf(url);
  if (from !== undefined && !isOneSender(from)) {
    throw url.wrong('has a from that is no address such as no-reply@example.com');
  }
  if (configurationSet !== undefined && !/^[\w-]{1,64}$/.test(configurationSet)) {
    throw url.wrong('has a configuration-set that is not 1 to 64 letters, digits, hyphens and underscores');
  }
  return { region, from, configurationSet, endpoint: endpointOf(url, 'endpoint', mode) };
}

/** An identity is of one region: that of a pool's `SourceArn` comes before that of the URL. */
export const regionFor = (sourceArn: string | undefined, { region }: SesPlace) =>
  REGION_OF_ARN.exec(sourceArn ?? '')?.[1] ?? region;
