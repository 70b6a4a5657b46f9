import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey.export(pkcs8).toString();
const key = file('dkim.pem', rsa(1024));
const weak = file('weak.pem', rsa(768));
const ed25519 = file('ed25519.pem', generateKeyPairSync('ed25519').privateKey.export(pkcs8).toString());
const pss = file(
  'pss.pem',
  generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).privateKey.export(pkcs8).toString(),
);
const dkim = (over: Record<string, string>) =>
  Object.entries({ 'dkim-domain': 'example.com', 'dkim-selector': 'mail2026', 'dkim-key': key, ...over })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

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
      dkim: undefined,
      connections: 5,
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

  test('can have mail signed with DKIM, by a domain that vouches for the sender', () => {
    const privateKey = readFileSync(key, 'utf8');
    expect(
      readSmtpUrl(`smtp://mail.example.com?connections=50&${dkim({ 'dkim-domain': 'Example.com' })}`),
    ).toMatchObject({
      dkim: { domain: 'example.com', selector: 'mail2026', privateKey },
      connections: 50,
    });
    const vouched = (domain: string, from: string) =>
      readSmtpUrl(`smtp://mail.example.com?from=${from}&${dkim({ 'dkim-domain': domain })}`).dkim?.domain;
    expect(vouched('example.com', 'a@example.com')).toBe('example.com');
    expect(vouched('example.com', 'A <a@Mail.Example.COM>')).toBe('example.com');
    expect(vouched('mail.example.com', 'a@example.com')).toBe('mail.example.com');
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
    ['smtp://user:hunter2@mail.example.com?connections=0', /connections that is not from 1 to 50/],
    ['smtp://user:hunter2@mail.example.com?connections=51', /connections that is not from 1 to 50/],
    ['smtp://user:hunter2@mail.example.com?connections=1e1', /connections that is not from 1 to 50/],
    [`smtp://mail.example.com?${dkim({ 'dkim-key': '' })}`, /empty dkim-key/],
    ['smtp://mail.example.com?dkim-domain=example.com', /go together/],
    [
      `smtp://mail.example.com?${dkim({ 'dkim-domain': 'example.com;hunter2' })}`,
      /dkim-domain that is no domain/,
    ],
    [`smtp://mail.example.com?${dkim({ 'dkim-domain': 'com' })}`, /dkim-domain that is no domain/],
    [`smtp://mail.example.com?${dkim({ 'dkim-selector': 'a_b' })}`, /dkim-selector that is no label/],
    [`smtp://mail.example.com?${dkim({ 'dkim-key': '/not/there.pem' })}`, /ENOENT/],
    [`smtp://mail.example.com?${dkim({ 'dkim-key': file('bad.pem', 'hunter2') })}`, /no private key in PEM/],
    [`smtp://mail.example.com?${dkim({ 'dkim-key': ed25519 })}`, /no RSA key of 1024 bits/],
    [`smtp://mail.example.com?${dkim({ 'dkim-key': pss })}`, /no RSA key of 1024 bits/],
    [`smtp://mail.example.com?${dkim({ 'dkim-key': weak })}`, /no RSA key of 1024 bits/],
    [`smtp://mail.example.com?from=a@example.org&${dkim({})}`, /does not vouch for/],
    [`smtp://mail.example.com?from=a@badexample.com&${dkim({})}`, /does not vouch for/],
  ])('%j is refused', (url, reason) => {
    let thrown: unknown;
    try {
      createMailChannel(url, { mode: 'dev', region: 'us-east-1', webhookSecrets: [], functionNetworks: [] });
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
      'Reset <https://example.com/?a=1&b=2>',
    ],
    ['<style>p { color: red }</style><b>1</b>23 <!-- hidden -->', '123'],
    ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
  ])('%j', async (html, text) => expect(await plainTextOf(html)).toBe(text));

  test.each(['<style>', '<a href="x', '<a ', ' ', '\n', '<b> </b>', '&amp', '</p>'])(
    'is quick for %j many times over',
    async (piece) => {
      const before = performance.now();
      await plainTextOf(piece.repeat(20_000 / piece.length));
      expect(performance.now() - before).toBeLessThan(500);
    },
  );
});
