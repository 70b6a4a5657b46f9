import type { Logger } from 'pino';
import { DAY } from '../../../platform/duration.ts';
import type { SnsGet } from './sns-get.ts';
import { readSnsMessage, type SnsMessage, snsUrlOf } from './sns-message.ts';
import { feedbackIn, type ToldOf } from './sns-notification.ts';
import type { IsSignedBySns } from './sns-signature.ts';

/** SNS tries for an hour unless a topic says otherwise; what is older was kept by somebody. */
const OLDEST = DAY;

/**
 * What a message of SNS came to: `refused` is not one of a topic that is named here, or not signed; `failed` may
 * succeed when it is sent again.
 */
export type Received = ToldOf | 'confirmed' | 'ignored' | 'malformed' | 'refused' | 'failed';

export interface SnsSubscriberOptions {
  readonly topics: readonly string[];
  readonly isSigned: IsSignedBySns;
  readonly get: SnsGet;
  readonly log: Logger;
}

/** A subscriber of the topics: believes what they sign, and confirms their subscription. */
export function createSnsSubscriber({ topics, isSigned, get, log }: SnsSubscriberOptions) {
  async function confirm(message: SnsMessage): Promise<Received> {
    const url = snsUrlOf(message.SubscribeURL ?? '', message.TopicArn);
    // Only what was asked for is done at somebody's word, though they signed it.
    if (url?.searchParams.get('Action') !== 'ConfirmSubscription') return 'refused';
    try {
      await get(url);
    } catch (error) {
      const { message: reason } = error as Error;
      log.warn({ topic: message.TopicArn, reason }, 'A subscription could not be confirmed; SNS asks again.');
      return 'failed';
    }
    log.info({ topic: message.TopicArn }, 'A subscription was confirmed.');
    return 'confirmed';
  }

  return async function receive(body: string, now: number): Promise<Received> {
    const message = readSnsMessage(body);
    if (message === undefined) return 'malformed';
    if (!topics.includes(message.TopicArn)) return 'refused';
    try {
      if (!(await isSigned(message))) return 'refused';
    } catch (error) {
      const { message: reason } = error as Error;
      log.warn({ topic: message.TopicArn, reason }, 'The certificate of SNS could not be fetched.');
      return 'failed';
    }
    const sent = Date.parse(message.Timestamp);
    if (Number.isNaN(sent)) return 'malformed';
    if (Math.abs(now - sent) > OLDEST) return 'ignored';
    if (message.Type === 'SubscriptionConfirmation') return confirm(message);
    if (message.Type === 'UnsubscribeConfirmation') {
      log.warn({ topic: message.TopicArn }, 'A topic of --delivery-topics sends nothing here any more.');
      return 'ignored';
    }
    return feedbackIn(message.Message, sent) ?? 'ignored';
  };
}
