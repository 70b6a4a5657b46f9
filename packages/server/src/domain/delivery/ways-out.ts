import type { AdjustableClock } from '../../platform/clock.ts';
import type { PoolConfig } from '../pools/pool-config.ts';
import { requireEumsSms } from '../pools/sms-config.ts';
import type { Mail, Sms } from './channels/channel.ts';
import { type ChannelOptions, createMailChannel } from './channels/email-channel.ts';
import { createInboxChannel } from './channels/inbox.ts';
import { type ChannelState, createRoute, type Route } from './channels/route.ts';
import { createSmsChannel, obeysEumsSms, type SmsChannelOptions } from './channels/sms-channel.ts';
import type { MessageChannel } from './message.ts';

/** The ways out of the house; undefined where no channel is configured. */
export interface WaysOut {
  readonly email: Route<Mail> | undefined;
  readonly sms: Route<Sms> | undefined;
  /** Throws the ServiceError for a pool's configuration that cannot work; see `Channel.checkPool`. */
  checkPool(config: PoolConfig): Promise<void>;
  /** For how long nothing leaves by a medium, ms, because its channels are down. */
  rest(medium: MessageChannel): number;
  states(): readonly ChannelState[];
  close(): Promise<void>;
}

/** `inbox`: where there is no channel for SMS, its messages leave for the inbox of dev mode. Throws ConfigError. */
export function createWaysOut(
  {
    email,
    sms,
    inbox,
  }: { readonly email: readonly string[]; readonly sms: readonly string[]; readonly inbox: boolean },
  options: ChannelOptions & Pick<SmsChannelOptions, 'publicUrl'>,
  clock: AdjustableClock,
): WaysOut {
  // A test that moves the clock has breakers rest by it, too.
  const now = () => performance.now() + clock.offset();
  const mails = email.map((url) => createMailChannel(url, options));
  const texts =
    sms.length === 0 && inbox
      ? [createInboxChannel()]
      : sms.map((url) => createSmsChannel(url, { ...options, clock }));
  const ways = {
    email: mails.length === 0 ? undefined : createRoute(mails, clock, now),
    sms: texts.length === 0 ? undefined : createRoute(texts, clock, now),
  };
  return {
    ...ways,
    async checkPool(config) {
      requireEumsSms(config.SmsConfiguration, options.region, sms.length === 0 || sms.some(obeysEumsSms));
      // A stand-in need not be able to all that the channel is which usually sends.
      const isEums = config.SmsConfiguration?.EumsSms !== undefined;
      const usual = texts[sms.findIndex((url) => !isEums || obeysEumsSms(url))];
      await Promise.all([mails[0]?.checkPool?.(config), usual?.checkPool?.(config)]);
    },
    rest: (medium) => (medium === 'EMAIL' ? ways.email : ways.sms)?.rest() ?? 0,
    states: () => [ways.email, ways.sms].flatMap((route) => route?.states() ?? []),
    async close() {
      await Promise.all([ways.email?.close(), ways.sms?.close()]);
    },
  };
}
