import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRoute } from '../../packages/server/src/domain/delivery/channels/route.ts';
import { verifyDkim } from '../support/dkim-judge.ts';
import { CODE, MAIL, mailChannel, sentMail } from '../support/email.ts';
import { freePort, openCertificate, openMailServer, smtpReply } from '../support/mail-server.ts';
import { openRawSmtp } from '../support/raw-smtp.ts';

const login = { user: 'mailer@example.com', pass: 'p@ss/w#rd' };
const userInfo = `${encodeURIComponent(login.user)}:${encodeURIComponent(login.pass)}`;

let certificate: Awaited<ReturnType<typeof openCertificate>>;
let other: typeof certificate;
let strange: typeof certificate;
let old: typeof certificate;
const directory = mkdtempSync(join(tmpdir(), 'poolkeeper-dkim-'));
const keyFile = join(directory, 'dkim.pem');
beforeAll(async () => {
  [certificate, other, strange, old] = await Promise.all([
    openCertificate(),
    openCertificate(),
    openCertificate({ name: 'mail.example.net' }),
    openCertificate({ expired: true }),
  ]);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
});
afterAll(() => {
  for (const each of [certificate, other, strange, old]) each[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const passing = (notAccepted: string, blames = 'provider') => ({ notAccepted, blames });

describe('a mail', () => {
  test('lets no header be smuggled in', async () => {
    await using mail = await openMailServer();
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`);
    await channel.send({
      ...MAIL,
      subject: 'Hello\r\nBcc: eve@example.com\r\n\r\nbody',
      replyTo: 'a@example.com\r\nX-Evil: 1',
      from: 'Shop\r\nX-Evil: 2 <shop@example.com>',
      html: '.\r\nQUIT\r\n',
    });
    const { content, to } = await mail.first('ida@example.com');
    expect(to).toEqual(['ida@example.com']);
    expect([...content.headers.keys()].sort()).toEqual([
      'auto-submitted',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'reply-to',
      'subject',
      'to',
    ]);
    await channel.close();
  });

  test.each([
    'ida@example.com\r\nRCPT TO:<eve@example.com>',
    'ida@example.com, eve@example.com',
    'ida<eve@example.com>',
    'group:eve@example.com;',
    // Who decodes it (RFC 2047) reads another address.
    '=?utf-8?q?eve=40example.net=3e=20?=@example.com',
  ])('goes to one address alone, not to %j', async (to) => {
    await using mail = await openMailServer();
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`);
    expect(await sentMail(channel, { to })).toMatchObject({ refused: 'UNDELIVERABLE' });
    expect(mail.sessions()).toBe(0);
    await channel.close();
  });

  test.each([
    ['', 5],
    ['?connections=2', 2],
  ])('shares connections with others, no more than %j says', async (query, most) => {
    await using mail = await openMailServer();
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}${query}`);
    await Promise.all(Array.from({ length: 50 }, () => channel.send(MAIL)));
    expect(mail.mails).toHaveLength(50);
    expect(mail.sessions()).toBeLessThanOrEqual(most);
    await channel.close();
  });

  test.each([
    ['=?UTF-8?B?Wm/DqyBTaG9w?= <shop@example.com>', 'Zoë Shop'],
    ['=?utf-8?Q?Zo=C3?= =?utf-8?Q?=AB_Shop?= <shop@example.com>', 'Zoë Shop'],
    ['=?utf-8?Q?a=0D=0AX-Evil:_1?= <shop@example.com>', 'a X-Evil: 1'],
    ['shop@example.com', ''],
    ['"Shop, Zoë" <shop@example.com>', 'Shop, Zoë'],
  ])('is from whom its pool names, written as Amazon SES wants it or not: %s', async (from, name) => {
    await using mail = await openMailServer();
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`);
    await channel.send({ ...MAIL, from });
    const { content, source } = await mail.first(MAIL.to);
    expect(content.from?.value).toEqual([{ name, address: 'shop@example.com' }]);
    // In quotes a word is not decoded, but shown as it is (RFC 2047 §5).
    if (/[^ -~]/.test(name)) expect(source).toMatch(/^From: =\?UTF-8\?/m);
    expect(content.headers.has('x-evil')).toBe(false);
    await channel.close();
  });

  test('of a pool with a configuration set tells Amazon SES of it, and whose message it is', async () => {
    await using mail = await openMailServer();
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`);
    await channel.send({ ...MAIL, configurationSet: 'codes' });
    const { headers } = (await mail.first(MAIL.to)).content;
    expect(headers.get('x-ses-configuration-set')).toBe('codes');
    expect(headers.get('x-ses-message-tags')).toBe(
      `poolkeeper-message=${MAIL.id}, poolkeeper-pool=${MAIL.poolId}`,
    );
    await channel.close();
  });

  test.each([
    ['2.0.0 Ok: queued as 4XkR2h0Zx', '4XkR2h0Zx'],
    ['Ok 0100018b5c3c0a4f-1f3a-4f0e-000000', '0100018b5c3c0a4f-1f3a-4f0e-000000'],
    ['OK id=1rXyZ0-000abc-2B', '1rXyZ0-000abc-2B'],
    ['2.0.0 45BNkQ2t Message accepted for delivery', '45BNkQ2t'],
    ['2.0.0 OK <AB1@host.prod.outlook.com> [Hostname=x]', 'AB1@host.prod.outlook.com'],
    ['2.0.0 Ok', undefined],
    [`2.0.0 Ok: queued as ${'A'.repeat(129)}`, undefined],
    ['Ok 0100"><script>', undefined],
  ])('is called %j by its server, which tells an id: %j', async (taken, providerId) => {
    await using mail = await openRawSmtp({ '.': `250 ${taken}` });
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`);
    expect(await sentMail(channel)).toEqual({ providerId });
    await channel.close();
  });
});

describe('a signature by DKIM', () => {
  test('is one that a receiver verifies with the record that the check shows', async () => {
    await using mail = await openMailServer();
    const channel = mailChannel(
      `smtp://127.0.0.1:${mail.port}?from=no-reply@example.com&dkim-domain=example.com&dkim-selector=mail2026&dkim-key=${keyFile}`,
    );
    const finding = (await channel.check()).find(({ text }) => text.includes('DKIM'));
    const [, name, record = ''] = /published: (\S+) (.*)$/.exec(finding?.text ?? '') ?? [];
    expect(name).toBe('mail2026._domainkey.example.com');

    await channel.send({ ...MAIL, from: 'Zoë, Shop <zoe@example.com>', replyTo: 'help@example.com' });
    const { source } = await mail.first(MAIL.to);
    const tags = verifyDkim(source, record);
    expect(tags).toMatchObject({ d: 'example.com', s: 'mail2026' });
    for (const field of ['from', 'to', 'subject', 'reply-to', 'date', 'message-id', 'content-type']) {
      expect(tags['h']?.split(':')).toContain(field);
    }

    // The judge can tell.
    expect(() => verifyDkim(source.replace(CODE, '424243'), record)).toThrow('another body');
    expect(() => verifyDkim(source.replace('zoe@example.com', 'eve@example.com'), record)).toThrow(
      'another signature',
    );
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const another = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    expect(() => verifyDkim(source, `v=DKIM1; k=rsa; p=${another}`)).toThrow('another signature');
    await channel.close();
  });

  test('is missing where none is asked for', async () => {
    await using mail = await openMailServer();
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`);
    await channel.send(MAIL);
    expect((await mail.first(MAIL.to)).source).not.toMatch(/dkim-signature/i);
    await channel.close();
  });
});

describe('what a server answers instead', () => {
  test.each<[string, string, object]>([
    // Hard bounces (RFC 3463): no other attempt can do better.
    ['RCPT', '550 5.1.1 no such user', { refused: 'SMTP_550' }],
    ['RCPT', '550 no such user', { refused: 'SMTP_550' }],
    ['RCPT', '550 5.1.10 null MX', { refused: 'SMTP_550' }],
    ['RCPT', '550 5.2.1 disabled', { refused: 'SMTP_550' }],
    ['RCPT', '550 5.4.4 no route', { refused: 'SMTP_550' }],
    ['MAIL', '552 5.3.4 too large', { refused: 'SMTP_552' }],
    ['.', '554 5.6.0 not like this', { refused: 'SMTP_554' }],
    ['.', '554 no', { refused: 'SMTP_554' }],
    // A configuration is at fault, which somebody can mend while the code lives.
    ['MAIL', '550 5.1.8 no such domain', passing('SMTP_550', 'sender')],
    ['MAIL', '553 not yours', passing('SMTP_553', 'sender')],
    ['RCPT', '530 5.7.0 authenticate first', passing('SMTP_530', 'sender')],
    // Whose policy it is cannot be told, and a recipient's own server may be anybody's.
    ['RCPT', '550 5.7.1 relaying denied', passing('SMTP_550', 'recipient')],
    ['.', '550 5.7.26 DMARC', passing('SMTP_550', 'recipient')],
    // The server is in trouble.
    ['RCPT', '554 5.3.2 not now', passing('SMTP_554')],
    ['RCPT', '421 4.7.0 too many', passing('SMTP_421')],
    ['.', '451 4.3.0 disk full', passing('SMTP_451')],
    ['.', '421 going', passing('SMTP_421')],
    ['RCPT', '451 4.3.2 not now', passing('SMTP_451')],
    ['MAIL', '451 4.7.0 too many', passing('SMTP_451')],
    ['GREETING', '554 nobody is served', {}],
    ['GREETING', '421 busy', {}],
    ['DATA', '451 no', passing('SMTP_451')],
    // It puts this recipient off.
    ['RCPT', '450 4.2.0 greylisted', passing('SMTP_450', 'recipient')],
    ['RCPT', '451 4.7.1 greylisted', passing('SMTP_451', 'recipient')],
    ['.', '452 4.2.2 mailbox full', passing('SMTP_452', 'recipient')],
  ])('at %s: %s', async (where, reply, told) => {
    await using mail = await openRawSmtp({ [where]: reply });
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`);
    const outcome = await sentMail(channel);
    expect(outcome).toMatchObject(told);
    if (where === 'GREETING') expect(outcome).toMatchObject({ blames: 'provider' });
    expect(JSON.stringify(outcome)).not.toContain(CODE);
    await channel.close();
  });

  test.each([
    `550 5.7.1 is this spam: ${CODE}?`,
    `is this spam: ${CODE}?`,
    `cut 550 5.7.1 is this spam: ${CODE}?`,
    `421 4.3.2 going, with ${CODE}`,
  ])('that quotes the message is told without: %s', async (reply) => {
    await using mail = await openRawSmtp({ '.': reply });
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`, { patience: 2000 });
    const outcome = await sentMail(channel);
    expect(outcome).toMatchObject({ text: expect.stringContaining(`127.0.0.1:${mail.port}`) });
    expect(JSON.stringify(outcome)).not.toContain(CODE);
    await channel.close();
  });

  test.each(['GREETING', 'EHLO', 'RCPT', '.'])(
    'is waited for so long, and comes later (%s)',
    async (where) => {
      await using mail = await openRawSmtp({ [where]: 'hang' });
      const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`, { patience: 100 });
      expect(await sentMail(channel)).toMatchObject(passing('ETIMEDOUT'));
      await channel.close();
    },
  );

  test('that hangs takes no connection from the messages after it', async () => {
    await using mail = await openRawSmtp({ RCPT: ['hang', '250 ok'] });
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}?connections=1`, { patience: 200 });
    expect(await sentMail(channel)).toMatchObject(passing('ETIMEDOUT'));
    expect(await sentMail(channel)).toEqual({ providerId: undefined });
    await channel.close();
  });

  test('that waits for a connection longer than its code lives is not sent', async () => {
    await using mail = await openRawSmtp({ RCPT: ['hang', '250 ok'] });
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}?connections=1`, { patience: 300 });
    const hanging = sentMail(channel);
    await vi.waitFor(() => expect(mail.heard).toContain('RCPT'));
    const route = createRoute([channel], { now: () => Date.now() });
    await expect(route.send({ ...MAIL, expiresAt: Date.now() + 100 })).rejects.toThrow('in time');
    await hanging;
    expect(await sentMail(channel)).toEqual({ providerId: undefined });
    expect(mail.heard.filter((verb) => verb === 'DATA')).toHaveLength(1);
    await channel.close();
  });

  test.each(
    ['GREETING', 'EHLO', 'RCPT', '.'].flatMap((where) => [
      ['reset', where],
      ['close', where],
    ]),
  )('is a %s of the connection, and passes (%s)', async (how, where) => {
    await using mail = await openRawSmtp({ [where as string]: how as string });
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}`, { patience: 2000 });
    expect(await sentMail(channel)).toMatchObject({ blames: 'provider' });
    // The server may have taken it: trying again is the outbox's, which keeps a record of it.
    expect(mail.connections()).toBe(1);
    await channel.close();
  });

  test('is the same message again: its id is', async () => {
    await using mail = await openMailServer();
    const channel = mailChannel(`smtp://127.0.0.1:${mail.port}?from=a@example.com`);
    await channel.send(MAIL);
    await channel.send(MAIL);
    expect(mail.mails.map(({ content }) => content.messageId)).toEqual(
      Array(2).fill(`<${MAIL.id}@example.com>`),
    );
    await channel.close();
  });

  test('keeps the credentials out of errors', async () => {
    const echo = smtpReply(451, `4.3.0 ${login.pass} ${Buffer.from(login.pass).toString('base64')}`);
    await using mail = await openMailServer({ tls: 'implicit', login, onRecipient: () => echo }, certificate);
    const channel = mailChannel(`smtps://${userInfo}@localhost:${mail.port}?insecure=true`);
    expect(await sentMail(channel)).toEqual({
      ...passing('SMTP_451'),
      text: `localhost:${mail.port} at RCPT TO: 451 4.3.0 *** ***`,
    });
    await channel.close();
  });
});

describe('the check', () => {
  const check = async (url: string) => {
    const channel = mailChannel(url);
    const [first, ...others] = await channel.check();
    await channel.close();
    for (const { text } of [first, ...others].filter((finding) => finding !== undefined)) {
      expect(text).not.toMatch(/p@ss|p%40ss/);
    }
    return { ...first, others };
  };

  test('connects, logs in, and sends nothing', async () => {
    await using mail = await openMailServer({ tls: 'starttls', login }, certificate);
    const { ok, text, others } = await check(
      `smtp://${userInfo}@localhost:${mail.port}?ca=${certificate.file}&from=a@example.com`,
    );
    expect({ ok, text }).toEqual({
      ok: true,
      text: `localhost:${mail.port} answers, and the login is accepted.`,
    });
    expect(others).toEqual([{ ok: true, text: 'Mail of pools that name no sender is from a@example.com.' }]);
    expect({ logins: mail.logins(), mails: mail.mails }).toEqual({ logins: 1, mails: [] });
  });

  test('tells of the default sender that providers refuse, and of one that the signature is not for', async () => {
    await using mail = await openMailServer();
    const { ok, others } = await check(`smtp://127.0.0.1:${mail.port}`);
    expect(ok).toBe(true);
    expect(others).toEqual([{ ok: false, text: expect.stringContaining('add from=') }]);
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    [
      'nobody there',
      async () => `smtp://127.0.0.1:${await freePort()}`,
      /ECONNREFUSED.*Nothing listens there/,
    ],
    [
      'a host that is nobody',
      async () => 'smtp://no-such-host.invalid',
      /(?:has no address|does not answer)/,
    ],
  ])('explains %s', async (_, url, text) => {
    const { ok, text: told } = await check(await url());
    expect({ ok, told }).toEqual({ ok: false, told: expect.stringMatching(text) });
  });

  test('explains a login that is refused', async () => {
    await using mail = await openMailServer({ tls: 'starttls', login }, certificate);
    const wrong = `${encodeURIComponent(login.user)}:p%40ss-wrong`;
    const { ok, text } = await check(`smtp://${wrong}@localhost:${mail.port}?ca=${certificate.file}`);
    expect(ok).toBe(false);
    expect(text).toMatch(/refused the login: 535 5\.7\.8\. Are user and password right/);
  });

  test.each(['implicit', 'starttls'] as const)('explains a certificate that is wrong (%s)', async (tls) => {
    for (const [shown, trusted, text] of [
      [certificate, undefined, /No authority that is known vouches.*ca=/],
      [certificate, other, /No authority that is known vouches/],
      [strange, strange, /is for another name/],
      [old, old, /has expired/],
    ] as const) {
      await using mail = await openMailServer({ tls, login }, shown);
      const scheme = tls === 'implicit' ? 'smtps' : 'smtp';
      const ca = trusted === undefined ? '' : `?ca=${trusted.file}`;
      // On loopback a login alone asks for no TLS.
      if (tls === 'starttls' && trusted === undefined) continue;
      const { ok, text: told } = await check(`${scheme}://${userInfo}@localhost:${mail.port}${ca}`);
      expect({ ok, told }).toEqual({ ok: false, told: expect.stringMatching(text) });
      expect(mail.logins()).toBe(0);
    }
  });

  test('explains STARTTLS that is missing, and TLS that is expected too early', async () => {
    await using plain = await openMailServer({ tls: 'none', login });
    const missing = await check(`smtp://${userInfo}@localhost:${plain.port}?ca=${certificate.file}`);
    expect(missing.text).toMatch(/offers no STARTTLS/);
    expect(plain.logins()).toBe(0);
    const early = await check(`smtps://localhost:${plain.port}?insecure=true`);
    expect(early.text).toMatch(/write smtp:\/\/ for STARTTLS/);
  });
});
