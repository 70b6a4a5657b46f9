/** `poolkeeper delivery check`: what each channel can, whether it takes a message, and what to change. */
import { afterEach, expect, test, vi } from 'vitest';
import { delivery } from '../../packages/server/src/commands/delivery.ts';
import { WEBHOOK_SECRET } from '../support/functions/webhook-secret.ts';
import { openMailServer, smtpReply } from '../support/mail-server.ts';
import { openProviderServer } from '../support/provider-server.ts';
import { openRawSmtp } from '../support/raw-smtp.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** What it prints and how it ends, in this process. */
async function check(...args: string[]) {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const error = await delivery.run(['check', ...args]).then(
    () => '',
    (cause: Error) => cause.message,
  );
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  return { output: lines.join('\n'), error, code };
}

test('sends a mail by each channel of email, and says that it was taken', async () => {
  await using smtp = await openMailServer();
  await using receiver = await openProviderServer({ body: { messageId: 'theirs-1' } });
  const channels = [
    '--email',
    `smtp://127.0.0.1:${smtp.port}?from=no-reply@example.com`,
    '--email',
    receiver.url,
  ];
  const { output, code } = await check(
    '--to',
    'ann@example.com',
    ...channels,
    '--webhook-secret',
    WEBHOOK_SECRET,
  );
  expect(output).toMatch(
    new RegExp(
      `^smtp:127.0.0.1:${smtp.port}\n(  ok .*\n)+http:127.0.0.1:${receiver.port}\n  ok .*\n  ok .*$`,
    ),
  );
  expect(output).toContain('calls it theirs-1');
  expect(code).toBe(0);
  const [mail] = smtp.mails;
  expect(mail?.content).toMatchObject({ subject: 'Poolkeeper: a test message' });
  expect(mail?.to).toEqual(['ann@example.com']);
  expect(mail?.content.text).toContain('It arrived');
  expect(receiver.requests.map(({ body }) => JSON.parse(body).type)).toEqual(['check', 'email']);
});

test('sends nothing with --dry-run', async () => {
  await using smtp = await openMailServer();
  const url = `smtp://127.0.0.1:${smtp.port}?from=no-reply@example.com`;
  const { output, code } = await check('--to', 'ann@example.com', '--email', url, '--dry-run');
  expect(output).not.toContain('test message');
  expect([code, smtp.sessions(), smtp.mails.length]).toEqual([0, 1, 0]);
});

test('says which of them did not take it, why, and what to do; the others are tried all the same', async () => {
  await using refusing = await openMailServer({ onRecipient: () => smtpReply(550, '5.1.1 no such user') });
  await using working = await openMailServer();
  const urls = [refusing, working].map(({ port }) => `smtp://127.0.0.1:${port}?from=no-reply@example.com`);
  const { output, code } = await check('--to', 'ann@example.com', ...urls.flatMap((url) => ['--email', url]));
  expect(output).toMatch(
    /WRONG {2}It did not accept the test message \(SMTP_550\)\. .*Try another recipient\./,
  );
  expect(working.mails).toHaveLength(1);
  expect(code).toBe(1);
});

test('shows what a server says as text: it is the terminal of an operator', async () => {
  await using smtp = await openRawSmtp({ RCPT: '550 5.1.1 \u001b]0;mine\u0007\u001b[2J\u009b2J' });
  const url = `smtp://127.0.0.1:${smtp.port}?from=no-reply@example.com`;
  const { output } = await check('--to', 'ann@example.com', '--email', url);
  expect(output).toContain('5.1.1');
  expect(output.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('does not repeat the password that a server repeats', async () => {
  const login = { user: 'user', pass: 'right' };
  await using smtp = await openMailServer({ login });
  const url = `smtp://user:hunter2@127.0.0.1:${smtp.port}?from=no-reply@example.com`;
  const { output, error, code } = await check('--to', 'ann@example.com', '--email', url);
  expect(output).toMatch(/WRONG/);
  expect(output + error).not.toContain('hunter2');
  expect(code).toBe(1);
});

test('explains why a number gets nothing, before a provider hears of it', async () => {
  await using provider = await openProviderServer({ status: 201, body: { sid: 'SM1' } });
  const sms = ['--sms', `twilio://AC1:token@127.0.0.1:${provider.port}?from=+12065550100&insecure=true`];
  const held = await check('--to', '+4915112345678', ...sms, '--sms-countries', 'US');
  expect(held.error).toMatch(
    /^Messages to \+4915112345678 are held back \(COUNTRY_NOT_ALLOWED\)\. .*--sms-countries/,
  );
  expect(provider.requests).toHaveLength(0);

  const sent = await check('--to', '+12065550123', ...sms, '--sms-countries', 'US=+12065550111');
  expect(sent.output).toContain('It accepted the test message, and calls it SM1');
  const form = new URLSearchParams(provider.requests.at(-1)?.body);
  expect([form.get('To'), form.get('From')]).toEqual(['+12065550123', '+12065550111']);
});

test.each([
  [[], /Say to whom/],
  [['--to', 'ann'], /Say to whom/],
  [['--to', '12065550100'], /Say to whom/],
  [['--to', '+12065550100; rm'], /Say to whom/],
  [['--to', 'ann@example.com'], /No channel is configured: give --email/],
  [['--to', '+12065550100'], /No channel is configured: give --sms/],
  [['--to', 'ann@example.com', '--email', 'pigeon://x'], /--email/],
])('says what is missing: %j', async (args, text) => {
  expect((await check(...args)).error).toMatch(text);
});

test('takes no other action', async () => {
  await expect(delivery.run(['send'])).rejects.toThrow(/takes check/);
});
