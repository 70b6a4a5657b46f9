import { type Dispatch, withDispatches } from '../../../outbox/dispatch.ts';
import type { Clock } from '../../../platform/clock.ts';
import { type Channel, NotAccepted, Undeliverable } from './channel.ts';

/** How long a channel that failed comes last: one that hangs would cost each message its time-outs, ms. */
const SET_BACK = 30_000;

/** The channels of one medium, the later ones standing in for the earlier. */
export interface Route<Message> {
  readonly channels: readonly Channel<never>[];
  /**
   * Tries the channels in order until one accepts the message or refuses it for good. Resolves to what was tried; what
   * it throws carries the same (`dispatchesOf`).
   */
  send(message: Message): Promise<readonly Dispatch[]>;
  close(): Promise<void>;
}

export function createRoute<Message extends Parameters<Channel['send']>[0]>(
  channels: readonly Channel<Message>[],
  clock: Clock,
  now = () => performance.now(),
): Route<Message> {
  const setBackUntil = new Map<Channel<Message>, number>();
  const isSetBack = (channel: Channel<Message>) => (setBackUntil.get(channel) ?? 0) > now();
  return {
    channels,
    async send(message) {
      const inOrder = channels.toSorted((a, b) => Number(isSetBack(a)) - Number(isSetBack(b)));
      const dispatches: Dispatch[] = [];
      let failure: unknown = new NotAccepted('No channel is configured.', 'NO_CHANNEL');
      for (const channel of inOrder) {
        const began = { at: clock.now(), channel: channel.name };
        try {
          const { providerId } = await channel.send(message);
          return [...dispatches, { ...began, outcome: 'accepted', ...(providerId && { providerId }) }];
        } catch (error) {
          const { code } = error as Undeliverable | NotAccepted;
          if (error instanceof Undeliverable) {
            throw withDispatches(error, [...dispatches, { ...began, outcome: 'refused', code }]);
          }
          dispatches.push({ ...began, outcome: 'failed', code });
          setBackUntil.set(channel, now() + SET_BACK);
          failure = error;
        }
      }
      throw withDispatches(failure as Error, dispatches);
    },
    async close() {
      await Promise.all(channels.map((channel) => channel.close()));
    },
  };
}
