import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSmtpChannel } from '../../packages/server/src/domain/delivery/channels/smtp.ts';
import { defaultTexts, messageLocales } from '../../packages/server/src/domain/delivery/default-texts.ts';
import { fillTemplate } from '../../packages/server/src/domain/delivery/fill-template.ts';
import { mailDocument } from '../../packages/server/src/domain/delivery/mail-document.ts';
import { plainTextOf } from '../../packages/server/src/domain/delivery/plain-text.ts';
import type { MessageKind } from '../../packages/server/src/domain/delivery/templates.ts';
import { openMailServer } from '../support/mail-server.ts';

const LINK = 'https://auth.example/confirmUser?client_id=c&user_name=u&confirmation_code=123456';
const kinds = Object.keys(defaultTexts.en) as MessageKind[];
const filled = (kind: MessageKind, body: string, username = 'ann', code = '123456') =>
  fillTemplate(body, 'EMAIL', { code, username, link: kind === 'confirmation-link' ? LINK : undefined });
const document = (body: string, more: object = {}) =>
  mailDocument({ subject: 'Subject', body, code: '123456', lang: 'en', ...more });

describe('the document of a mail', () => {
  it('tells its language, its direction, its title and that it can be dark', () => {
    const html = document('Code 123456', { subject: 'A <b> & "c"', lang: 'ar-EG' });
    expect(html).toMatch(/^<!doctype html>\n<html lang="ar-EG" dir="rtl">/);
    expect(html).toContain('<title>A &lt;b&gt; &amp; &quot;c&quot;</title>');
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('<p>Code <strong class="code">123456</strong></p>');
  });

  it('holds a fragment as it is, the code in its links too', () => {
    const fragment = '<p>Go <a href="https://app.example/?code=123456">there</a> with 123456</p>';
    expect(document(fragment)).toContain(`<main>\n${fragment}\n</main>`);
  });

  it.each(['<p style="color: #000">1</p>', '<table bgcolor="white">', '<div style="BACKGROUND:#fff">'])(
    'stays light where a template brings its own colours: %s',
    (fragment) => {
      const html = document(fragment);
      expect(html).toContain('<meta name="color-scheme" content="light">');
      expect(html).not.toContain('light dark');
    },
  );

  it.each([
    '<!DOCTYPE html><title>x</title>Code',
    '<html lang="de"><body>Code</body></html>',
    '\n<HTML>\n<body>Code',
    '<body bgcolor=red>Code',
  ])('is the template where that is a whole document: %s', (whole) => {
    expect(document(whole)).toBe(whole);
  });

  it('is its own where a template has a header, or speaks of HTML', () => {
    expect(document('<header>Shop</header> <b>html</b>')).toMatch(/^<!doctype html>/);
    expect(document('Use &lt;html> or html > 1')).toMatch(/^<!doctype html>/);
  });

  it('marks the code as a user typed none', () => {
    expect(document('It is a&amp;b', { code: 'a&b' })).toContain('<strong class="code">a&amp;b</strong>');
    expect(document('Welcome', { code: '' })).toContain('<p>Welcome</p>');
  });
});

describe('the text of a mail', () => {
  it.each([
    ['a sentence', 'Your code is 123456. ', 'Your code is 123456.'],
    ['paragraphs and line breaks', '<p>One<br>two</p><div>three</div>', 'One\ntwo\n\nthree'],
    [
      'where links lead',
      'Go <a href="https://a.example/?b=1&amp;c=2"><b>there</b></a>.',
      'Go there <https://a.example/?b=1&c=2>.',
    ],
    ['an address once', '<a href="https://a.example">https://a.example</a>', 'https://a.example'],
    ['lists', '<ul><li>one<li>two</ul>', '* one\n * two'],
    ['cells apart and rows below each other', '<table><tr><td>A<td>B</tr><tr><td>C</table>', 'A B\nC'],
    ['characters that were escaped', '&lt;b&gt; &amp; &#8364; &eacute;&nbsp;!', '<b> & € é\u00a0!'],
    ['headings as they are written', '<h1>Welcome, Ann</h1>Hello', 'Welcome, Ann\n\nHello'],
    [
      'nothing that is not shown',
      '<title>x</title><style>p{}</style><script>1</script><!-- a > b -->Hello<img src=x alt=y>',
      'Hello',
    ],
    ['signs that are no tags', '1 < 2 && 3 > 2', '1 < 2 && 3 > 2'],
  ])('shows %s', async (_, html, text) => {
    expect(await plainTextOf(html)).toBe(text);
  });

  it('takes linear time and room for the longest of templates', async () => {
    const units = [
      '<b>',
      '<p>',
      '<ul><li>a',
      '<table><tr><td>a',
      '<blockquote>a',
      '</b>',
      '<',
      '&',
      '<!--',
      '<a href="x">',
      '<hr>',
      '<br>',
      '<select>',
      '<style>',
    ];
    for (const unit of units) {
      const text = await plainTextOf(unit.repeat(20_000 / unit.length));
      expect([unit, text.length < 100_000]).toEqual([unit, true]);
    }
  });
});

describe('a mail that arrives', () => {
  let server: Awaited<ReturnType<typeof openMailServer>>;
  let channel: ReturnType<typeof createSmtpChannel>;
  beforeAll(async () => {
    server = await openMailServer();
    channel = createSmtpChannel(`smtp://127.0.0.1:${server.port}?from=no-reply@example.com`);
  });
  afterAll(async () => {
    await channel.close();
    await server[Symbol.asyncDispose]();
  });

  async function arrived(subject: string, body: string, code: string, lang = 'en') {
    await channel.send({
      id: 'an-id',
      poolId: 'us-east-1_Pool',
      to: 'ann@example.com',
      expiresAt: Date.now() + 60_000,
      subject,
      html: mailDocument({ subject, body, code, lang }),
      text: await plainTextOf(body),
      from: undefined,
      replyTo: undefined,
      sourceArn: undefined,
      configurationSet: undefined,
    });
    const mail = server.mails.splice(0)[0];
    if (mail === undefined) throw new Error('No mail came.');
    return mail;
  }
  const headersOf = (source: string) =>
    [...(source.split('\r\n\r\n', 1)[0] ?? '').matchAll(/^([\w-]+):/gm)].map(([, name]) => name);
  const HEADERS = [
    'Auto-Submitted',
    'Content-Type',
    'Date',
    'From',
    'MIME-Version',
    'Message-ID',
    'Subject',
    'To',
  ];

  it.each(messageLocales)('has two parts that say the same, and one address: %s', async (locale) => {
    for (const kind of kinds) {
      const { subject, body } = defaultTexts[locale][kind];
      const { content, source } = await arrived(subject, filled(kind, body), '123456', locale);
      expect(headersOf(source).sort()).toEqual(HEADERS);
      expect(content.subject).toBe(subject);
      expect([content.to].flat().flatMap((to) => to?.value ?? [])).toEqual([
        { address: 'ann@example.com', name: '' },
      ]);
      expect(content.attachments).toEqual([]);
      const words = body.replace(/\{##([^#]+)##\}/, `$1 <${LINK}>`).replace('{####}', '123456');
      expect(content.text?.trim()).toBe(words.replace('{username}', 'ann').trim());
      expect(content.html).toContain(`<html lang="${locale}" dir="ltr">`);
    }
  });

  it('has the headers that it has, whatever a user is called and a password is made of', async () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }),
      fc
        .array(
          fc.constantFrom(
            '\r\n',
            'Bcc: x@y.z',
            '<b>',
            '</main>',
            '</html>',
            '<script>',
            '{####}',
            '"',
            "'",
            '&',
            '=?utf-8?q?x?=',
            '\u202e',
            '--',
            '.',
            '\n.\r\n',
            '<!--',
          ),
          { minLength: 1, maxLength: 8 },
        )
        .map((parts) => parts.join('')),
    );
    const { subject, body } = defaultTexts.en.invitation;
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (username, code) => {
        const { content, source } = await arrived(subject, filled('invitation', body, username, code), code);
        expect(headersOf(source).sort()).toEqual(HEADERS);
        expect(content.subject).toBe(subject);
        expect(content.to).toMatchObject({ value: [{ address: 'ann@example.com' }] });
        expect([content.cc, content.bcc, content.attachments]).toEqual([undefined, undefined, []]);
        expect(content.text).toMatch(/^Your username is /);
        const main = /<main>\n<p>([\s\S]*)<\/p>\n<\/main>\n<\/body>\n<\/html>\s*$/.exec(
          content.html || '',
        )?.[1];
        const withoutOwn = main?.replaceAll(/<\/?bdi>|<strong class="code">|<\/strong>/g, '');
        expect(withoutOwn).toMatch(/^Your username is [^<>]*$/);
      }),
      { numRuns: 60 },
    );
  });
});
