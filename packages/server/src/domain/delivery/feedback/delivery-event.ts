import type { Feedback } from '../../../outbox/dispatch.ts';
import type { ToldLater } from '../../../outbox/feedback.ts';
import { objectIn } from './sns-message.ts';

const OUTCOMES: readonly Feedback[] = ['delivered', 'bounced', 'complained', 'undelivered'];
/** The longest of each that is taken. */
const LONGEST = { id: 64, userPoolId: 55, messageId: 128, code: 64, at: 40 } as const;

/**
 * What a receiver of https channels tells of a message: `{ "id", "userPoolId", "status": "delivered", "code"?, "at"? }` with
 * the names that came with it, or `messageId`, as the receiver itself answered it. Returns a sentence where it is not so.
 */
export function readDeliveryEvent(body: string, now: number): ToldLater | string {
  const members = objectIn(body);
  if (members === undefined) return 'The body must be a JSON object.';
  for (const name of Object.keys(LONGEST) as (keyof typeof LONGEST)[]) {
    const value = members[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value === '' || value.length > LONGEST[name]) {
      return `${name} must be a text of 1 to ${LONGEST[name]} characters.`;
    }
    if (/[^\x20-\x7e]/.test(value)) return `${name} must be in printable ASCII.`;
  }
  const given = members as Partial<Record<keyof typeof LONGEST, string>>;
  const outcome = OUTCOMES.find((known) => known === members['status']);
  if (outcome === undefined) return `status must be one of ${OUTCOMES.join(', ')}.`;
  const { id, userPoolId: poolId, messageId, code } = given;
  const providerId = messageId ?? id;
  if (providerId === undefined || (messageId === undefined && poolId === undefined)) {
    return 'Say which message: messageId, or id and userPoolId.';
  }
  if (code !== undefined && !/^[\w.:-]+$/.test(code)) return 'code must be a word, such as 5.1.1.';
  const at = given.at === undefined ? now : Date.parse(given.at);
  if (Number.isNaN(at)) return 'at must be a time, such as 2026-01-02T03:04:05Z.';
  return {
    providerId,
    ...(id !== undefined && { id }),
    ...(poolId !== undefined && { poolId }),
    at,
    outcome,
    ...(code !== undefined && { code }),
  };
}
