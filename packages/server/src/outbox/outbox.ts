import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import { SECOND } from '../platform/duration.ts';
import {
  adoptMessages,
  advanceMessages,
  claimMessages,
  SENDING_LANES,
  type Upcoming,
  upcomingMessages,
} from '../storage/repositories/message-claims.ts';
import { findRecord } from '../storage/repositories/message-feedback.ts';
import {
  buryMessage,
  deadMessages,
  finishMessage,
  postponeMessage,
  renewLease,
} from '../storage/repositories/message-outcomes.ts';
import { laneOf, type MessageRow } from '../storage/repositories/messages.ts';
import type { SendingLane } from '../storage/schema/messages.ts';
import type { Storage, Unit } from '../storage/unit.ts';
import { attempt, isSimulated, LONGEST_BACK_OFF, type Result } from './attempt.ts';
import { type Dispatch, recorded } from './dispatch.ts';
import { laneOfMessage, roomBeside } from './places.ts';

/**
 * How long other workers keep off a message that one has taken, ms. It is renewed while the delivery lasts, so its
 * length only sets how long the messages of a killed process wait for the next.
 */
export const LEASE = 15 * SECOND;
/** The longest that a channel rests, its jitter included. */
const LONGEST_REST = 2 * LONGEST_BACK_OFF;
/** Nothing is ever put off for longer, clocks of other nodes that are a little ahead included. */
const LONGEST_WAIT = LONGEST_REST + LEASE;
/** The longest sleep: how soon an advanced clock, or a message queued by another node, is noticed. */
const POLL = SECOND;
/** How long `close` waits for deliveries under way; less than the server has for stopping altogether. */
const CLOSING = 8 * SECOND;
/** Messages whose secrets one commit removes. */
const BURIED_AT_ONCE = 100;

export interface Outbox {
  /** Something was queued: look at once. */
  wake(): void;
  /** Lets what is under way end (for `closing` at most), and takes nothing more. */
  close(): Promise<void>;
}

/** What came of an attempt, for who counts. */
export interface Outcome {
  readonly outcome: 'sent' | 'retried' | 'failed';
  /** Of a failure. */
  readonly code?: string | undefined;
  readonly dispatches: readonly Dispatch[];
  /** From being queued to being accepted, ms; of what was sent. */
  readonly took?: number | undefined;
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
  /** For how long nothing of a lane can be sent, ms; its messages stay where they are until then. */
  restOf(lane: SendingLane): number;
  /** What stays of a message's content once nobody can send it (again). */
  remainder(message: MessageRow): Uint8Array;
  /** Not called for simulated messages. */
  onOutcome(message: MessageRow, outcome: Outcome): void;
  /** How long `close` waits for deliveries under way, ms; undefined: 8 s. */
  readonly closing?: number;
}

interface Delivery {
  readonly message: MessageRow;
  leaseEnd: number;
  result?: Result;
}

/**
 * Sends what was queued: at least once, never after its code expired, and whether or not the process lives through
 * it. One loop takes as many messages as there are places free, so that a lease only ever covers a delivery under way.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { storage, clock, log, restOf, remainder, onOutcome, closing = CLOSING } = options;
  const underWay = new Map<string, Delivery>();
  /** Whose turn was the last one, a lane. */
  const turns = new Map<SendingLane, string>();
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
    const changed = await storage.write((unit) =>
      Promise.all(SENDING_LANES.map((lane) => advanceMessages.run(unit, { lane, now, latest }))),
    );
    if (changed.some((count) => count > 0)) {
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
    const room = roomBeside(lasting.map(({ message }) => message));
    const takes = closeBy === undefined;
    const rests = new Map(room.lanes.map((lane) => [lane, restOf(lane)]));
    const lanes = room.lanes.filter((lane) => (rests.get(lane) ?? 0) <= 0);
    if (ended.length === 0 && renewed.length === 0) {
      if (!takes) return POLL;
      const wait = waitFor(await storage.read(upcomingMessages), lanes, now);
      if (wait > 0) return Math.min(wait, POLL, ...[...rests.values()].filter((left) => left > 0));
    }

    const leaseEnd = now + LEASE;
    const { claims, tidied } = await storage.write(async (unit) => {
      await Promise.all(
        ended.map(({ message, leaseEnd: held, result }) => settle(unit, message, held, result as Result)),
      );
      await Promise.all(
        renewed.map(({ message, leaseEnd: held }) =>
          renewLease.run(unit, { ...keyOf(message), leaseEnd: held, dueAt: leaseEnd }),
        ),
      );
      if (!takes) return { claims: [], tidied: 0 };
      const upcoming = await upcomingMessages(unit);
      const due = lanes.filter((lane) => (upcoming.lanes.get(lane) ?? Number.POSITIVE_INFINITY) <= now);
      return {
        claims: await Promise.all(due.map((lane) => claim(unit, lane, now, leaseEnd))),
        tidied: await tidy(unit, upcoming, now),
      };
    });
    for (const delivery of renewed) delivery.leaseEnd = leaseEnd;
    for (const { message } of ended) underWay.delete(nameOf(message));
    for (const { lane, after, messages } of claims) {
      turns.set(lane, after);
      for (const message of messages) start(message, leaseEnd);
    }
    for (const { message, result } of ended) tell(message, result as Result);
    // Another node can have been faster: then a moment's rest, or the two would race each other in circles.
    const done = claims.flatMap(({ messages }) => messages).length + ended.length + tidied;
    return done > 0 ? 0 : POLL / 10;

    async function claim(unit: Unit, lane: SendingLane, at: number, until: number) {
      const taken = await claimMessages(unit, {
        lane,
        now: at,
        leaseEnd: until,
        places: room.places(lane),
        ofPool: (poolId) => room.ofPool(lane, poolId),
        after: turns.get(lane) ?? '',
      });
      return { lane, ...taken };
    }
  }

  /** Gives lanes to messages without one, and removes the secrets of those whose codes have died. */
  async function tidy(unit: Unit, { withoutLane, dead }: Upcoming, now: number): Promise<number> {
    let tidied = 0;
    if (withoutLane !== undefined) tidied += await adoptMessages(unit, laneOf);
    if (dead === undefined || dead > now) return tidied;
    const buried = await deadMessages.all(unit, { now, limit: BURIED_AT_ONCE });
    for (const message of buried) {
      const sealedContent = remainder(message);
      buryMessage.send(unit, { ...keyOf(message), lane: laneOfMessage(message), sealedContent });
    }
    return tidied + buried.length;
  }

  async function settle(unit: Unit, message: MessageRow, leaseEnd: number, result: Result): Promise<void> {
    // Read anew: its provider may have told of it meanwhile.
    const { record = message.record } = (await findRecord.first(unit, keyOf(message))) ?? {};
    const held = { ...keyOf(message), leaseEnd, record: recorded(record, result.dispatches) };
    const { lastError } = result;
    if (result.status === 'queued') {
      const { dueAt, attempts } = result;
      await postponeMessage.run(unit, { ...held, dueAt, attempts, lastError });
      return;
    }
    const isDead = result.status === 'failed' && result.isDead;
    await finishMessage.run(unit, {
      ...held,
      status: isSimulated(message) ? message.status : result.status,
      lane: isDead ? 'DEAD' : laneOfMessage(message),
      sealedContent: isDead ? message.sealed_content : remainder(message),
      sentAt: result.status === 'sent' ? result.sentAt : null,
      lastError,
      providerId: result.dispatches.findLast(({ outcome }) => outcome === 'accepted')?.providerId ?? null,
    });
  }

  function tell(message: MessageRow, result: Result): void {
    if (isSimulated(message)) return;
    const { dispatches } = result;
    if (result.status === 'sent') {
      onOutcome(message, { outcome: 'sent', dispatches, took: result.sentAt - message.created_at });
    } else if (result.status === 'failed') {
      onOutcome(message, { outcome: 'failed', dispatches, code: result.code });
    } else if (dispatches.length > 0) onOutcome(message, { outcome: 'retried', dispatches });
  }

  function start(message: MessageRow, leaseEnd: number): void {
    const known = underWay.get(nameOf(message));
    if (known !== undefined) {
      known.leaseEnd = leaseEnd;
      return;
    }
    const delivery: Delivery = { message, leaseEnd };
    underWay.set(nameOf(message), delivery);
    attempt(options, message).then((result) => {
      delivery.result = result;
      wake();
    });
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
      closeBy ??= performance.now() + closing;
      wake();
      await working;
    },
  };
}

/** How long nothing is to be done in these lanes, nor anywhere for tidiness. */
function waitFor(
  { lanes: upcoming, withoutLane, dead }: Upcoming,
  lanes: readonly SendingLane[],
  now: number,
): number {
  if (withoutLane !== undefined) return 0;
  const times = lanes.map((lane) => upcoming.get(lane) ?? Number.POSITIVE_INFINITY);
  return Math.min(dead ?? Number.POSITIVE_INFINITY, ...times) - now;
}

const keyOf = (message: MessageRow) => ({ poolId: message.pool_id, id: message.id });
const nameOf = (message: MessageRow) => `${message.pool_id}/${message.id}`;
