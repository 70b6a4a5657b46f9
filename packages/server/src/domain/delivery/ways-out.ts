import type { Clock } from '../../platform/clock.ts';
import type { PoolConfig } from '../pools/pool-config.ts';
import type { Mail, Sms } from './channels/channel.ts';
import { type ChannelOptions, createMailChannel } from './channels/email-channel.ts';
import { createRoute, type Route } from './channels/route.ts';
import { createSmsChannel } from './channels/sms-channel.ts';

/** The ways out of the house; undefined where no channel is configured. */
export interface WaysOut {
  readonly email: Route<Mail> | undefined;
  readonly sms: Route<Sms> | undefined;
  /** Throws the ServiceError for a pool's configuration that cannot work; see `Channel.checkPool`. */
  checkPool(config: PoolConfig): Promise<void>;
  close(): Promise<void>;
}

/** Throws ConfigError. */
export function createWaysOut(
  { email, sms }: { readonly email: readonly string[]; readonly sms: readonly string[] },
  options: ChannelOptions,
  clock: Clock,
): WaysOut {
  const mails = email.map((url) => createMailChannel(url, options));
  const texts = sms.map((url) => createSmsChannel(url, options));
  const ways = {
    email: mails.length === 0 ? undefined : createRoute(mails, clock),
    sms: texts.length === 0 ? undefined : createRoute(texts, clock),
  };
  return {
    ...ways,
    async checkPool(config) {
      await Promise.all([...mails, ...texts].map((channel) => channel.checkPool?.(config)));
    },
    async close() {
      await Promise.all([ways.email?.close(), ways.sms?.close()]);
    },
  };
}
