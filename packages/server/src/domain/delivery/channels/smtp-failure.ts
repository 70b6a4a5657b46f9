import { type Cause, NotAccepted, Undeliverable } from './channel.ts';
import type { SmtpServer } from './smtp-url.ts';

/** What nodemailer throws. */
export interface SmtpError extends Error {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
  permanent?: boolean;
  /** The system's, where `code` is a class of nodemailer's: ECONNREFUSED of an ESOCKET. */
  originalCode?: string;
}

/** Replies about this server's login (RFC 4954), whatever was said before them: not the message's fault. */
const ABOUT_THE_LOGIN = [530, 534, 535, 538];
/** Of RFC 3463: about the sender's address, or a matter of security and policy, which a configuration can change. */
const ABOUT_THE_SENDER = /^5\.(?:1\.[78]|7\.\d+)$/;
/** The mail system's own troubles, but for a message that is too large for it. */
const ABOUT_THE_SYSTEM = /^5\.3\.(?!4$)\d+$/;
/** nodemailer's word for the end of the channel's patience. */
const TIME_IS_UP = 'EABORT';
/** How nodemailer tells of what comes before anything was sent. */
const GREETING = 'Invalid greeting';
/** RFC 2034: it stands right after the reply's number. */
const ENHANCED = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/;

export function failureOf(error: SmtpError, server: SmtpServer): Undeliverable | NotAccepted {
  const text = textOf(error, server);
  const word = wordOf(error);
  if (isFinal(error)) return new Undeliverable(text, word);
  return new NotAccepted(text, word, causeOf(error));
}

/** `SMTP_550`, the system's word (`ECONNREFUSED`), or nodemailer's. */
export function wordOf({ responseCode, originalCode, code }: SmtpError): string {
  if (responseCode !== undefined) return `SMTP_${responseCode}`;
  return code === TIME_IS_UP ? 'ETIMEDOUT' : (originalCode ?? code ?? 'SMTP');
}

/**
 * Whether no other attempt can succeed. Most 5xx are, but a code must not die of a configuration: what is said of the
 * sender (anything at MAIL FROM, `5.1.7`, `5.1.8`), of policy (`5.7.x`: `5.7.1` is an unknown sender as often as a
 * recipient who wants no mail) and of the server itself (`5.3.x`) passes when somebody mends it.
 */
function isFinal(error: SmtpError): boolean {
  const { code, command, responseCode, permanent } = error;
  if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return false;
  // What nodemailer itself refuses never reached a server; at MAIL FROM that is a message that is too large.
  if (responseCode === undefined) return command === 'API' || command === 'MAIL FROM';
  if (permanent !== true || ABOUT_THE_LOGIN.includes(responseCode)) return false;
  const status = statusOf(error);
  if (status === '5.3.4') return true;
  return command !== 'MAIL FROM' && !ABOUT_THE_SENDER.test(status) && !ABOUT_THE_SYSTEM.test(status);
}

function causeOf(error: SmtpError): Cause {
  const { code, command, responseCode, permanent } = error;
  if (responseCode === undefined) return 'provider';
  if (permanent !== true) return putsOffRecipient(error) ? 'recipient' : 'provider';
  if (code === 'EAUTH' || ABOUT_THE_LOGIN.includes(responseCode)) return 'sender';
  const status = statusOf(error);
  const refusesSender = command === 'MAIL FROM' && !ABOUT_THE_SYSTEM.test(status);
  if (refusesSender) return 'sender';
  // After MAIL FROM a relay may only repeat what the recipient's own server says, who can be anybody.
  return ABOUT_THE_SENDER.test(status) ? 'recipient' : 'provider';
}

/** Greylisting and full mailboxes are, whatever their numbers; a server that goes (421) or is in trouble (`4.3.x`) is not. */
function putsOffRecipient(error: SmtpError): boolean {
  const status = statusOf(error);
  if (error.responseCode === 421 || status.startsWith('4.3.')) return false;
  return error.command === 'RCPT TO' || /^4\.[12]\./.test(status);
}

const statusOf = ({ response = '' }: SmtpError) => ENHANCED.exec(response)?.[1] ?? '';

/**
 * A server can quote what it was sent. Of replies to a login or to a message, and of those that come whenever they like,
 * only the numbers are kept; in others, which follow a login at most, the credentials are blotted out.
 */
function textOf(error: SmtpError, { credentials, host, port }: SmtpServer): string {
  const { code, command, message, response } = error;
  const where = `${host}:${port}`;
  if (code === TIME_IS_UP) return `${where} did not take the message in time.`;
  if (!response) return blotted(`${where}: ${message}`, credentials);
  const numbers = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response)?.[0] ?? 'without a number';
  if (code === 'EAUTH') return `${where} refused the login: ${numbers}`;
  if (command === 'DATA') return `${where} refused the message: ${numbers}`;
  if (command === 'CONN' && !message.startsWith(GREETING)) return `${where} broke off: ${numbers}`;
  return blotted(`${where} at ${command}: ${response}`, credentials);
}

function blotted(text: string, credentials: SmtpServer['credentials']): string {
  if (credentials === undefined) return text;
  const { user, pass } = credentials;
  const base64 = [pass, user, `\0${user}\0${pass}`].map((secret) => Buffer.from(secret).toString('base64'));
  return [pass, ...base64].reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
