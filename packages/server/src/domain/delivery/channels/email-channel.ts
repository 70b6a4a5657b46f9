import { ConfigError } from '../../../config/config-error.ts';
import type { MailChannel } from './channel.ts';
import { createSmtpChannel } from './smtp.ts';

/** What channels go by besides their URLs. */
export interface ChannelOptions {
  readonly mode: 'dev' | 'production';
  /** The server's own. */
  readonly region: string;
  /** With which requests to https channels are signed, the newest first. */
  readonly webhookSecrets: readonly string[];
}

/** The channel that an `--email` URL describes. Throws ConfigError. */
export function createMailChannel(url: string, _options: ChannelOptions): MailChannel {
  const scheme = /^(ses|https):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined) {
    throw new ConfigError(`--email ${scheme}:// is not supported yet; use smtp:// or smtps://.`);
  }
  return createSmtpChannel(url);
}
