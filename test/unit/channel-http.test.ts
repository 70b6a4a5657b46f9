import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../packages/server/src/config/config-error.ts';
import type { MailChannel } from '../../packages/server/src/domain/delivery/channels/channel.ts';
import { createSmsChannel } from '../../packages/server/src/domain/delivery/channels/sms-channel.ts';
import { adjustableClock } from '../../packages/server/src/platform/clock.ts';
import { CODE, MAIL, mailChannel, sentMail } from '../support/email.ts';
import { freePort } from '../support/free-port.ts';
import { WEBHOOK_SECRET } from '../support/functions/webhook-secret.ts';
import { openCertificate } from '../support/mail-server.ts';
import { type Behaviour, openProviderServer, type ProviderServer } from '../support/provider-server.ts';

let receiver: ProviderServer;
let channel: MailChannel;
beforeAll(async () => {
  receiver = await openProviderServer();
  channel = mailChannel(`${receiver.url}/send?team=a`);
});
afterAll(async () => {
  await channel.close();
  await receiver[Symbol.asyncDispose]();
});
beforeEach(() => {
  receiver.requests.length = 0;
  receiver.answerWith({});
});

describe('a message', () => {
  test('is posted as JSON, signed as a Standard Webhook with its own id, the same in every attempt', async () => {
    receiver.thenWith({ status: 503 });
    const members = {
      from: 'Shop <shop@example.com>',
      replyTo: 'help@example.com',
      sourceArn: 'arn:aws:ses:us-east-1:123456789012:identity/example.com',
      configurationSet: 'codes',
    };
    expect(await sentMail(channel, members)).toMatchObject({ notAccepted: 'HTTP_503' });
    expect(await sentMail(channel, members)).toEqual({ providerId: undefined });
    const { id, poolId, to, expiresAt, subject, html, text } = MAIL;
    expect(receiver.requests).toHaveLength(2);
    for (const { method, path, headers, body } of receiver.requests) {
      const posted = new Webhook(WEBHOOK_SECRET).verify(body, headers as Record<string, string>);
      expect({ method, path, posted, id: headers['webhook-id'], type: headers['content-type'] }).toEqual({
        method: 'POST',
        path: '/send?team=a',
        posted: { type: 'email', id, userPoolId: poolId, to, expiresAt, subject, html, text, ...members },
        id,
        type: 'application/json',
      });
    }
  });

  test('has null for what is not known', async () => {
    await sentMail(channel);
    expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({
      from: null,
      replyTo: null,
      sourceArn: null,
      configurationSet: null,
    });
  });

  test('by SMS says so, and brings the configuration of its pool', async () => {
    const sms = createSmsChannel(receiver.url, {
      mode: 'dev',
      region: 'us-east-1',
      webhookSecrets: [WEBHOOK_SECRET],
      functionNetworks: [],
      clock: adjustableClock(),
    });
    const { id, poolId, expiresAt, text } = MAIL;
    const config = { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms', ExternalId: 'x' };
    await sms.send({ id, poolId, expiresAt, to: '+12065550123', text, sender: 'Shop', config });
    await sms.send({ id, poolId, expiresAt, to: '+12065550123', text, sender: undefined, config: undefined });
    const shared = { type: 'sms', id, userPoolId: poolId, expiresAt, to: '+12065550123', text };
    expect(receiver.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { ...shared, sender: 'Shop', smsConfiguration: config },
      { ...shared, sender: null, smsConfiguration: null },
    ]);
    await sms.close();
  });

  test.each(['a@example.com, b@example.com', 'a@example.com\r\nBcc: b@example.com'])(
    'goes to one address alone, not to %j',
    async (to) => {
      expect(await sentMail(channel, { to })).toMatchObject({ refused: 'UNDELIVERABLE' });
      expect(receiver.requests).toEqual([]);
    },
  );
});

describe('an answer of 2xx', () => {
  test.each<[string, Behaviour, string | undefined]>([
    ['with an id', { body: { messageId: '<abc@mail.example>' } }, '<abc@mail.example>'],
    ['of 202 with no body', { status: 202 }, undefined],
    ['of text', { body: '<html>thanks</html>' }, undefined],
    ['of null', { body: 'null' }, undefined],
    ['with an id that is a number', { body: { messageId: 5 } }, undefined],
    ['with an id of two lines', { body: { messageId: 'a\nb' } }, undefined],
    ['with an id that is endless', { body: { messageId: 'a'.repeat(129) } }, undefined],
    ['that breaks off', 'half-an-answer', undefined],
    ['of megabytes', 'megabytes', undefined],
  ])('%s is an acceptance', async (_, behaviour, providerId) => {
    receiver.answerWith(behaviour);
    expect(await sentMail(channel)).toEqual({ providerId });
    // What the sockets hold may be under way.
    expect(receiver.bytesWritten()).toBeLessThan(8_000_000);
  });

  test('that drips is cut off when the time is up', async () => {
    receiver.answerWith('drip');
    const hasty = mailChannel(receiver.url, { patience: 100 });
    expect(await sentMail(hasty)).toEqual({ providerId: undefined });
    await hasty.close();
  }, 5_000);
});

describe('a receiver that does not take a message', () => {
  const passing = (notAccepted: string, blames = 'provider') => ({ notAccepted, blames });
  test.each<[string, Behaviour, object]>([
    ['gets it again after 408', { status: 408 }, passing('HTTP_408')],
    ['gets it again after 425', { status: 425 }, passing('HTTP_425')],
    ['gets it again after 429', { status: 429, body: { error: CODE } }, passing('HTTP_429')],
    ['gets it again after 500', { status: 500, body: `<html>${CODE}` }, passing('HTTP_500')],
    ['gets it again after 503', { status: 503 }, passing('HTTP_503')],
    ['never gets it again after 400', { status: 400, body: CODE }, { refused: 'HTTP_400' }],
    ['never gets it again after 422', { status: 422 }, { refused: 'HTTP_422' }],
    ['gets it again after 401, which is about this server', { status: 401 }, passing('HTTP_401', 'sender')],
    ['gets it again after 403, which is about this server', { status: 403 }, passing('HTTP_403', 'sender')],
    ['gets it again after 404, which is about the URL', { status: 404 }, passing('HTTP_404')],
    ['gets it again after 101', 'upgrade', passing('HTTP_101')],
    ['gets it again when it resets before it reads', 'reset-before-reading', passing('ECONNRESET')],
    ['gets it again when it resets after it read', 'reset-after-reading', passing('ECONNRESET')],
    ['gets it again when it speaks no HTTP', 'no-http', passing('HPE_INVALID_CONSTANT')],
  ])('%s', async (_, behaviour, told) => {
    receiver.answerWith(behaviour);
    const outcome = await sentMail(channel);
    expect(outcome).toMatchObject(told);
    expect(JSON.stringify(outcome)).not.toContain(CODE);
  });

  test.each([301, 302, 307, 308])('is not looked for elsewhere (%i)', async (status) => {
    receiver.thenWith({ status, headers: { location: `${receiver.url}/elsewhere` } });
    expect(await sentMail(channel)).toMatchObject(passing(`HTTP_${status}`));
    expect(receiver.requests).toHaveLength(1);
  });

  test('is waited for so long, and gets it again', async () => {
    receiver.answerWith('hang');
    const hasty = mailChannel(receiver.url, { patience: 100 });
    expect(await sentMail(hasty)).toMatchObject(passing('ETIMEDOUT'));
    await hasty.close();
  }, 5_000);

  test('is somebody else, where its certificate is one that nobody vouches for', async () => {
    using certificate = await openCertificate();
    await using impostor = await openProviderServer({}, certificate);
    const deceived = mailChannel(impostor.url);
    expect(await sentMail(deceived)).toMatchObject(passing('DEPTH_ZERO_SELF_SIGNED_CERT'));
    expect(impostor.requests).toEqual([]);
    await deceived.close();
  });

  test('is not there', async () => {
    const port = await freePort();
    const lost = mailChannel(`http://127.0.0.1:${port}/secret-path?token=hunter2`);
    expect(await sentMail(lost)).toEqual({
      ...passing('ECONNREFUSED'),
      text: `http:127.0.0.1:${port} gave no answer: ECONNREFUSED.`,
    });
    await lost.close();
  });

  test('is on a private network, which production must be told of', async () => {
    const over = { mode: 'production', patience: 1000 } as const;
    // A name is looked up when it is needed: it can lead elsewhere by then.
    const byName = mailChannel(`https://localhost:${receiver.port}/`, over);
    expect(await sentMail(byName)).toMatchObject(passing('AddressNotAllowed'));
    const named = mailChannel(`https://localhost:${receiver.port}/`, {
      ...over,
      functionNetworks: ['127.0.0.0/8'],
    });
    // It speaks no TLS: that it was asked is what counts.
    expect(await sentMail(named)).not.toMatchObject(passing('AddressNotAllowed'));
    await Promise.all([byName.close(), named.close()]);
  });
});

describe('the check', () => {
  test('posts what is no message, signed, and tells that it was taken', async () => {
    const findings = await channel.check();
    expect(findings).toEqual([{ ok: true, text: expect.stringContaining('took a request of type check') }]);
    const [{ headers, body }] = receiver.requests as [ProviderServer['requests'][0]];
    const posted = new Webhook(WEBHOOK_SECRET).verify(body, headers as Record<string, string>);
    expect(posted).toEqual({ type: 'check', id: headers['webhook-id'] });
  });

  test.each<[Behaviour, string]>([
    [{ status: 401 }, 'webhook-secret'],
    [{ status: 404 }, 'Nothing is at the path'],
    [{ status: 302 }, 'Redirects are not followed'],
    [{ status: 500 }, 'answered 500'],
    [{ status: 400 }, 'answered 400'],
  ])('explains %j', async (behaviour, text) => {
    receiver.answerWith(behaviour);
    expect(await channel.check()).toEqual([{ ok: false, text: expect.stringContaining(text) }]);
  });
});

describe('the URL of a receiver', () => {
  test('is known by its host alone: the path may hold a secret', () => {
    const { name } = mailChannel('https://hooks.example.com:8443/T0/hunter2?key=hunter2');
    expect(name).toBe('https:hooks.example.com:8443');
  });

  test.each<[string, Parameters<typeof mailChannel>[1], RegExp]>([
    ['https://user:hunter2@example.com/', {}, /has a user, a password or a #/],
    ['https://example.com/#hunter2', {}, /has a user, a password or a #/],
    ['https://', {}, /is not a URL/],
    ['http://example.com/hunter2', {}, /unencrypted/],
    ['http://127.0.0.1/hunter2', { mode: 'production' }, /unencrypted/],
    ['https://10.0.0.5/hunter2', { mode: 'production' }, /--function-networks 10\.0\.0\.5/],
    ['https://[::1]/hunter2', { mode: 'production' }, /--function-networks ::1/],
    [
      'https://example.com/hunter2',
      { webhookSecrets: [] },
      /--email .* needs --webhook-secret.*openssl rand/,
    ],
  ])('%s is refused with %j', (url, over, reason) => {
    let thrown: unknown;
    try {
      mailChannel(url, over);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigError);
    expect((thrown as Error).message).toMatch(reason);
    expect((thrown as Error).message).not.toContain('hunter2');
  });
});
