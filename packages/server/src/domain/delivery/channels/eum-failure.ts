import { awsFailureOf } from './aws-client.ts';
import { NotAccepted, Undeliverable } from './channel.ts';
import type { Role } from './sms-roles.ts';

/** Reasons that lie in the number, or in what its owner or the account's rules allow: no other attempt helps. */
const FINAL = new Map([
  [
    'DESTINATION_PHONE_NUMBER_NOT_VERIFIED',
    'The account is in the SMS sandbox, and the number is not verified there.',
  ],
  ['DESTINATION_PHONE_NUMBER_OPTED_OUT', 'The number has opted out of messages from this account.'],
  [
    'DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION',
    "The account's protect configuration blocks the country.",
  ],
  [
    'DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE',
    "The account's protect configuration blocks the number.",
  ],
  ['DESTINATION_COUNTRY_BLOCKED', 'The account blocks the country.'],
  ['PRICE_OVER_THRESHOLD', 'The message would cost more than it may.'],
  ['MAXIMUM_SIZE_EXCEEDED', 'The message is too long.'],
]);
/** An account that may not send at all, whatever the role. */
const ACCOUNT = new Set(['ACCOUNT_DISABLED', 'INSUFFICIENT_ACCOUNT_REPUTATION']);
/** What `Fields` of a ValidationException can name that is the message's own. */
const OF_THE_MESSAGE = new Set(['DestinationPhoneNumber', 'MessageBody']);

const ANSWERED = 'AWS End User Messaging';

/** `isElsewhere`: in another region than the channel's, which a pool asks for. */
export function eumFailureOf(error: unknown, role: Role | undefined, isElsewhere: boolean): Error {
  if (error instanceof NotAccepted) return error;
  const { code, reason, passing } = awsFailureOf(error);
  const said = reason?.replace(/^DESTINATION_/, '').slice(0, 40);
  const word = said ?? `EUM_${code.replace(/Exception$/, '')}`;
  if (isElsewhere && code === 'ENOTFOUND') {
    return new NotAccepted(`There is no ${ANSWERED} in the pool's region.`, word, 'sender');
  }
  if (passing) return new NotAccepted(`${ANSWERED} did not take the message: ${code}.`, word);
  const final = FINAL.get(reason ?? '');
  if (final !== undefined) return new Undeliverable(final, word);
  if (code === 'ValidationException' && aboutTheMessage(error)) {
    return new Undeliverable(`${ANSWERED} does not send to the number.`, word);
  }
  if (code === 'AccessDeniedException' && !ACCOUNT.has(reason ?? '')) {
    return role === undefined
      ? new NotAccepted(
          "The server's credentials lack the permission sms-voice:SendTextMessage.",
          word,
          'sender',
        )
      : new NotAccepted(
          `The role ${role.arn} lacks the permission sms-voice:SendTextMessage.`,
          word,
          'sms-role-access',
        );
  }
  if (code === 'NO_CREDENTIALS') return new NotAccepted('There are no AWS credentials.', word, 'sender');
  return new NotAccepted(`${ANSWERED} refused the request: ${reason ?? code}.`, word, 'sender');
}

function aboutTheMessage(error: unknown): boolean {
  const { Fields } = error as { readonly Fields?: unknown };
  if (!Array.isArray(Fields)) return false;
  return Fields.some((field: { readonly Name?: unknown } | null) => OF_THE_MESSAGE.has(String(field?.Name)));
}
