import { ConfigError } from '../../../config/config-error.ts';
import type { MailChannel } from './channel.ts';
import { createSesChannel } from './ses.ts';
import { createSignedMailChannel } from './signed-http.ts';
import { createSmtpChannel } from './smtp.ts';

/** What channels go by besides their URLs. */
export interface ChannelOptions {
  readonly mode: 'dev' | 'production';
  /** The server's own. */
  readonly region: string;
  /** With which requests to https channels are signed, the newest first. */
  readonly webhookSecrets: readonly string[];
  /** Networks in CIDR form that are private, and that https channels may be in all the same. */
  readonly functionNetworks: readonly string[];
  /** How long a provider is waited for, ms; undefined: as long as is its channel's habit. */
  readonly patience?: number | undefined;
}

/** The channel that an `--email` URL describes. Throws ConfigError. */
export function createMailChannel(url: string, options: ChannelOptions): MailChannel {
  switch (/^([a-z]+):/i.exec(url)?.[1]?.toLowerCase()) {
    case 'smtp':
    case 'smtps':
      return createSmtpChannel(url, options);
    case 'ses':
      return createSesChannel(url, options);
    case 'http':
    case 'https':
      return createSignedMailChannel(url, options);
    default:
      throw new ConfigError(
        `An --email URL ${URL.canParse(url) ? 'is neither smtp://, smtps://, ses:// nor https://' : 'is not a URL'}. Write it like smtp://user:password@smtp.example.com:587?from=no-reply@example.com, ses://us-east-1?from=no-reply@example.com or https://mail.example.com/send.`,
      );
  }
}
