import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { confirmationLink } from '../../packages/server/src/domain/delivery/confirmation-link.ts';
import {
  defaultTexts,
  type MessageLocale,
  messageLocales,
} from '../../packages/server/src/domain/delivery/default-texts.ts';
import { fillTemplate } from '../../packages/server/src/domain/delivery/fill-template.ts';
import { directionOf, lookUpLocale } from '../../packages/server/src/domain/delivery/locales.ts';
import { type MessageKind, templateOf } from '../../packages/server/src/domain/delivery/templates.ts';
import { defaultSettings } from '../../packages/server/src/domain/pools/settings.ts';
import type { UserPool } from '../../packages/server/src/domain/pools/user-pool.ts';

const LINK = 'https://auth.example/confirmUser?client_id=c&user_name=u&confirmation_code=1';
const byCode = { code: '123456', username: 'ann', link: undefined };
const byLink = { ...byCode, username: undefined, link: LINK };
const anchor = (text: string) => `<a href="${LINK.replaceAll('&', '&amp;')}">${text}</a>`;

it('a link leads to the public URL, and says whatever it says in its own words', () => {
  const link = confirmationLink(
    { publicUrl: 'https://example.com/auth' },
    { clientId: 'c', username: `a&b=c#d?e+f'"<>{####}\ud800é`, code: '012345' },
  );
  expect(link).toMatch(/^https:\/\/example\.com\/auth\/confirmUser\?[\w.~*%&=+-]*$/);
  expect(Object.fromEntries(new URL(link).searchParams)).toEqual({
    client_id: 'c',
    user_name: `a&b=c#d?e+f'"<>{####}\ufffdé`,
    confirmation_code: '012345',
  });
});

describe('the placeholders of a template', () => {
  it.each([
    ['every code and name', '{####} {username} {####}', byCode, '123456 ann 123456'],
    [
      'no name outside of invitations',
      '{username} {####}',
      { ...byCode, username: undefined },
      '{username} 123456',
    ],
    ['no link where there is none', '{##Click Here##} {####}', byCode, '{##Click Here##} 123456'],
    ['every link', '{##one##} or {##two##}', byLink, `${anchor('one')} or ${anchor('two')}`],
    [
      'a link without a text by where it leads',
      'Go to {####}.',
      byLink,
      `Go to ${anchor(LINK.replaceAll('&', '&amp;'))}.`,
    ],
    ['what begins and never ends as it is', '{##a {##b ##} {##c', byLink, `${anchor('a {##b ')} {##c`],
    ['a code in braces', '{{####}}', byCode, '{123456}'],
  ])('are filled: %s', (_, body, values, expected) => {
    expect(fillTemplate(body, 'EMAIL', values)).toBe(expected);
  });

  it.each(['{####}', '{username}', '{##x##}', '$&', '$1', '\\0'])('are none in a name: %s', (username) => {
    expect(fillTemplate('{username}: {####}', 'SMS', { ...byCode, username })).toBe(`${username}: 123456`);
    expect(fillTemplate('{username}: {####}', 'EMAIL', { ...byCode, username })).toBe(
      `${username.replace('&', '&amp;')}: 123456`,
    );
  });

  it('are none in a password', () => {
    expect(fillTemplate('{username} {####}', 'SMS', { ...byCode, code: '{username}{####}' })).toBe(
      'ann {username}{####}',
    );
  });

  it('show of a name what can be seen, in its own direction', () => {
    const username = 'a\u202eb\u200bc\u0000d\u2028e\ufefff\u2066';
    expect(fillTemplate('{username}', 'SMS', { ...byCode, username })).toBe('abcdef');
    expect(fillTemplate('{username}', 'EMAIL', { ...byCode, username: 'אבג' })).toBe('<bdi>אבג</bdi>');
    expect(fillTemplate('{username}', 'SMS', { ...byCode, username: 'אבג' })).toBe('אבג');
  });

  it('take linear time, however they are written', () => {
    // Ten times the longest template each: quadratic time would be minutes.
    for (const unit of ['{##', '##}', '{####', '{username', '{##x##}', '{##{username}']) {
      for (const values of [byCode, byLink])
        fillTemplate(unit.repeat(200_000 / unit.length), 'EMAIL', values);
    }
  });

  it('never make an element of a name or a code', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (username, code) => {
        const filled = fillTemplate('{username} {####}', 'EMAIL', { username, code, link: undefined });
        expect(filled.replaceAll(/<\/?bdi>/g, '')).not.toMatch(/[<>"']/);
      }),
    );
  });
});

/** What a phone shows as one message: 160 characters of GSM 03.38, or 70 UTF-16 units. */
const GSM = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/;
const fitsOneSms = (text: string) => text.length <= (GSM.test(text) ? 160 : 70);

describe.each(messageLocales)('the default texts in %s', (locale: MessageLocale) => {
  const texts = defaultTexts[locale];
  it('have the placeholders of their kind, and subjects that are headers', () => {
    for (const [kind, { subject, body }] of Object.entries(texts)) {
      const count = (placeholder: string) => body.split(placeholder).length - 1;
      const invites = kind === 'invitation' || kind === 'welcome';
      expect([kind, count('{username}')]).toEqual([kind, invites ? 1 : 0]);
      const codes = kind === 'welcome' || kind === 'confirmation-link' ? 0 : 1;
      expect([kind, count('{####}')]).toEqual([kind, codes]);
      expect([kind, /\{##[^#{}]+##\}/.test(body)]).toEqual([kind, kind === 'confirmation-link']);
      expect(subject).toMatch(/^[\p{L}\p{M}\p{P} ]{1,60}$/u);
      // Placeholders and links stand apart from the words, or a password ends with a letter that is none of it.
      if (locale !== 'en') expect(body).not.toMatch(/[^\s{]\{[#u]|[#}]\}[^\s]/);
    }
  });

  it('fit one SMS with a code', () => {
    for (const kind of ['verification', 'password-reset', 'authentication'] as const) {
      const text = fillTemplate(texts[kind].body, 'SMS', { ...byCode, code: '123456789012' });
      expect([text, fitsOneSms(text)]).toEqual([text, true]);
    }
  });
});

test.each<[string | undefined, string | undefined]>([
  ['de', 'de'],
  ['de-AT', 'de'],
  ['DE_at', 'de'],
  ['de_DE.UTF-8', 'de'],
  ['de@euro', 'de'],
  ['de-x-private', 'de'],
  ['pt', 'pt'],
  ['pt-BR', 'pt'],
  ['pt-PT', 'pt-PT'],
  ['pt-pt-x-1', 'pt-PT'],
  ['zh-CN', 'zh'],
  ['zh-Hans-CN', 'zh'],
  ['zh-TW', 'zh-Hant'],
  ['zh-Hant-HK', 'zh-Hant'],
  ['en-GB-oxendict', 'en'],
  ['sv', undefined],
  ['deutsch', undefined],
  ['d', undefined],
  ['', undefined],
  [undefined, undefined],
  ['../de', undefined],
  ['de\r\nBcc: x', undefined],
  ['__proto__', undefined],
  ['constructor', undefined],
  [`de${'-a1'.repeat(1000)}`, undefined],
])('the locale %j is written to in %s (RFC 4647 lookup)', (wanted, expected) => {
  expect(lookUpLocale(wanted, messageLocales)).toBe(expected);
});

test.each([
  ['en', 'ltr'],
  ['ar', 'rtl'],
  ['he-IL', 'rtl'],
  ['uz-Arab', 'rtl'],
  ['arn', 'ltr'],
])('%s is written %s', (lang, direction) => {
  expect(directionOf(lang)).toBe(direction);
});

describe('the language of a message', () => {
  const poolOf = (messages: object, template: object = {}) =>
    ({
      config: { VerificationMessageTemplate: template, AdminCreateUserConfig: {} },
      settings: { ...defaultSettings, messages: { ...defaultSettings.messages, ...messages } },
    }) as unknown as UserPool;
  const reader = (locale?: string, asked?: string) => ({
    attributes: locale === undefined ? {} : { locale },
    clientMetadata: asked === undefined ? undefined : { locale: asked },
  });
  const chosen = (pool: UserPool, who: ReturnType<typeof reader>, kind: MessageKind = 'verification') =>
    templateOf(pool, kind, 'EMAIL', who);
  const on = { byLocale: true };

  it.each([
    ['English to everybody, as Amazon Cognito', {}, reader('de', 'fr'), 'en'],
    ['that of the user', on, reader('de-CH'), 'de'],
    ['that of the user, whatever ClientMetadata says', on, reader('de', 'fr'), 'de'],
    [
      'that of ClientMetadata where it counts',
      { ...on, localeFromClientMetadata: true },
      reader('de', 'fr'),
      'fr',
    ],
    [
      'that of the user where nothing is known of the one asked for',
      { ...on, localeFromClientMetadata: true },
      reader('de', 'sv'),
      'de',
    ],
    ["the pool's where the user has none", { ...on, language: 'it-IT' }, reader(), 'it'],
    ["English where there are no texts in the pool's", { ...on, language: 'sv' }, reader('fi'), 'en'],
  ])('is %s', (_, messages, who, lang) => {
    expect(chosen(poolOf(messages), who)).toEqual({
      ...defaultTexts[lang as MessageLocale].verification,
      lang,
    });
  });

  it("is the pool's in texts of its own, and so is that of a subject beside them", () => {
    const pool = poolOf({ ...on, language: 'nl-BE' }, { EmailMessage: 'Hier is {####}' });
    expect(chosen(pool, reader('de'))).toEqual({
      subject: defaultTexts.nl.verification.subject,
      body: 'Hier is {####}',
      lang: 'nl-BE',
    });
    expect(chosen(poolOf({}, { EmailMessage: 'It is {####}' }), reader('de'))).toEqual({
      subject: 'Your verification code',
      body: 'It is {####}',
      lang: 'en',
    });
  });

  it('is that of nobody for nobody', () => {
    expect(
      templateOf(poolOf(on), 'password-reset', 'EMAIL', { attributes: undefined, clientMetadata: undefined })
        .lang,
    ).toBe('en');
  });
});
