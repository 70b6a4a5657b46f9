import type { Feedback } from '../../../outbox/dispatch.ts';
import type { ToldLater } from '../../../outbox/feedback.ts';
import { verifyTwilioSignature } from '../channels/twilio-signature.ts';
import { readTwilioUrl, twilioCallbackUrl } from '../channels/twilio-url.ts';

/** Reads what Twilio, or who speaks as it does, posts to a message's StatusCallback. */
export interface TwilioCallbacks {
  /** `refused` is not signed with a channel's token, `ignored` tells of a message that is still under way. */
  read(body: string, signature: unknown, now: number): ToldLater | 'refused' | 'ignored';
}

/** `read` is of WhatsApp, and says that it arrived. */
const outcomes: Readonly<Record<string, Feedback>> = {
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'undelivered',
  failed: 'undelivered',
};

/** More parameters than any callback has. */
const MOST_PARAMETERS = 100;

/** Of the `--sms` URLs that are Twilio's; undefined where none of them asks to be told. */
export function createTwilioCallbacks(
  urls: readonly string[],
  publicUrl: string | undefined,
): TwilioCallbacks | undefined {
  const url = twilioCallbackUrl(publicUrl);
  const tokens = urls
    .filter((text) => /^twilio:/i.test(text))
    .map((text) => readTwilioUrl(text).callbackToken)
    .filter((token) => token !== undefined);
  if (url === undefined || tokens.length === 0) return undefined;
  return {
    read(body, signature, now) {
      const form = new URLSearchParams(body);
      if (typeof signature !== 'string' || form.size > MOST_PARAMETERS) return 'refused';
      const isSigned = tokens.some((token) => verifyTwilioSignature(token, url, form, signature));
      return isSigned ? toldIn(form, now) : 'refused';
    },
  };
}

function toldIn(form: URLSearchParams, now: number): ToldLater | 'ignored' {
  const sid = form.get('MessageSid') ?? form.get('SmsSid') ?? '';
  const status = form.get('MessageStatus') ?? form.get('SmsStatus') ?? '';
  const outcome = Object.hasOwn(outcomes, status) ? outcomes[status] : undefined;
  if (outcome === undefined || !/^\w{1,64}$/.test(sid)) return 'ignored';
  const error = form.get('ErrorCode') ?? '';
  return {
    providerId: sid,
    channel: 'twilio',
    at: now,
    outcome,
    ...(/^\d{1,6}$/.test(error) && { code: `TWILIO_${error}` }),
  };
}
