import { withDispatches } from '../../../outbox/dispatch.ts';
import { Undeliverable } from '../channels/channel.ts';

/** Why the rules for SMS messages hold one back, for operators. */
const reasons = {
  COUNTRY_NOT_ALLOWED: 'The country of the phone number is not among --sms-countries.',
  NUMBER_NOT_ALLOWED:
    'The phone number is of no country, or of a kind that costs extra, and --sms-countries names countries.',
  SANDBOX: 'The SMS sandbox is on, and the phone number is not one of its verified ones.',
  SMS_DAY_CAP: 'The user pool has sent as many SMS messages today as --message-caps SmsDay allows.',
  SMS_PREFIX_CAP:
    'As many SMS messages went to numbers that begin like this one today as --message-caps SmsPrefixDay allows.',
  SMS_PRICE_CAP: 'The SMS messages of today have cost as much as --message-caps SmsPriceDay allows.',
} as const;

export type HeldReason = keyof typeof reasons;

/** A message that was held back. Sent again by an operator, it is looked at anew. */
export class Held extends Undeliverable {
  readonly reason: HeldReason;
  constructor(reason: HeldReason) {
    super(reasons[reason], reason);
    this.reason = reason;
  }
}

/** The same with its line for the message's record. */
export const onRecord = (held: Held, at: number): Held =>
  withDispatches(held, [{ at, outcome: 'held', code: held.code }]);
