import type { MessageCap, MessageCaps } from '../../../config/limits.ts';
import type { SmsCountries } from '../../../config/sms-countries.ts';
import type { SmsPrices } from '../../../config/sms-prices.ts';
import type { MessageRow } from '../../../storage/repositories/messages.ts';
import { isVerifiedNumber } from '../../../storage/repositories/sandbox-numbers.ts';
import type { Services } from '../../services.ts';
import { capOf, countSms, hasSmsCap } from './caps.ts';
import { senderTo } from './countries.ts';
import { destinationOf } from './destination.ts';
import { Held, type HeldReason, onRecord } from './held.ts';
import { priceOf } from './price.ts';

/** What an operator said of SMS messages. */
export interface SmsSettings {
  readonly messageCaps: MessageCaps;
  readonly smsCountries: SmsCountries | undefined;
  readonly smsPrices: SmsPrices | undefined;
  readonly smsSandbox: boolean;
}

export interface SmsRules extends SmsSettings {
  /** Hears of each message that is held back. */
  held(reason: HeldReason): void;
  /** Hears of each message that was held back by a cap. */
  reached(cap: MessageCap, poolId: string | undefined): void;
}

/** Whether there is a rule that a message could break; where there is none, dev mode's inbox needs no way out. */
export const hasSmsRules = ({ messageCaps, smsCountries, smsSandbox }: SmsSettings): boolean =>
  smsSandbox || smsCountries !== undefined || hasSmsCap(messageCaps);

/** For a simulated message, which has no number: an example of the numbering plan. */
const SOMEBODYS = '+12015550123';

/**
 * Whether an SMS message may leave by a channel, decided when it is delivered: the answer to its request tells nothing of
 * it. Resolves to the sender that the destination's country asks for. Throws `Held` with a line for the record.
 */
export async function admitSms(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  rules: SmsRules,
  row: MessageRow,
  text: string,
): Promise<string | undefined> {
  const isSimulated = row.status === 'simulated';
  try {
    const destination = await destinationOf(isSimulated ? SOMEBODYS : row.destination);
    const sender = isSimulated ? undefined : senderTo(rules.smsCountries, destination);
    if (rules.smsSandbox) {
      const isVerified = await storage.read((unit) => isVerifiedNumber(unit, row.destination));
      if (!isSimulated && !isVerified) throw new Held('SANDBOX');
    }
    if (hasSmsCap(rules.messageCaps)) {
      const price =
        isSimulated || rules.smsPrices === undefined
          ? 1
          : priceOf(rules.smsPrices, destination.country, text);
      await storage.write((unit) => countSms(unit, rules.messageCaps, row, { price, now: clock.now() }));
    }
    return sender;
  } catch (error) {
    if (!(error instanceof Held)) throw error;
    const cap = capOf(error.reason);
    rules.held(error.reason);
    // Money is everybody's.
    if (cap !== undefined) rules.reached(cap, cap === 'SmsPriceDay' ? undefined : row.pool_id);
    throw onRecord(error, clock.now());
  }
}
