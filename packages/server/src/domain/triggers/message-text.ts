import { messageEmpty, validationFailed } from '../../errors.ts';
import type { MessageChannel } from '../delivery/message.ts';
import type { MessageKind } from '../delivery/templates.ts';
import { BadAnswer } from './answer.ts';

/** What a function made of a message for one channel; the pool's template stands for what it left null. */
export interface MessageTexts {
  readonly body: string | undefined;
  readonly subject: string | undefined;
}

const CODE = '{####}';
const USERNAME = '{username}';
/** UTF-16 code units, as the limits of the API model count them. */
const LONGEST: Record<MessageChannel, number> = { SMS: 140, EMAIL: 20_000 };
const LONGEST_SUBJECT = 140;

/** Java's `\s` is ASCII; JavaScript's is not. */
const SPACE = '\\t\\n\\v\\f\\r ';
const OUTSIDE_EMAIL = new RegExp(`[^\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}${SPACE}]`, 'u');
/** The pattern of an SMS forbids next to nothing; what no phone can show is refused all the same. */
const OUTSIDE_SMS = new RegExp(`\\p{Cs}|(?![${SPACE}])\\p{Cc}`, 'u');

const LINK_PATTERN =
  '[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s*]*\\{##[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s*]*##\\}[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s*]*';
const EMAIL_PATTERN = '[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s*]*\\{####\\}[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s*]*';
const SMS_PATTERN = '.*\\{####\\}.*';
const SUBJECT_PATTERN = '[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s]+';

/**
 * Throws BadAnswer for texts that Amazon Cognito refuses. Of its messages the one for `emailBody` is known
 * (identity-js#99, amplify-js#6917), the others are made like it. It repeats the text; this one does not, for who asks
 * for a message need not be who may read it.
 */
export function requireSendable(kind: MessageKind, channel: MessageChannel, texts: MessageTexts): void {
  if (texts.body === '') throw new BadAnswer('The message is empty.', messageEmpty());
  const isLink = kind === 'confirmation-link';
  const broken = violations(channel, texts, isLink ? holdsLink : holdsAll([CODE]), isLink);
  if (broken.length > 0) throw new BadAnswer(broken.join('; '), validationFailed(broken));
}

/** Why texts are no invitation; Amazon Cognito then sends the pool's own without a word (developer guide's #31). */
export function unfitToInvite(kind: MessageKind, channel: MessageChannel, texts: MessageTexts) {
  const { body } = texts;
  // Who gets no password must not be told one.
  if (kind === 'welcome' && body?.includes(CODE)) return `${CODE} stands for a password that there is not`;
  const needed = kind === 'welcome' ? [USERNAME] : [USERNAME, CODE];
  const missing = needed.filter((placeholder) => body?.includes(placeholder) === false);
  if (missing.length > 0) return `${missing.join(' and ')} must be in the message`;
  return violations(channel, texts, holdsAll(needed)).join('; ') || undefined;
}

type Holds = (body: string) => boolean;

const holdsAll =
  (placeholders: readonly string[]): Holds =>
  (body) =>
    placeholders.every((placeholder) => body.includes(placeholder));

/** `{##text##}`, whose text may be empty. */
const holdsLink: Holds = (body) => {
  const begin = body.indexOf('{##');
  return begin !== -1 && body.includes('##}', begin + 3);
};

function violations(
  channel: MessageChannel,
  { body, subject }: MessageTexts,
  holds: Holds,
  isLink = false,
): string[] {
  const found: string[] = [];
  const note = (member: string, constraint: string) =>
    found.push(`Value at '${member}' failed to satisfy constraint: Member must ${constraint}`);
  const check = (member: string, text: string, most: number, fits: () => boolean, pattern: string) => {
    // What is too long is not read: it may be megabytes.
    if (text.length > most) note(member, `have length less than or equal to ${most}`);
    else if (!fits()) note(member, `satisfy regular expression pattern: ${pattern}`);
  };
  const isEmail = channel === 'EMAIL';
  if (body !== undefined) {
    const outside = isEmail ? OUTSIDE_EMAIL : OUTSIDE_SMS;
    const fits = () => holds(body) && !outside.test(body);
    const pattern = isLink ? LINK_PATTERN : isEmail ? EMAIL_PATTERN : SMS_PATTERN;
    check(isEmail ? 'emailBody' : 'smsBody', body, LONGEST[channel], fits, pattern);
  }
  if (subject !== undefined) {
    const fits = () => subject !== '' && !OUTSIDE_EMAIL.test(subject);
    check('emailSubject', subject, LONGEST_SUBJECT, fits, SUBJECT_PATTERN);
  }
  return found;
}
