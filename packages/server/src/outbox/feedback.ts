import { findByProviderId, findRecord, putFeedback } from '../storage/repositories/message-feedback.ts';
import type { Unit } from '../storage/unit.ts';
import { type Dispatch, type Feedback, readRecord, recorded } from './dispatch.ts';

/** What a provider tells of a message that it has accepted. */
export interface ToldLater {
  /** As the provider calls the message. */
  readonly providerId: string;
  /** Of the channel that sent it, `ses:us-east-1` or `ses` alone: messages of others are left alone. */
  readonly channel?: string | undefined;
  /**
   * The message's own, where what was told names both: then it is found even before its acceptance is recorded. With
   * the id alone, others of the same provider's name are left alone.
   */
  readonly poolId?: string | undefined;
  readonly id?: string | undefined;
  /** When it happened, ms. */
  readonly at: number;
  readonly outcome: Feedback;
  readonly code?: string | undefined;
}

/** Messages that one name can mean. */
const NAMESAKES = 8;
/** Of messages, theirs and ours, and of pools: no database looks for a text that it cannot hold. */
const ID = /^[\x21-\x7e]{1,256}$/;
const CODE = /^[\w.:-]{1,64}$/;
const LATEST = 8.64e15;

/**
 * Adds to the record of a message what its provider told of it. False where there is none: it may have been forgotten
 * since, or its acceptance not be recorded yet, and then the same is true a moment later. What is told again changes nothing.
 */
export async function recordFeedback(unit: Unit, told: ToldLater): Promise<boolean> {
  const { providerId, at, outcome } = told;
  if ([providerId, told.id, told.poolId].some((id) => id !== undefined && !ID.test(id))) return false;
  if (!Number.isSafeInteger(at) || at < 0 || at > LATEST) return false;
  let known = false;
  for (const { pool_id: poolId, id } of await messagesMeant(unit, told)) {
    const row = await findRecord.first(unit, { poolId, id });
    // Nobody has sent a simulated one, so whoever tells of it made that up.
    if (row === undefined || row.status === 'simulated') continue;
    const lines = readRecord(row.record);
    const accepted = lines.find((line) => line.outcome === 'accepted' && line.providerId === providerId);
    if (told.channel !== undefined && accepted && !isOf(accepted, told.channel)) continue;
    known = true;
    const code = told.code !== undefined && CODE.test(told.code) ? told.code : undefined;
    // Whatever its time: callbacks that come twice may have none of their own.
    const isSame = (line: Dispatch) =>
      line.outcome === outcome && line.code === code && line.providerId === providerId;
    if (lines.some(isSame)) continue;
    const newest = lines.filter(isFeedback).every((line) => line.at <= at);
    const line: Dispatch = {
      at,
      ...(accepted?.channel !== undefined && { channel: accepted.channel }),
      outcome,
      ...(code !== undefined && { code }),
      providerId,
    };
    const record = recorded(row.record, [line]);
    await putFeedback.run(unit, {
      poolId,
      id,
      record,
      feedback: newest ? outcome : (row.feedback ?? outcome),
    });
  }
  return known;
}

async function messagesMeant(unit: Unit, { providerId, poolId, id }: ToldLater) {
  if (poolId !== undefined && id !== undefined) return [{ pool_id: poolId, id }];
  const found = await findByProviderId.all(unit, { providerId, limit: NAMESAKES });
  return id === undefined ? found : found.filter((message) => message.id === id);
}

const isOf = (line: Dispatch, channel: string) => line.channel === channel || providerOf(line) === channel;

const ATTEMPTED: ReadonlySet<string> = new Set(['accepted', 'refused', 'failed', 'held']);
const isFeedback = ({ outcome }: Dispatch) => !ATTEMPTED.has(outcome);

/** `ses` of `ses:us-east-1`. */
export const providerOf = ({ channel }: Dispatch): string => channel?.split(':', 1)[0] ?? 'none';
