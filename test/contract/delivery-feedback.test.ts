/** What providers tell of messages that they accepted is on the messages' records; nobody else can put anything there. */
import { createHmac } from 'node:crypto';
import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WEBHOOK_SECRET } from '../support/functions/webhook-secret.ts';
import { type House, openHouse } from '../support/house.ts';
import { freePort } from '../support/mail-server.ts';
import { openProviderServer, type ProviderServer } from '../support/provider-server.ts';
import { openSnsTopic, type SnsTopic } from '../support/sns-topic.ts';

const MAIL_ID = '0100018c-ses';
const SMS_ID = 'SM0123';
const CALLBACK = 'https://login.example.com/delivery/twilio';

const resources = new AsyncDisposableStack();
let topic: SnsTopic;
let provider: ProviderServer;
let house: House;
let poolId: string;
let mails = 0;

beforeAll(async () => {
  const before = { ...process.env };
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' });
  resources.defer(() => {
    process.env = before;
  });
  topic = resources.use(await openSnsTopic());
  provider = resources.use(
    await openProviderServer(({ path, body }) => {
      if (path.endsWith('/Messages.json')) return { status: 201, body: { sid: SMS_ID } };
      if (body !== '') mails += 1;
      return { body: { MessageId: `${MAIL_ID}-${mails}` } };
    }),
  );
  const loopback = `127.0.0.1:${provider.port}`;
  house = resources.use(
    await openHouse(
      {
        email: `ses://us-east-1?from=no-reply@example.com&endpoint=http://${loopback}`,
        sms: `twilio://AC1:token@${loopback}?from=+12065550100&insecure=true`,
        port: await freePort(),
        publicUrl: 'https://login.example.com',
        deliveryTopics: [topic.arn],
        webhookSecret: WEBHOOK_SECRET,
      },
      { sns: topic.standIn },
    ),
  );
  poolId = await house.createPool({
    AutoVerifiedAttributes: ['email', 'phone_number'],
    SmsConfiguration: { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms' },
  });
});
afterAll(() => resources.disposeAsync());

/** A message that its provider has accepted. */
async function sent(name: string, medium: 'EMAIL' | 'SMS') {
  const [attribute, to] = medium === 'EMAIL' ? ['email', `${name}@example.com`] : ['phone_number', name];
  await house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: poolId,
      Username: name,
      DesiredDeliveryMediums: [medium],
      UserAttributes: [{ Name: attribute as string, Value: to }],
    }),
  );
  for (;;) {
    const [message] = (await house.messages(to as string)) as unknown as Shown[];
    if (message?.status === 'sent') return message;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

interface Shown {
  readonly id: string;
  readonly to: string;
  readonly status: string;
  readonly feedback: string | null;
  readonly record: readonly { outcome: string; code: string | null; providerId: string | null; at: string }[];
}

async function shown({ to }: Shown): Promise<Shown> {
  const [message] = (await house.messages(to)) as unknown as Shown[];
  return message as Shown;
}

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${house.url}/delivery/${path}`, { method: 'POST', body, headers });
const providerIdOf = ({ record }: Shown) => record[0]?.providerId as string;
const longAgo = '2026-01-02T03:04:05.000Z';

describe('POST /delivery/sns', () => {
  const bounce = (messageId: string, timestamp = longAgo, tags = {}) => ({
    notificationType: 'Bounce',
    mail: { messageId, tags },
    bounce: { bounceType: 'Permanent', bounceSubType: 'General', timestamp },
  });

  test('confirms the subscription of a topic that was named', async () => {
    expect((await post('sns', topic.confirmation())).status).toBe(200);
    expect(topic.visited.at(-1)).toMatch(/^\/\?Action=ConfirmSubscription&/);
  });

  test('puts a bounce on the record of its message, once however often it comes', async () => {
    const message = await sent('bounced', 'EMAIL');
    const notification = topic.notification(bounce(providerIdOf(message)));
    for (let times = 0; times < 3; times += 1) expect((await post('sns', notification)).status).toBe(200);
    expect(await shown(message)).toMatchObject({
      feedback: 'bounced',
      record: [
        { outcome: 'accepted', providerId: providerIdOf(message) },
        { outcome: 'bounced', code: 'Permanent.General', at: longAgo },
      ],
    });
    const metrics = await (await fetch(`${house.url}/metrics`)).text();
    expect(metrics).toMatch(/poolkeeper_message_feedback_total\{provider="ses",outcome="bounced"\} \d/);
    expect(metrics).toMatch(/poolkeeper_feedback_requests_total\{source="sns",result="taken"\} \d/);
    expect(metrics).not.toContain('bounced@');
  });

  test('finds a message by its own names before its acceptance is known', async () => {
    const message = await sent('early', 'EMAIL');
    const tags = { 'poolkeeper-message': [message.id], 'poolkeeper-pool': [poolId] };
    await post('sns', topic.notification(bounce('not-recorded-yet', longAgo, tags)));
    expect((await shown(message)).feedback).toBe('bounced');
  });

  test('keeps the newest news first, in whichever order they come', async () => {
    const message = await sent('order', 'EMAIL');
    await post('sns', topic.notification(bounce(providerIdOf(message), '2026-01-02T03:05:00.000Z')));
    const delivery = { notificationType: 'Delivery', mail: { messageId: providerIdOf(message) } };
    const timestamp = { delivery: { timestamp: longAgo } };
    await post('sns', topic.notification({ ...delivery, ...timestamp }));
    expect((await shown(message)).feedback).toBe('bounced');
    expect((await shown(message)).record.map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'bounced',
      'delivered',
    ]);
  });

  test('answers an unknown message as a known one', async () => {
    const response = await post('sns', topic.notification(bounce('somebody-elses')));
    expect([response.status, await response.text()]).toEqual([200, '{}']);
    for (const tags of [{}, { 'poolkeeper-message': ['a\0b'], 'poolkeeper-pool': ['a\0b'] }]) {
      expect((await post('sns', topic.notification(bounce('a\0b', longAgo, tags)))).status).toBe(200);
    }
  });

  test('changes nothing for who cannot sign', async () => {
    const message = await sent('unsigned', 'EMAIL');
    const signed = JSON.parse(topic.notification(bounce('other')));
    const forged = { ...signed, Message: JSON.stringify(bounce(providerIdOf(message))) };
    expect((await post('sns', JSON.stringify(forged))).status).toBe(403);
    expect((await post('sns', 'nonsense')).status).toBe(400);
    expect((await post('sns', 'x'.repeat(262_145))).status).toBe(413);
    expect((await shown(message)).feedback).toBeNull();
  });

  test('is not there without a topic', async () => {
    await using other = await openHouse();
    for (const path of ['sns', 'events', 'twilio']) {
      const response = await fetch(`${other.url}/delivery/${path}`, { method: 'POST', body: '{}' });
      expect(response.status).toBe(404);
    }
  });
});

describe('POST /delivery/twilio', () => {
  const signed = (form: Record<string, string>) => {
    const text = Object.keys(form)
      .sort()
      .map((name) => name + form[name]);
    return createHmac('sha1', 'token')
      .update([CALLBACK, ...text].join(''))
      .digest('base64');
  };
  const callback = (form: Record<string, string>, signature = signed(form)) =>
    post('twilio', new URLSearchParams(form).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
    });

  test('puts what became of an SMS on its record, once however often it comes', async () => {
    const message = await sent('+12065550123', 'SMS');
    expect(provider.requests.at(-1)?.body).toContain(`StatusCallback=${encodeURIComponent(CALLBACK)}`);
    const form = { MessageSid: SMS_ID, MessageStatus: 'undelivered', ErrorCode: '30005' };
    expect((await callback({ ...form, MessageStatus: 'sent' })).status).toBe(200);
    expect((await callback(form, 'AAAA')).status).toBe(403);
    expect((await shown(message)).feedback).toBeNull();
    expect((await callback(form)).status).toBe(200);
    expect((await callback(form)).status).toBe(200);
    expect(await shown(message)).toMatchObject({
      feedback: 'undelivered',
      record: [{ outcome: 'accepted' }, { outcome: 'undelivered', code: 'TWILIO_30005' }],
    });
    expect((await shown(message)).record).toHaveLength(2);
  });
});

describe('POST /delivery/events', () => {
  const event = (body: object | string, secret = WEBHOOK_SECRET, at = new Date()) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return post('events', text, {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('msg_1', at, text),
    });
  };

  test("puts what the receiver of an https channel tells on the record, by its own name or the message's", async () => {
    const message = await sent('event', 'EMAIL');
    const { id } = message;
    expect((await event({ messageId: providerIdOf(message), status: 'delivered', at: longAgo })).status).toBe(
      200,
    );
    expect((await event({ id, userPoolId: poolId, status: 'complained' })).status).toBe(200);
    expect((await shown(message)).record.map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'delivered',
      'complained',
    ]);
    expect((await shown(message)).feedback).toBe('complained');
  });

  test('is refused without the secret, late, or as what it is not', async () => {
    const told = { messageId: 'x', status: 'delivered', at: longAgo };
    const other = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
    expect((await event(told)).status).toBe(200);
    expect((await event(told, other)).status).toBe(403);
    expect((await event(told, WEBHOOK_SECRET, new Date(Date.now() - 360_000))).status).toBe(403);
    expect((await post('events', JSON.stringify(told))).status).toBe(403);
    const refused = await event({ status: 'delivered' });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: 'Say which message: messageId, or id and userPoolId.' },
    ]);
    expect((await event('x'.repeat(20_000))).status).toBe(413);
    // No database looks for a text that it cannot hold.
    const strange = 'a\0b';
    expect((await event({ ...told, messageId: strange })).status).toBe(400);
    expect((await event({ ...told, messageId: undefined, id: strange, userPoolId: poolId })).status).toBe(
      400,
    );
    expect((await event({ ...told, messageId: undefined, id: 'a', userPoolId: strange })).status).toBe(400);
  });
});
