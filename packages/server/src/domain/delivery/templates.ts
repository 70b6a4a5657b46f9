import type { UserPool } from '../pools/user-pool.ts';
import type { Metadata } from '../triggers/event.ts';
import type { Attributes } from '../users/user.ts';
import { defaultTexts, type MessageLocale, messageLocales } from './default-texts.ts';
import { lookUpLocale } from './locales.ts';
import type { MessageChannel } from './message.ts';

export type MessageKind =
  | 'verification'
  /** What `verification` is in an email to who signs up, in a pool of links. */
  | 'confirmation-link'
  | 'password-reset'
  | 'invitation'
  | 'welcome'
  | 'authentication';

/** Subject and body with the placeholders `{####}`, `{##text##}` and `{username}` still in them. */
export interface Template {
  readonly subject: string;
  readonly body: string;
}

/** A template and the language that its body is in. */
export interface ChosenTemplate extends Template {
  readonly lang: string;
}

/** Who is written to: for the language of the defaults. */
export interface Reader {
  /** Undefined for a simulated message. */
  readonly attributes: Attributes | undefined;
  readonly clientMetadata: Metadata | undefined;
}

/**
 * The pool's own template for a message, or the default. A pool's verification template also serves resets, and never as
 * a link: "password-reset operations use the code template" (developer guide).
 */
export function templateOf(
  pool: UserPool,
  kind: MessageKind,
  channel: MessageChannel,
  reader: Reader,
): ChosenTemplate {
  const { language } = pool.settings.messages;
  const own = ownTemplate(pool, kind, channel);
  const locale = own.body === undefined ? localeOf(pool, reader) : ownLocale(pool);
  const fallback: Template = defaultTexts[locale][kind];
  return {
    subject: own.subject ?? fallback.subject,
    body: own.body ?? fallback.body,
    lang: own.body === undefined ? locale : language,
  };
}

type OwnTemplate = { readonly [Part in keyof Template]: Template[Part] | undefined };

function ownTemplate({ config }: UserPool, kind: MessageKind, channel: MessageChannel): OwnTemplate {
  const isEmail = channel === 'EMAIL';
  const template = config.VerificationMessageTemplate;
  switch (kind) {
    case 'invitation':
    case 'welcome': {
      const invite = config.AdminCreateUserConfig.InviteMessageTemplate;
      const body = isEmail ? invite?.EmailMessage : invite?.SMSMessage;
      // Words around a password that there is not would puzzle.
      if (kind === 'welcome' && body?.includes('{####}')) return { subject: undefined, body: undefined };
      return { subject: invite?.EmailSubject, body };
    }
    case 'authentication': {
      const { Message, Subject } = config.EmailMfaConfiguration ?? {};
      return { subject: Subject, body: isEmail ? Message : config.SmsAuthenticationMessage };
    }
    case 'confirmation-link':
      return { subject: template.EmailSubjectByLink, body: template.EmailMessageByLink };
    default:
      return {
        subject: template.EmailSubject ?? config.EmailVerificationSubject,
        body: isEmail
          ? (template.EmailMessage ?? config.EmailVerificationMessage)
          : (template.SmsMessage ?? config.SmsVerificationMessage),
      };
  }
}

/** Amazon Cognito writes English to everybody. */
const FALLBACK: MessageLocale = 'en';

/** The language of the defaults beside texts of the pool's own. */
function ownLocale({ settings: { messages } }: UserPool): MessageLocale {
  return (messages.byLocale ? lookUpLocale(messages.language, messageLocales) : undefined) ?? FALLBACK;
}

function localeOf(pool: UserPool, { attributes, clientMetadata }: Reader): MessageLocale {
  const { messages } = pool.settings;
  if (!messages.byLocale) return FALLBACK;
  const asked = messages.localeFromClientMetadata ? clientMetadata?.['locale'] : undefined;
  return (
    lookUpLocale(asked, messageLocales) ??
    lookUpLocale(attributes?.['locale'], messageLocales) ??
    ownLocale(pool)
  );
}
