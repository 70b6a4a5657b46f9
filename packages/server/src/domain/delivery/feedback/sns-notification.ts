import type { Feedback } from '../../../outbox/dispatch.ts';
import type { ToldLater } from '../../../outbox/feedback.ts';
import { objectIn, objectOf } from './sns-message.ts';

/** Feedback, and who gives it. */
export interface ToldOf extends ToldLater {
  readonly by: 'ses' | 'eum';
}

type Members = Readonly<Record<string, unknown>>;

/** The names that messages carry to Amazon SES (as tags) and to End User Messaging (as context). */
const OWN_ID = 'poolkeeper-message';
const OWN_POOL = 'poolkeeper-pool';

/**
 * What a notification of Amazon SES (of an identity, or an event of a configuration set) or an event of AWS End User
 * Messaging tells; undefined where it tells nothing that a message's record keeps. `at` is when SNS says it was sent,
 * for notifications that say no time of their own.
 */
export function feedbackIn(text: string, at: number): ToldOf | undefined {
  const members = objectIn(text);
  if (members === undefined) return undefined;
  return objectOf(members['mail']) === undefined ? ofSms(members, at) : ofMail(members, at);
}

function ofMail(members: Members, at: number): ToldOf | undefined {
  const mail = objectOf(members['mail']) ?? {};
  const type = members['eventType'] ?? members['notificationType'];
  const [about, outcome, code] = mailOutcome(type, members) ?? [];
  const providerId = textOf(mail['messageId']);
  if (outcome === undefined || providerId === undefined) return undefined;
  const tags = objectOf(mail['tags']) ?? {};
  const when = Date.parse(textOf(about?.['timestamp']) ?? '');
  return {
    by: 'ses',
    providerId,
    ...ownIds((name) => (Array.isArray(tags[name]) ? tags[name][0] : undefined)),
    at: Number.isNaN(when) ? at : when,
    outcome,
    ...(code && { code: wordOf(code) }),
  };
}

function mailOutcome(
  type: unknown,
  members: Members,
): [about: Members, outcome: Feedback, code: string] | undefined {
  const about = (name: string) => objectOf(members[name]) ?? {};
  const words = (...parts: unknown[]) => parts.filter((part) => typeof part === 'string').join('.');
  switch (type) {
    case 'Bounce': {
      const bounce = about('bounce');
      const { bounceType, bounceSubType } = bounce;
      // A full mailbox or an absent owner says nothing against the address.
      const outcome = bounceType === 'Transient' ? 'undelivered' : 'bounced';
      return [bounce, outcome, words(bounceType, bounceSubType)];
    }
    case 'Complaint': {
      const complaint = about('complaint');
      return [complaint, 'complained', words(complaint['complaintFeedbackType'])];
    }
    case 'Delivery':
      return [about('delivery'), 'delivered', ''];
    case 'Reject':
      return [about('reject'), 'undelivered', 'Reject'];
    case 'Rendering Failure':
      return [about('failure'), 'undelivered', 'RenderingFailure'];
    default:
      return undefined;
  }
}

/** What becomes of it is still open. */
const underWay: ReadonlySet<string> = new Set(['TEXT_QUEUED', 'TEXT_SENT', 'TEXT_PENDING']);
/** The second is of countries whose carriers say no more. */
const arrived: ReadonlySet<string> = new Set(['TEXT_DELIVERED', 'TEXT_SUCCESSFUL']);

function ofSms(members: Members, at: number): ToldOf | undefined {
  const type = textOf(members['eventType']);
  const providerId = textOf(members['messageId']);
  if (!type?.startsWith('TEXT_') || underWay.has(type) || providerId === undefined) return undefined;
  const context = objectOf(members['context']) ?? {};
  const { eventTimestamp } = members;
  const when =
    typeof eventTimestamp === 'number' && Number.isSafeInteger(eventTimestamp) ? eventTimestamp : at;
  return {
    by: 'eum',
    providerId,
    ...ownIds((name) => context[name]),
    at: when,
    outcome: arrived.has(type) ? 'delivered' : 'undelivered',
    code: wordOf(type),
  };
}

/** The message's own names, where both came back with it. */
function ownIds(tag: (name: string) => unknown): Pick<ToldLater, 'id' | 'poolId'> {
  const [id, poolId] = [textOf(tag(OWN_ID)), textOf(tag(OWN_POOL))];
  return id === undefined || poolId === undefined ? {} : { id, poolId };
}

const LONGEST = 256;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST ? value : undefined;

/** A word for a record: what a provider writes freely is cut down to one. */
const wordOf = (text: string) => text.replace(/[^\w.:-]/g, '').slice(0, 64);
