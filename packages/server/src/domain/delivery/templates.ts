import type { UserPool } from '../pools/user-pool.ts';
import type { MessageChannel } from './message.ts';

export type MessageKind = 'verification' | 'password-reset' | 'invitation' | 'welcome' | 'authentication';

/** Subject and body with the placeholders `{####}` and `{username}` still in them. */
export interface Template {
  readonly subject: string;
  readonly body: string;
}

const SUBJECT = 'Your verification code';
const DEFAULTS: Record<MessageKind, Template> = {
  verification: { subject: SUBJECT, body: 'Your confirmation code is {####}' },
  // Amazon Cognito's own wording, as received in 2022.
  'password-reset': { subject: SUBJECT, body: 'Your password reset code is {####}' },
  // The space at its end is Amazon Cognito's.
  authentication: {
    subject: 'Your authentication code',
    body: 'Your authentication code is {####}. ',
  },
  invitation: {
    subject: 'Your temporary password',
    body: 'Your username is {username} and temporary password is {####}.',
  },
  // An invitation without a password.
  welcome: { subject: 'Your account', body: 'Your username is {username}.' },
};

/** The pool's own template for a message, or the default. A pool's verification template also serves resets. */
export function templateOf(pool: UserPool, kind: MessageKind, channel: MessageChannel): Template {
  const { config } = pool;
  const fallback = DEFAULTS[kind];
  if (kind === 'invitation' || kind === 'welcome') {
    const invite = config.AdminCreateUserConfig.InviteMessageTemplate;
    const body = channel === 'EMAIL' ? invite?.EmailMessage : invite?.SMSMessage;
    // Words around a password that there is not would puzzle.
    if (kind === 'welcome' && body?.includes('{####}')) return fallback;
    return { subject: invite?.EmailSubject ?? fallback.subject, body: body ?? fallback.body };
  }
  if (kind === 'authentication') {
    const { Message, Subject } = config.EmailMfaConfiguration ?? {};
    const body = channel === 'EMAIL' ? Message : config.SmsAuthenticationMessage;
    return { subject: Subject ?? fallback.subject, body: body ?? fallback.body };
  }
  const template = config.VerificationMessageTemplate;
  const body =
    channel === 'EMAIL'
      ? (template.EmailMessage ?? config.EmailVerificationMessage)
      : (template.SmsMessage ?? config.SmsVerificationMessage);
  return {
    subject: template.EmailSubject ?? config.EmailVerificationSubject ?? fallback.subject,
    body: body ?? fallback.body,
  };
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

/** Fills a body's placeholders; in email, what comes from a user cannot become markup. */
export function fillTemplate(
  body: string,
  channel: MessageChannel,
  values: { code: string; username: string },
): string {
  const shown = (value: string) => (channel === 'EMAIL' ? escapeHtml(value) : value);
  return body.replace(/\{####\}|\{username\}/g, (placeholder) =>
    placeholder === '{####}' ? shown(values.code) : shown(values.username),
  );
}
