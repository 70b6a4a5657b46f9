import { type Dispatch, withDispatches } from '../../../outbox/dispatch.ts';
import type { Clock } from '../../../platform/clock.ts';
import { SECOND } from '../../../platform/duration.ts';
import { createBreaker, type Verdict } from './breaker.ts';
import { type Channel, NotAccepted, Undeliverable } from './channel.ts';

/** The channels of one medium, the later ones standing in for the earlier. */
export interface Route<Message> {
  readonly channels: readonly Channel<never>[];
  /**
   * Tries the channels in order until one accepts the message or refuses it for good. Resolves to what was tried; what
   * it throws carries the same (`dispatchesOf`). While all channels rest nothing is tried: `Postponed`.
   */
  send(message: Message): Promise<readonly Dispatch[]>;
  /** For how long every channel is left alone, ms; 0: one of them takes messages. */
  rest(): number;
  /** For metrics and operators. */
  states(): readonly ChannelState[];
  close(): Promise<void>;
}

export interface ChannelState {
  readonly channel: string;
  /** It has failed so often that messages are kept off it, but for a probe now and then. */
  readonly isOpen: boolean;
}

/** All channels are down, and left alone for a while: nothing was tried. */
export class Postponed extends NotAccepted {
  /** ms. */
  readonly postponeFor: number;
  constructor(postponeFor: number) {
    super('Its channels are down, and left alone for a while.', 'RESTING');
    this.postponeFor = postponeFor;
  }
}

/** `now` is what breakers go by, ms. */
export function createRoute<Message extends Parameters<Channel['send']>[0]>(
  channels: readonly Channel<Message>[],
  clock: Clock,
  now = () => performance.now(),
): Route<Message> {
  const guarded = channels.map((channel) => ({ channel, breaker: createBreaker(now) }));
  const rest = () => Math.min(...guarded.map(({ breaker }) => breaker.rest()));
  return {
    channels,
    rest,
    states: () => guarded.map(({ channel, breaker }) => ({ channel: channel.name, isOpen: breaker.isOpen })),
    async send(message) {
      const dispatches: Dispatch[] = [];
      let failure: unknown;
      const obeying = ({ channel }: (typeof guarded)[number]) => channel.obeys?.(message) !== false;
      const inOrder = guarded.toSorted((a, b) => Number(obeying(b)) - Number(obeying(a)));
      for (const { channel, breaker } of inOrder) {
        // The channel before it may have taken its time.
        const timeLeft = message.expiresAt - clock.now();
        if (timeLeft <= 0) {
          throw withDispatches(
            new Undeliverable('Its code expired before it could be sent.', 'EXPIRED'),
            dispatches,
          );
        }
        const done = breaker.enter();
        if (done === undefined) continue;
        const began = { at: clock.now(), channel: channel.name };
        try {
          const { providerId } = await channel.send(message, timeLeft);
          done('up');
          return [...dispatches, { ...began, outcome: 'accepted', ...(providerId && { providerId }) }];
        } catch (error) {
          // Who was given less time than usual is not to blame.
          done(message.expiresAt <= clock.now() ? 'neither' : verdictOf(error));
          const { code } = error as Undeliverable | NotAccepted;
          if (error instanceof Undeliverable) {
            throw withDispatches(error, [...dispatches, { ...began, outcome: 'refused', code }]);
          }
          dispatches.push({ ...began, outcome: 'failed', code });
          // A configuration is to blame only where no channel could do without its being changed.
          if (!mayPass(failure)) failure = error;
        }
      }
      if (failure === undefined) throw new Postponed(Math.max(rest(), SECOND));
      throw withDispatches(failure as Error, dispatches);
    },
    async close() {
      await Promise.all(channels.map((channel) => channel.close()));
    },
  };
}

const mayPass = (failure: unknown) =>
  failure instanceof NotAccepted && (failure.blames === 'provider' || failure.blames === 'recipient');

/** A pool's own role or sender, or a full mailbox, says nothing of the provider's health. */
const verdictOf = (error: unknown): Verdict =>
  error instanceof Undeliverable || (error instanceof NotAccepted && error.blames !== 'provider')
    ? 'neither'
    : 'down';
