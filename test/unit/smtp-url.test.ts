import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../packages/server/src/config/config-error.ts';
import { createMailChannel } from '../../packages/server/src/domain/delivery/channels/email-channel.ts';
import { DEFAULT_FROM, readSmtpUrl } from '../../packages/server/src/domain/delivery/channels/smtp-url.ts';
import { plainTextOf } from '../../packages/server/src/domain/delivery/plain-text.ts';

const directory = mkdtempSync(join(tmpdir(), 'poolkeeper-smtp-url-'));
const file = (name: string, text: string) => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const pem = file('ca.pem', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n');
afterAll(() => rmSync(directory, { recursive: true }));

describe('an SMTP URL', () => {
  test('has defaults for all but the host', () => {
    expect(readSmtpUrl('smtp://mail.example.com')).toEqual({
      host: 'mail.example.com',
      port: 587,
      credentials: undefined,
      implicitTls: false,
      requireTls: false,
      verifyCertificate: false,
      ca: undefined,
      from: DEFAULT_FROM,
    });
    expect(readSmtpUrl('smtps://mail.example.com')).toMatchObject({
      port: 465,
      implicitTls: true,
      requireTls: true,
      verifyCertificate: true,
    });
  });

  test('says all that it can', () => {
    const url = `smtp://me%40x.org:p%2F%23%25@[::1]:2525?ca=${pem}&from=My+App%20<no-reply+app@example.com>`;
    expect(readSmtpUrl(url)).toMatchObject({
      host: '::1',
      port: 2525,
      credentials: { user: 'me@x.org', pass: 'p/#%' },
      requireTls: true,
      verifyCertificate: true,
      ca: expect.stringContaining('BEGIN CERTIFICATE'),
      from: 'My+App <no-reply+app@example.com>',
    });
  });

  test('sends credentials in clear over loopback alone', () => {
    const secured = { requireTls: true, verifyCertificate: true };
    expect(readSmtpUrl('smtp://u:p@mail.example.com')).toMatchObject(secured);
    expect(readSmtpUrl('smtp://u:p@127.0.0.1.example.com')).toMatchObject(secured);
    expect(readSmtpUrl('smtp://u:p@10.0.0.1')).toMatchObject(secured);
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      expect(readSmtpUrl(`smtp://u:p@${host}`)).toMatchObject({ requireTls: false });
    }
  });

  test('takes any certificate on loopback alone', () => {
    expect(readSmtpUrl('smtps://localhost?insecure=true')).toMatchObject({ verifyCertificate: false });
    expect(readSmtpUrl('smtps://localhost?insecure=false')).toMatchObject({ verifyCertificate: true });
    expect(() => readSmtpUrl('smtps://mail.example.com?insecure=true')).toThrow(/ca=\/path/);
  });

  test.each([
    ['', /not a URL/],
    ['hunter2', /not a URL/],
    ['smtp://user:hun/ter2@mail.example.com', /not a URL/],
    ['smtp://user:123/hunter2@mail.example.com', /after its host/],
    ['smtp://user:1#hunter2@mail.example.com', /after its host/],
    ['smtp://user:1?hunter2@mail.example.com', /an option other than/],
    ['smtp:mail.example.com', /no host/],
    ['smtp://', /no host|not a URL/],
    ['smtp://mail.example.com/path', /after its host/],
    ['imap://user:hunter2@mail.example.com', /neither/],
    ['hunter2:x', /neither/],
    ['smtp://user:hunter2%@mail.example.com', /%25/],
    ['smtp://user@mail.example.com', /without the other/],
    ['smtp://:hunter2@mail.example.com', /without the other/],
    ['smtp://user:hunter2@mail.example.com?form=a@b.c', /an option other than from, ca, insecure/],
    ['smtp://user:hunter2@mail.example.com?from=nobody', /from that is no address/],
    ['smtp://user:hunter2@mail.example.com?from=a@b.c%0d%0aBcc:x@y.z', /from that is no address/],
    ['smtp://user:hunter2@mail.example.com?from=a@b.c&from=a@b.c', /twice/],
    ['smtp://user:hunter2@mail.example.com?from=', /empty from/],
    ['smtp://user:hunter2@localhost?insecure=yes', /neither true nor false/],
    ['smtp://user:hunter2@mail.example.com?ca=/not/there.pem', /ENOENT/],
    [`smtp://user:hunter2@mail.example.com?ca=${file('no.pem', 'hunter2')}`, /no PEM/],
    ['ses://us-east-1', /^--email ses:\/\/ is not supported yet/],
    ['https://user:hunter2@example.com', /^--email https:\/\/ is not supported yet/],
  ])('%j is refused', (url, reason) => {
    let thrown: unknown;
    try {
      createMailChannel(url, { mode: 'dev', region: 'us-east-1', webhookSecrets: [] });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigError);
    expect((thrown as Error).message).toMatch(reason);
    expect((thrown as Error).message).toMatch(/smtp:\/\//);
    expect((thrown as Error).message).not.toMatch(/hunter2|ter2/);
  });
});

describe('the plain text of a body', () => {
  test.each([
    ['Your confirmation code is 123456', 'Your confirmation code is 123456'],
    [
      '<p>Hello &lt;b&gt; &amp;amp; you,</p>\n\n<p>your code:<br/>123456</p>',
      'Hello <b> &amp; you,\n\nyour code:\n123456',
    ],
    [
      '<a class="x" href="https://example.com/?a=1&amp;b=2">Reset</a>',
      'Reset (https://example.com/?a=1&b=2)',
    ],
    ['<style>p { color: red }</style><b>1</b>23 <!-- hidden -->', '123'],
    ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
  ])('%j', (html, text) => expect(plainTextOf(html)).toBe(text));

  test.each(['<style>', '<a href="x', '<a ', ' ', '\n', '<b> </b>', '&amp', '</p>'])(
    'is quick for %j many times over',
    (piece) => {
      const before = performance.now();
      plainTextOf(piece.repeat(20_000 / piece.length));
      expect(performance.now() - before).toBeLessThan(500);
    },
  );
});
