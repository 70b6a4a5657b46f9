import { ConfigError } from '../../../config/config-error.ts';
import type { SmsChannel } from './channel.ts';
import type { ChannelOptions } from './email-channel.ts';

/** The channel that an `--sms` URL describes. Throws ConfigError. */
export function createSmsChannel(url: string, _options: ChannelOptions): SmsChannel {
  throw new ConfigError(`--sms ${url.split(':')[0]}: is not supported yet.`);
}
