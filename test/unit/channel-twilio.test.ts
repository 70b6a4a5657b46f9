import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SmsChannel } from '../../packages/server/src/domain/delivery/channels/channel.ts';
import {
  twilioSignature,
  verifyTwilioSignature,
} from '../../packages/server/src/domain/delivery/channels/twilio-signature.ts';
import { readTwilioUrl } from '../../packages/server/src/domain/delivery/channels/twilio-url.ts';
import { formOf } from '../support/aws-stand-in.ts';
import { listenForTest } from '../support/invoked.ts';
import { openCertificate } from '../support/mail-server.ts';
import { type Behaviour, openProviderServer, type ProviderServer } from '../support/provider-server.ts';
import { NOW, patienceFor, ROLE, SECRETS, sent, sms, smsChannel } from '../support/sms.ts';

const created: Behaviour = { status: 201, body: { sid: 'SM1', status: 'queued', body: SECRETS.text } };
let twilio: ProviderServer;
let certificate: Awaited<ReturnType<typeof openCertificate>>;
beforeAll(async () => {
  certificate = await openCertificate();
});
afterAll(() => certificate[Symbol.dispose]());
beforeEach(async () => {
  twilio = await openProviderServer(created);
});
const open: SmsChannel[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((channel) => channel.close()));
  await twilio[Symbol.asyncDispose]();
});

const FROM = 'from=+12065550100';

function channelOf(url: string, options: { patience?: number; publicUrl?: string } = {}) {
  const { channel } = smsChannel(url, options);
  open.push(channel);
  return channel;
}
function channelWith(
  query = FROM,
  { base = '', ...options }: { base?: string; patience?: number; publicUrl?: string } = {},
) {
  const host = `127.0.0.1:${twilio.port}${base}`;
  return channelOf(`twilio://AC1:${SECRETS.token}@${host}?insecure=true&${query}`, options);
}

test('a message is created in the account, for as long as its code lives', async () => {
  const channel = channelWith();
  expect(channel.name).toBe('twilio:127.0.0.1');
  expect(await sent(channel)).toEqual({ providerId: 'SM1' });
  expect(twilio.requests).toMatchObject([
    {
      method: 'POST',
      path: '/2010-04-01/Accounts/AC1/Messages.json',
      headers: {
        authorization: `Basic ${Buffer.from(`AC1:${SECRETS.token}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    },
  ]);
  expect(twilio.requests.map(formOf)).toEqual([
    { To: SECRETS.to, From: '+12065550100', Body: SECRETS.text, ValidityPeriod: '3600' },
  ]);
});

test('what would live for longer than a provider keeps a message is left to its own bound', async () => {
  await sent(channelWith(), sms({ expiresAt: NOW + 14_401_000 }));
  await sent(channelWith(), sms({ expiresAt: NOW + 1 }));
  expect(twilio.requests.map((request) => formOf(request)['ValidityPeriod'])).toEqual([undefined, '1']);
});

test("the sender is a messaging service or a number; a country's rules come first", async () => {
  const channel = channelWith('messaging-service=MG1');
  await sent(channel);
  await sent(channel, sms({ sender: '+447700900100' }));
  expect(twilio.requests.map(formOf)).toMatchObject([
    { MessagingServiceSid: 'MG1' },
    { From: '+447700900100' },
  ]);
  expect(formOf(twilio.requests[1] as never)).not.toHaveProperty('MessagingServiceSid');
  expect(await sent(channelWith(''))).toEqual({ passing: 'NO_SENDER', blames: 'sender' });
});

test('others who speak the same have a path of their own', async () => {
  await sent(channelWith(FROM, { base: '/api/laml/' }));
  expect(twilio.requests.map(({ path }) => path)).toEqual([
    '/api/laml/2010-04-01/Accounts/AC1/Messages.json',
  ]);
});

test('an API key logs in to the account that it belongs to', async () => {
  await sent(
    channelOf(`twilio://SK1:${SECRETS.token}@127.0.0.1:${twilio.port}?insecure=true&account=AC9&${FROM}`),
  );
  expect(twilio.requests).toMatchObject([
    {
      path: '/2010-04-01/Accounts/AC9/Messages.json',
      headers: { authorization: `Basic ${Buffer.from(`SK1:${SECRETS.token}`).toString('base64')}` },
    },
  ]);
});

test('a pool of AWS End User Messaging comes here only where nothing else works', () => {
  expect(channelWith().obeys?.(sms({ config: { EumsSms: { CallerArn: ROLE } } }))).toBe(false);
  expect(channelWith().obeys?.(sms({ config: { SnsCallerArn: ROLE } }))).toBe(true);
});

describe('callbacks', () => {
  const publicUrl = 'https://id.example.com';
  test.each([
    [FROM, publicUrl, 'https://id.example.com/delivery/twilio'],
    [FROM, 'http://id.example.com', undefined],
    [FROM, undefined, undefined],
    [`${FROM}&status-callback=off`, publicUrl, undefined],
  ])('with %s and the public URL %s are asked for at %s', async (query, url, expected) => {
    await sent(channelWith(query, url === undefined ? {} : { publicUrl: url }));
    expect(formOf(twilio.requests[0] as never)['StatusCallback']).toBe(expected);
  });

  const form: [string, string][] = [
    ['MessageStatus', 'delivered'],
    ['MessageSid', 'SM1'],
  ];
  const url = `${publicUrl}/delivery/twilio`;
  // HMAC-SHA1 of the URL and `MessageSidSM1MessageStatusdelivered`, computed by openssl.
  const signature = 'CQQsfgE6gsCzYSZIHYsOfqXWpu4=';

  test('are signed over the URL and the sorted form', () => {
    expect(twilioSignature('hunter2token', url, form)).toBe(signature);
    expect(verifyTwilioSignature('hunter2token', url, form.toReversed(), signature)).toBe(true);
    expect(verifyTwilioSignature('other', url, form, signature)).toBe(false);
    expect(verifyTwilioSignature('hunter2token', `${url}/`, form, signature)).toBe(false);
    expect(verifyTwilioSignature('hunter2token', url, [...form, ['x', '']], signature)).toBe(false);
    expect(verifyTwilioSignature('hunter2token', url, form, '')).toBe(false);
  });

  test.each([
    ['twilio://AC1:hunter2token@api.twilio.com', 'hunter2token'],
    ['twilio://SK1:key@api.twilio.com?account=AC1&auth-token=hunter2token', 'hunter2token'],
    // Callbacks are signed with the token of the account, which the secret of an API key is not.
    ['twilio://SK1:hunter2token@api.twilio.com?account=AC1', undefined],
    ['twilio://AC1:hunter2token@api.twilio.com?status-callback=off', undefined],
  ])('of %s are known by the token %s', (channel, token) => {
    expect(readTwilioUrl(channel).callbackToken).toBe(token);
  });
});

describe('what is refused is told by its status alone; the code is for operators', () => {
  const body = (code: unknown) => ({ code, message: `${SECRETS.to} ${SECRETS.text}`, status: 400 });
  test.each<[Behaviour, object]>([
    [{ status: 400, body: body(21_211) }, { final: 'TWILIO_21211' }],
    [{ status: 400, body: body('<b>') }, { final: 'HTTP_400' }],
    [{ status: 422, body: 'no JSON' }, { final: 'HTTP_422' }],
    [
      { status: 401, body: body(20_003) },
      { passing: 'TWILIO_20003', blames: 'sender' },
    ],
    [
      { status: 403, body: body(20_005) },
      { passing: 'TWILIO_20005', blames: 'sender' },
    ],
    [
      { status: 404, body: '<html>' },
      { passing: 'HTTP_404', blames: 'sender' },
    ],
    [
      { status: 429, body: body(20_429) },
      { passing: 'TWILIO_20429', blames: 'provider' },
    ],
    [
      { status: 500, body: body(21_211) },
      { passing: 'TWILIO_21211', blames: 'provider' },
    ],
    [
      { status: 503, body: '<html>' },
      { passing: 'HTTP_503', blames: 'provider' },
    ],
    [
      { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
      { passing: 'HTTP_307', blames: 'provider' },
    ],
    [
      { status: 200, body: '<html>' },
      { passing: 'HTTP_200', blames: 'provider' },
    ],
    [
      { status: 200, body: { sid: 'no id at all' } },
      { passing: 'HTTP_200', blames: 'provider' },
    ],
    [
      { status: 200, body: 'null' },
      { passing: 'HTTP_200', blames: 'provider' },
    ],
  ])('%j', async (behaviour, expected) => {
    twilio.answerWith(behaviour);
    expect(await sent(channelWith())).toEqual(expected);
    expect(twilio.requests).toHaveLength(1);
  });
});

describe('one that misbehaves is asked once', () => {
  test.each<[Behaviour, string]>([
    ['hang', 'ETIMEDOUT'],
    ['drip', 'HTTP_200'],
    ['reset-before-reading', 'ECONNRESET'],
    ['reset-after-reading', 'ECONNRESET'],
    ['half-an-answer', 'HTTP_200'],
    ['megabytes', 'HTTP_200'],
    ['upgrade', 'HTTP_101'],
    ['no-http', 'HPE_INVALID_CONSTANT'],
  ])('%s', async (behaviour, code) => {
    twilio.answerWith(behaviour);
    expect(await sent(channelWith(FROM, patienceFor(behaviour)))).toEqual({
      passing: code,
      blames: 'provider',
    });
    expect(twilio.requests).toHaveLength(1);
    expect(twilio.bytesWritten()).toBeLessThan(8_000_000);
  });

  test('what was created stays accepted, whatever comes after the status', async () => {
    twilio.thenWith({ status: 201, body: '<html>' }, { status: 201, body: 'x'.repeat(100_000) });
    expect(await sent(channelWith())).toEqual({ providerId: undefined });
    expect(await sent(channelWith())).toEqual({ providerId: undefined });
    const port = await listenForTest(
      createServer((_request, response) => {
        response.writeHead(201, { 'content-length': 1000 });
        response.write('{"sid":"', () => response.socket?.resetAndDestroy());
      }),
    );
    const cut = channelOf(`twilio://AC1:${SECRETS.token}@127.0.0.1:${port}?insecure=true&${FROM}`);
    expect(await sent(cut)).toEqual({ providerId: undefined });
  });

  test('nobody at home, or somebody with a certificate that nobody knows', async () => {
    const url = (port: number) => `twilio://AC1:${SECRETS.token}@127.0.0.1:${port}?${FROM}`;
    await using forged = await openProviderServer(created, certificate);
    const failure = { passing: 'DEPTH_ZERO_SELF_SIGNED_CERT', blames: 'provider' };
    expect(await sent(channelOf(url(forged.port)))).toEqual(failure);
    expect(forged.requests).toEqual([]);
    await forged[Symbol.asyncDispose]();
    const refused = { passing: 'ECONNREFUSED', blames: 'provider' };
    expect(await sent(channelOf(url(forged.port)))).toEqual(refused);
  });
});

describe('check looks at the account', () => {
  test.each<[Behaviour, boolean, string]>([
    [{ body: { status: 'active', type: 'Full' } }, true, 'is active'],
    [{ body: { status: 'active', type: 'Trial' } }, false, 'on trial'],
    [{ body: { status: 'suspended' } }, false, 'is suspended'],
    [{ status: 401, body: { code: 20_003 } }, false, 'refuses the account sid and token'],
    [{ status: 404, body: '<html>' }, false, 'status 404'],
    ['reset-after-reading', false, 'ECONNRESET'],
  ])('%j', async (behaviour, ok, words) => {
    twilio.answerWith(behaviour);
    expect(await channelWith().check()).toEqual([{ ok, text: expect.stringContaining(words) }]);
    expect(twilio.requests).toMatchObject([{ method: 'GET', path: '/2010-04-01/Accounts/AC1.json' }]);
  });
});
