import {
  ConfirmForgotPasswordCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type House, NEW_PASSWORD, openHouse } from '../support/house.ts';
import { freePort, openCertificate, openMailServer, smtpReply } from '../support/mail-server.ts';

const login = { user: 'mailer@example.com', pass: 'p@ss/w#rd' };
const userInfo = `${encodeURIComponent(login.user)}:${encodeURIComponent(login.pass)}`;

let certificate: Awaited<ReturnType<typeof openCertificate>>;
beforeAll(async () => {
  certificate = await openCertificate();
});
afterAll(() => certificate[Symbol.dispose]());

const forgot = (house: House, ClientId: string, Username: string) =>
  house.sdk.send(new ForgotPasswordCommand({ ClientId, Username }));

/** A user whose address is `<name>@example.com`, and a client to call with. */
async function openUser(house: House, name: string) {
  const poolId = await house.createPool();
  const { ClientId } = await house.createClient(poolId);
  await house.createUser(poolId, name);
  return { poolId, ClientId, forgot: () => forgot(house, ClientId, name) };
}

/** The one message to an address, once it is as expected. */
const messageBecomes = (house: House, to: string, expected: object, timeout = 10_000) =>
  vi.waitFor(
    async () => {
      const [message] = await house.messages(to, 0);
      expect(message).toMatchObject(expected);
      return message;
    },
    { timeout, interval: 50 },
  );

/** An attempt at it has failed. */
const putOff = { status: 'queued', lastError: expect.any(String) };

describe('a code by email', () => {
  test.each([
    { tls: 'starttls', url: (port: number) => `smtp://${userInfo}@localhost:${port}` },
    { tls: 'implicit', url: (port: number) => `smtps://${userInfo}@127.0.0.1:${port}` },
  ] as const)('arrives over TLS ($tls) with a login, and resets the password', async ({ tls, url }) => {
    await using mail = await openMailServer({ tls, login }, certificate);
    await using house = await openHouse({ email: `${url(mail.port)}?ca=${certificate.file}` });
    const { ClientId, forgot } = await openUser(house, 'alice');
    await forgot();

    const received = await mail.first('alice@example.com');
    expect(received).toMatchObject({ secure: true, user: login.user, to: ['alice@example.com'] });
    expect(received.content.from?.text).toBe('no-reply@verificationemail.com');
    expect(received.content.subject).toBe('Your verification code');
    const code = /Your password reset code is (\d{6})/.exec(received.content.text ?? '')?.[1] as string;
    expect(received.content.html).toContain(code);
    expect(received.content.headers.get('auto-submitted')).toBe('auto-generated');

    await house.sdk.send(
      new ConfirmForgotPasswordCommand({
        ClientId,
        Username: 'alice',
        ConfirmationCode: code,
        Password: NEW_PASSWORD,
      }),
    );
    const { AuthenticationResult } = await house.sdk.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'alice', PASSWORD: NEW_PASSWORD },
      }),
    );
    expect(AuthenticationResult?.AccessToken).toBeTruthy();
    const message = await messageBecomes(house, 'alice@example.com', { status: 'sent', attempts: 1 });
    expect(received.content.messageId).toBe(`<${message?.id}@verificationemail.com>`);
    expect(mail.mails).toHaveLength(1);
  });

  test('goes in clear to loopback where there is no TLS', async () => {
    await using mail = await openMailServer();
    await using house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
    const { forgot } = await openUser(house, 'bob');
    await forgot();
    expect(await mail.first('bob@example.com')).toMatchObject({ secure: false });
  });

  test('uses TLS that is offered to a server which needs no login, whoever signed the certificate', async () => {
    await using mail = await openMailServer({ tls: 'starttls' }, certificate);
    await using house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
    const { forgot } = await openUser(house, 'bob');
    await forgot();
    expect(await mail.first('bob@example.com')).toMatchObject({ secure: true });
  });

  test('does not go to a server whose certificate is another', async () => {
    using other = await openCertificate();
    await using mail = await openMailServer({ tls: 'implicit', login }, certificate);
    await using house = await openHouse({
      email: `smtps://${userInfo}@localhost:${mail.port}?ca=${other.file}`,
    });
    const { forgot } = await openUser(house, 'bob');
    await forgot();
    await messageBecomes(house, 'bob@example.com', putOff);
    expect(mail.logins()).toBe(0);
  });

  test('does not go, nor does the login, where STARTTLS was asked for and is missing', async () => {
    await using mail = await openMailServer({ tls: 'none', login });
    await using house = await openHouse({
      email: `smtp://${userInfo}@localhost:${mail.port}?ca=${certificate.file}`,
    });
    const { forgot } = await openUser(house, 'bob');
    await forgot();
    await messageBecomes(house, 'bob@example.com', putOff);
    expect(mail.logins()).toBe(0);
  });

  test('obeys From and Reply-To of the pool', async () => {
    await using mail = await openMailServer();
    await using house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}?from=server@example.org` });
    const poolId = await house.createPool({
      EmailConfiguration: { From: 'Zoë, Shop <zoe@example.net>', ReplyToEmailAddress: 'help@example.net' },
    });
    const plain = await openUser(house, 'bob');
    const { ClientId } = await house.createClient(poolId);
    await house.createUser(poolId, 'carol');
    await plain.forgot();
    await forgot(house, ClientId, 'carol');

    const bobs = await mail.first('bob@example.com');
    expect(bobs.from).toBe('server@example.org');
    expect(bobs.content.from?.text).toBe('server@example.org');
    expect(bobs.content.replyTo).toBeUndefined();
    const carols = await mail.first('carol@example.com');
    expect(carols.from).toBe('zoe@example.net');
    expect(carols.content.from?.value).toEqual([{ address: 'zoe@example.net', name: 'Zoë, Shop' }]);
    expect(carols.content.replyTo?.text).toBe('help@example.net');
    expect(carols.content.messageId).toMatch(/@example\.net>$/);
  });

  test('obeys the templates of the pool', async () => {
    await using mail = await openMailServer();
    await using house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
    const poolId = await house.createPool({
      EmailVerificationSubject: 'Größe: your Shop code',
      EmailVerificationMessage: '<p>Hello from <b>Shop</b> &amp; Co.</p><p>Code: {####}</p>',
    });
    const { ClientId } = await house.createClient(poolId);
    await house.createUser(poolId, 'dora');
    await forgot(house, ClientId, 'dora');

    const { content } = await mail.first('dora@example.com');
    expect(content.subject).toBe('Größe: your Shop code');
    expect(content.html).toMatch(
      /<main>\s*<p>Hello from <b>Shop<\/b> &amp; Co\.<\/p><p>Code: \d{6}<\/p>\s*<\/main>/,
    );
    expect(content.text?.trim()).toMatch(/^Hello from Shop & Co\.\n\nCode: \d{6}$/);
  });
});

describe('a server that does not take a message', () => {
  test('for the login being wrong gets it again until it is right', async () => {
    const expected = { ...login, pass: 'another' };
    await using mail = await openMailServer({ tls: 'starttls', login: expected }, certificate);
    await using house = await openHouse({
      email: `smtp://${userInfo}@localhost:${mail.port}?ca=${certificate.file}`,
    });
    const { forgot } = await openUser(house, 'erin');
    await forgot();
    const message = await messageBecomes(house, 'erin@example.com', { status: 'queued', attempts: 2 });
    expect(message?.lastError).toBe(`localhost:${mail.port} refused the login: 535 5.7.8`);
    expect(mail.mails).toEqual([]);

    expected.pass = login.pass;
    const { content } = await mail.first('erin@example.com');
    expect(content.messageId).toContain(message?.id);
    await messageBecomes(house, 'erin@example.com', { status: 'sent', lastError: null });
    expect(mail.mails).toHaveLength(1);
  });

  test.each([
    ['a 4xx', 'onRecipient', smtpReply(450, '4.2.0 greylisted')],
    ['a 4xx', 'onMessage', smtpReply(450, '4.2.0 greylisted')],
    ['a 530, which is about the login,', 'onRecipient', smtpReply(530, '5.7.0 authenticate first')],
  ] as const)('with %s (%s) gets it again', async (_, where, reply) => {
    let refused = false;
    const refuse = () => {
      if (refused) return undefined;
      refused = true;
      return reply;
    };
    await using mail = await openMailServer({ [where]: refuse });
    await using house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
    const { forgot } = await openUser(house, 'erin');
    await forgot();
    await messageBecomes(house, 'erin@example.com', { status: 'queued', attempts: 1 });
    await mail.first('erin@example.com');
    await messageBecomes(house, 'erin@example.com', { status: 'sent', attempts: 2 });
  });

  test.each([
    ['onRecipient', ' at RCPT TO: 550 5.1.1 no such user'],
    // What follows the content could quote it.
    ['onMessage', ' refused the message: 550 5.1.1'],
  ] as const)('with a 5xx (%s) never gets it again', async (where, told) => {
    await using mail = await openMailServer({ [where]: () => smtpReply(550, '5.1.1 no such user') });
    await using house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
    const { forgot } = await openUser(house, 'erin');
    await forgot();
    const message = await messageBecomes(house, 'erin@example.com', { status: 'failed', attempts: 1 });
    expect(message?.lastError).toBe(`127.0.0.1:${mail.port}${told}`);
  });

  test('for not being there gets it when it comes up', async () => {
    const port = await freePort();
    await using house = await openHouse({ email: `smtp://127.0.0.1:${port}` });
    const { forgot } = await openUser(house, 'fred');
    await forgot();
    const message = await messageBecomes(house, 'fred@example.com', putOff);
    expect(message?.lastError).toContain('ECONNREFUSED');
    await using mail = await openMailServer({ port });
    await mail.first('fred@example.com');
    await messageBecomes(house, 'fred@example.com', { status: 'sent' });
  });

  test('and went away between two messages gets the second', async () => {
    const port = await freePort();
    await using house = await openHouse({ email: `smtp://127.0.0.1:${port}` });
    const { forgot } = await openUser(house, 'gina');
    {
      await using mail = await openMailServer({ port });
      await forgot();
      await mail.first('gina@example.com');
    }
    await using mail = await openMailServer({ port });
    await forgot();
    await mail.first('gina@example.com');
  });

  test('is stood in for by the next', async () => {
    await using mail = await openMailServer();
    await using house = await openHouse({
      email: [`smtp://127.0.0.1:${await freePort()}`, `smtp://127.0.0.1:${mail.port}`],
    });
    const { forgot } = await openUser(house, 'hans');
    await forgot();
    await mail.first('hans@example.com');
    await messageBecomes(house, 'hans@example.com', { status: 'sent', attempts: 1 });
  });

  test('never gets it once the code expired', async () => {
    const port = await freePort();
    await using house = await openHouse({ email: `smtp://127.0.0.1:${port}` });
    const { forgot } = await openUser(house, 'ida');
    await forgot();
    await messageBecomes(house, 'ida@example.com', putOff);
    await house.advance('PT1H');
    await using mail = await openMailServer({ port });
    await messageBecomes(house, 'ida@example.com', { status: 'failed' });
    expect(mail.mails).toEqual([]);
  });
});
