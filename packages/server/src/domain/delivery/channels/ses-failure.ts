import { awsFailureOf } from './aws-client.ts';
import { type Mail, NotAccepted, Undeliverable } from './channel.ts';
import { asciiAddress } from './mailbox.ts';

/** Wire words for credentials that are missing, wrong, or not allowed to send. */
export const MAY_NOT =
  /^(?:NO_CREDENTIALS|AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|InvalidClientTokenId|InvalidToken|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|NotAuthorized|OptInRequired|RequestExpired|HTTP_40[13]$)/;
/** Wire words for an account, a sender or a configuration set that somebody must see to. */
const NOT_NOW: Readonly<Record<string, string>> = {
  AccountSuspendedException: 'AWS has suspended sending for the account',
  SendingPausedException: 'Sending is paused for the account or the configuration set',
  MailFromDomainNotVerifiedException: 'The MAIL FROM domain of the sender is not verified',
  NotFoundException: 'There is no such configuration set or identity',
};

/** What Amazon SES answered to a message, told without its text, which names addresses. */
export function sesFailureOf(error: unknown, { to }: Mail): Undeliverable | NotAccepted {
  if (error instanceof NotAccepted) return error;
  const { code, passing } = awsFailureOf(error);
  const word = `SES_${code}`;
  const notNow = Object.hasOwn(NOT_NOW, code) ? NOT_NOW[code] : undefined;
  if (notNow !== undefined) return new NotAccepted(`${notNow} (${code}).`, word, 'sender');
  if (passing) return new NotAccepted(`Amazon SES did not take the message: ${code}.`, word);
  if (MAY_NOT.test(code)) {
    return new NotAccepted(
      `The AWS credentials of the server may not send by Amazon SES: ${code}. They need ses:SendEmail.`,
      word,
      'email-role-access',
    );
  }
  if (code === 'MessageRejected' && /not verified/i.test((error as Error).message)) {
    // It was told the address as the DNS has it.
    const sandboxed = (error as Error).message.toLowerCase().includes(asciiAddress(to).toLowerCase());
    return new NotAccepted(
      sandboxed
        ? 'Amazon SES is in its sandbox, and the recipient is no verified identity.'
        : 'The sender is no verified identity of Amazon SES in this region.',
      word,
      sandboxed ? 'recipient' : 'sender',
    );
  }
  if (code === 'MessageRejected' || code === 'BadRequestException') {
    return new Undeliverable(`Amazon SES refused the message: ${code}.`, word);
  }
  // LimitExceededException is the quota of the day, among others; and a word that nobody knows decides nothing.
  return new NotAccepted(`Amazon SES did not take the message: ${code}.`, word);
}
