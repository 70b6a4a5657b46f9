import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import { SECOND } from '../platform/duration.ts';
import {
  advanceMessages,
  claimMessages,
  finishMessage,
  isSentByFunction,
  lastDueMessage,
  type MessageRow,
  nextDueMessage,
  postponeMessage,
  type Room,
} from '../storage/repositories/messages.ts';
import type { Storage, Unit } from '../storage/unit.ts';
import { codeOf, isPermanent, textOf } from './delivery-failure.ts';
import { type Dispatch, dispatchesOf, recorded } from './dispatch.ts';

/** Deliveries by channels. */
export const DELIVERIES_AT_ONCE = 10;
/** Deliveries by the functions of pools, which have places of their own: one that hangs keeps no other message waiting. */
export const FUNCTIONS_AT_ONCE = 20;
export const FUNCTIONS_OF_A_POOL = 5;
/**
 * How long other workers keep off a message that one has taken, ms. It is renewed while the delivery lasts, so its
 * length only sets how long the messages of a killed process wait for the next.
 */
export const LEASE = 15 * SECOND;
/** A message is tried for about an hour, unless its code expires before. */
export const MOST_ATTEMPTS = 60;
const FIRST_BACK_OFF = SECOND;
const LONGEST_BACK_OFF = 60 * SECOND;
/** Nothing is ever put off for longer, clocks of other nodes that are a little ahead included. */
const LONGEST_WAIT = LONGEST_BACK_OFF + LEASE;
/** The longest sleep: how soon an advanced clock, or a message queued by another node, is noticed. */
const POLL = SECOND;
/** How long `close` waits for deliveries under way; less than the server has for stopping altogether. */
const CLOSING = 8 * SECOND;

export interface Outbox {
  /** Something was queued: look at once. */
  wake(): void;
  /** Lets what is under way end (8 s at most), and takes nothing more. */
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * Resolves when the message is out of this house. An error that carries `permanent: true` ends the message, any
   * other has it tried again; see delivery-failure.ts for what is kept of an error.
   */
  deliver(message: MessageRow): Promise<readonly Dispatch[]>;
  /** What stays of a message's content once it is sent or failed. */
  remainder(message: MessageRow): Uint8Array;
  /** Not called for simulated messages. */
  onOutcome(message: MessageRow, outcome: 'sent' | 'retried' | 'failed'): void;
}

/** What becomes of a message after an attempt. */
type Result = { readonly dispatches: readonly Dispatch[] } & (
  | { readonly status: 'queued'; readonly dueAt: number; readonly lastError: string }
  | { readonly status: 'sent' | 'failed'; readonly sentAt: number | null; readonly lastError: string | null }
);

interface Delivery {
  readonly message: MessageRow;
  leaseEnd: number;
  result?: Result;
}

/**
 * Sends what was queued: at least once, never after its code expired, and whether or not the process lives through
 * it. One loop takes as many messages as there are places free, so that a lease only ever covers a delivery under way.
 */
export function createOutbox({ storage, clock, log, deliver, remainder, onOutcome }: OutboxOptions): Outbox {
  const underWay = new Map<string, Delivery>();
  let closeBy: number | undefined;
  let awake = false;
  let rouse: (() => void) | undefined;
  let lookedAhead = Number.NEGATIVE_INFINITY;
  let offset = Number.NEGATIVE_INFINITY;

  function wake(): void {
    awake = true;
    rouse?.();
  }

  async function rest(milliseconds: number): Promise<void> {
    if (awake) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      rouse = resolve;
      timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
    rouse = undefined;
  }

  /**
   * What a clock put off that was ahead, and has been put right since, would wait until then. It is looked for when this
   * clock is put back, and besides so seldom that nodes whose clocks differ for good do not use up a message's attempts.
   */
  async function bringBack(): Promise<void> {
    const now = clock.now();
    const before = offset;
    offset = now - performance.now();
    if (offset < before - SECOND) lookedAhead = Number.NEGATIVE_INFINITY;
    if (performance.now() - lookedAhead < LONGEST_BACK_OFF) return;
    const latest = now + LONGEST_WAIT;
    const last = await storage.read((unit) => lastDueMessage.first(unit, {}));
    if ((last?.due_at ?? 0) > latest) {
      await storage.write((unit) => advanceMessages.run(unit, { now, latest }));
      // What is under way here stays this worker's: its outcome is recorded by the end of its lease.
      for (const delivery of underWay.values()) if (delivery.leaseEnd > latest) delivery.leaseEnd = now;
    }
    lookedAhead = performance.now();
  }

  /** Records what ended, renews what lasts and takes what is due, in one commit. Returns how long to rest. */
  async function turn(): Promise<number> {
    const now = clock.now();
    const ended = [...underWay.values()].filter(({ result }) => result !== undefined);
    const lasting = [...underWay.values()].filter(({ result }) => result === undefined);
    const renewed = lasting.filter(({ leaseEnd }) => leaseEnd - now < LEASE / 2);
    const room = roomBeside(lasting);
    const takes = closeBy === undefined && (room.channels > 0 || room.functions > 0);
    if (ended.length === 0 && renewed.length === 0) {
      if (!takes) return POLL;
      const wait = (await storage.read((unit) => nextDueMessage(unit, room))) - now;
      if (wait > 0) return Math.min(wait, POLL);
    }

    const leaseEnd = now + LEASE;
    const claimed = await storage.write(async (unit) => {
      for (const { message, leaseEnd: held, result } of ended) {
        await settle(unit, message, held, result as Result);
      }
      for (const { message, leaseEnd: held } of renewed) {
        const { last_error: lastError, record } = message;
        const lease = { leaseEnd: held, dueAt: leaseEnd, lastError, record };
        await postponeMessage.run(unit, { ...keyOf(message), ...lease });
      }
      return takes ? claimMessages(unit, { now, leaseEnd, room }) : [];
    });
    for (const delivery of renewed) delivery.leaseEnd = leaseEnd;
    for (const { message } of ended) underWay.delete(nameOf(message));
    for (const message of claimed) start(message, leaseEnd);
    for (const { message, result } of ended) {
      if (isSimulated(message)) continue;
      onOutcome(message, result?.status === 'queued' ? 'retried' : (result?.status ?? 'failed'));
    }
    // Another node can have been faster: then a moment's rest, or the two would race each other in circles.
    return claimed.length + ended.length > 0 ? 0 : POLL / 10;
  }

  function settle(unit: Unit, message: MessageRow, leaseEnd: number, result: Result): Promise<number> {
    const { dispatches, ...outcome } = result;
    const held = { ...keyOf(message), leaseEnd, record: recorded(message.record, dispatches) };
    if (outcome.status === 'queued') return postponeMessage.run(unit, { ...held, ...outcome });
    const status = isSimulated(message) ? message.status : outcome.status;
    const providerId = dispatches.findLast(({ outcome: kind }) => kind === 'accepted')?.providerId ?? null;
    return finishMessage.run(unit, {
      ...held,
      ...outcome,
      status,
      providerId,
      sealedContent: remainder(message),
    });
  }

  function start(message: MessageRow, leaseEnd: number): void {
    const known = underWay.get(nameOf(message));
    if (known !== undefined) {
      known.leaseEnd = leaseEnd;
      return;
    }
    const delivery: Delivery = { message, leaseEnd };
    underWay.set(nameOf(message), delivery);
    attempt(message).then((result) => {
      delivery.result = result;
      wake();
    });
  }

  async function attempt(message: MessageRow): Promise<Result> {
    const facts = {
      message: message.id,
      pool: message.pool_id,
      channel: message.channel,
      attempt: message.attempts,
    };
    const fail = (lastError: string, code: string, tried: readonly Dispatch[] = []): Result => {
      if (!isSimulated(message)) log.warn({ ...facts, code }, 'Message not sent, and not tried again.');
      return { status: 'failed', sentAt: null, lastError, dispatches: tried };
    };
    if (message.expires_at <= clock.now()) {
      return fail(message.last_error ?? 'Its code expired before it could be sent.', 'EXPIRED');
    }
    // Only a message that ended the process each time comes back with more attempts than this.
    if (message.attempts > MOST_ATTEMPTS) return fail('Tried too often.', 'ATTEMPTS');
    let dispatches: readonly Dispatch[];
    try {
      dispatches = await deliver(message);
    } catch (error) {
      const tried = dispatchesOf(error);
      const [code, lastError] = [codeOf(error), textOf(error)];
      const dueAt = clock.now() + backOff(message.attempts);
      if (isPermanent(error) || message.attempts >= MOST_ATTEMPTS || dueAt >= message.expires_at) {
        return fail(lastError, code, tried);
      }
      if (!isSimulated(message)) log.warn({ ...facts, code }, 'Message not sent; it is tried again.');
      return { status: 'queued', dueAt, lastError, dispatches: tried };
    }
    log.debug(facts, 'Message sent.');
    return { status: 'sent', sentAt: clock.now(), lastError: null, dispatches };
  }

  async function work(): Promise<void> {
    const left = () => (closeBy === undefined ? POLL : closeBy - performance.now());
    while (closeBy === undefined || (underWay.size > 0 && left() > 0)) {
      awake = false;
      let pause: number;
      try {
        await bringBack();
        pause = await turn();
      } catch (error) {
        log.error({ err: error }, 'The outbox could not use the storage; it goes on in a second.');
        // What wakes it meanwhile would only fail again.
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(POLL, left()))));
        continue;
      }
      await rest(Math.max(0, Math.min(pause, left())));
    }
  }

  const working = work();
  return {
    wake,
    async close() {
      closeBy ??= performance.now() + CLOSING;
      wake();
      await working;
    },
  };
}

/** What is left of the places by these deliveries. */
function roomBeside(lasting: readonly Delivery[]): Room {
  const pools = lasting
    .map(({ message }) => message)
    .filter(isSentByFunction)
    .map(({ pool_id }) => pool_id);
  const held = Map.groupBy(pools, (poolId) => poolId);
  const ofPool = (poolId: string) => FUNCTIONS_OF_A_POOL - (held.get(poolId)?.length ?? 0);
  return {
    channels: DELIVERIES_AT_ONCE - (lasting.length - pools.length),
    functions: FUNCTIONS_AT_ONCE - pools.length,
    ofPool,
    fullPools: [...held.keys()].filter((poolId) => ofPool(poolId) <= 0),
  };
}

/** It takes every step of a real one, so that the database cannot tell by its work who exists; nobody is told of it. */
const isSimulated = ({ status }: MessageRow) => status === 'simulated';

const keyOf = (message: MessageRow) => ({ poolId: message.pool_id, id: message.id });
const nameOf = (message: MessageRow) => `${message.pool_id}/${message.id}`;

/** About 1, 2, 4 … 60 s, up to a quarter less: what failed together does not come back together. */
function backOff(attempts: number): number {
  const longest = Math.min(FIRST_BACK_OFF * 2 ** (attempts - 1), LONGEST_BACK_OFF);
  return Math.round(longest * (1 - Math.random() / 4));
}
