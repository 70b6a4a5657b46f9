import { ConfigError } from '../../../config/config-error.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { SmsChannel } from './channel.ts';
import type { ChannelOptions } from './email-channel.ts';
import { createEumChannel } from './eum.ts';
import { createSignedSmsChannel } from './signed-http.ts';
import { createSnsChannel } from './sns.ts';
import { createTwilioChannel } from './twilio.ts';

/** What SMS channels go by besides their URLs. */
export interface SmsChannelOptions extends ChannelOptions {
  readonly clock: Clock;
  /** Where the server is reached by providers, without a slash at the end; undefined: it is not known. */
  readonly publicUrl?: string | undefined;
}

/** The channel that an `--sms` URL describes. Throws ConfigError. */
export function createSmsChannel(url: string, options: SmsChannelOptions): SmsChannel {
  switch (/^(\w+):/.exec(url)?.[1]?.toLowerCase()) {
    case 'sns':
      return createSnsChannel(url, options);
    case 'eum':
      return createEumChannel(url, options);
    case 'twilio':
      return createTwilioChannel(url, options);
    case 'http':
    case 'https':
      return createSignedSmsChannel(url, options);
    default:
      throw new ConfigError('An --sms URL is one of sns://, eum://, twilio:// and https://.');
  }
}

/** Whether a channel obeys a pool's `SmsConfiguration.EumsSms`; others may stand in for one that does. */
export const obeysEumsSms = (url: string) => /^(?:eum|https?):/i.test(url);
