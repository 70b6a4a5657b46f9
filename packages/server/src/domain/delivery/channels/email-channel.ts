import { ConfigError } from '../../../config/config-error.ts';
import { SECOND } from '../../../platform/duration.ts';
import { type Channel, Undeliverable } from './channel.ts';
import { createSmtpChannel } from './smtp.ts';

/** How long a server that failed comes last: one that hangs would cost each message its time-outs, ms. */
const SET_BACK = 30 * SECOND;

/**
 * The channel that `--email` URLs describe, the later ones standing in for the earlier; undefined without any.
 * Throws ConfigError.
 */
export function createEmailChannel(urls: readonly string[]): Channel | undefined {
  const [first, ...others] = urls.map(channelOf);
  return first === undefined || others.length === 0 ? first : withStandIns([first, ...others]);
}

function channelOf(url: string): Channel {
  const scheme = /^(ses|https):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined) {
    throw new ConfigError(`--email ${scheme}:// is not supported yet; use smtp:// or smtps://.`);
  }
  return createSmtpChannel(url);
}

/** Tries the channels in order until one accepts the message or refuses it for good. */
export function withStandIns(channels: readonly Channel[], now = () => performance.now()): Channel {
  const setBackUntil = new Map<Channel, number>();
  const isSetBack = (channel: Channel) => (setBackUntil.get(channel) ?? 0) > now();
  return {
    async send(envelope) {
      const inOrder = [...channels].sort((a, b) => Number(isSetBack(a)) - Number(isSetBack(b)));
      let failure: unknown;
      for (const channel of inOrder) {
        try {
          return await channel.send(envelope);
        } catch (error) {
          if (error instanceof Undeliverable) throw error;
          setBackUntil.set(channel, now() + SET_BACK);
          failure = error;
        }
      }
      throw failure;
    },
    async close() {
      await Promise.all(channels.map((channel) => channel.close()));
    },
  };
}
