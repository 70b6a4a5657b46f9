/** What providers tell of messages they accepted, read as each of them writes it. */
import { createHmac, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { readDeliveryEvent } from '../../packages/server/src/domain/delivery/feedback/delivery-event.ts';
import { feedbackIn } from '../../packages/server/src/domain/delivery/feedback/sns-notification.ts';
import { isSignedWebhook } from '../../packages/server/src/domain/delivery/feedback/standard-webhook.ts';
import { createFeedbackTaker } from '../../packages/server/src/domain/delivery/feedback/take-feedback.ts';
import { createTwilioCallbacks } from '../../packages/server/src/domain/delivery/feedback/twilio-callback.ts';
import { MINUTE, SECOND } from '../../packages/server/src/platform/duration.ts';

const AT = Date.parse('2026-01-02T03:04:05Z');
const TIME = '2026-01-02T03:04:00.000Z';

describe('Amazon SES', () => {
  const told = (type: string, more: object, mail: object = {}, name = 'notificationType') =>
    feedbackIn(JSON.stringify({ [name]: type, mail: { messageId: 'm-1', ...mail }, ...more }), AT);

  test("tells of a bounce, in the documentation's own sample", () => {
    const bounce = {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      reportingMTA: 'dns; email.example.com',
      bouncedRecipients: [
        {
          emailAddress: 'jane@example.com',
          status: '5.1.1',
          action: 'failed',
          diagnosticCode: 'smtp; 550 5.1.1 <jane@example.com>... User',
        },
      ],
      timestamp: TIME,
      feedbackId: 'x',
      remoteMtaIp: '127.0.2.0',
    };
    const found = told('Bounce', { bounce });
    expect(found).toEqual({
      by: 'ses',
      providerId: 'm-1',
      outcome: 'bounced',
      code: 'Permanent.General',
      at: Date.parse(TIME),
    });
    expect(JSON.stringify(found)).not.toContain('jane');
  });

  test.each([
    [
      'Bounce',
      { bounce: { bounceType: 'Transient', bounceSubType: 'MailboxFull' } },
      'undelivered',
      'Transient.MailboxFull',
    ],
    ['Bounce', { bounce: { bounceType: 'Undetermined' } }, 'bounced', 'Undetermined'],
    ['Complaint', { complaint: { complaintFeedbackType: 'not-spam' } }, 'complained', 'not-spam'],
    ['Complaint', {}, 'complained', undefined],
    ['Delivery', { delivery: { timestamp: 'soon' } }, 'delivered', undefined],
    ['Reject', { reject: { reason: 'Bad content' } }, 'undelivered', 'Reject'],
    ['Rendering Failure', { failure: {} }, 'undelivered', 'RenderingFailure'],
  ])('tells of %s %o: %s', (type, more, outcome, code) => {
    for (const name of ['notificationType', 'eventType']) {
      expect(told(type, more, {}, name)).toEqual({
        by: 'ses',
        providerId: 'm-1',
        outcome,
        at: AT,
        ...(code && { code }),
      });
    }
  });

  test.each(['Send', 'Open', 'Click', 'DeliveryDelay', 'Subscription', 'toString', ''])(
    'tells nothing for a record with %s',
    (type) => expect(told(type, {})).toBeUndefined(),
  );

  test('gives back the names that the message carried, which find it before its acceptance is stored', () => {
    const tags = {
      'poolkeeper-message': ['id-1'],
      'poolkeeper-pool': ['us-east-1_A'],
      'ses:from-domain': ['x'],
    };
    expect(told('Delivery', {}, { tags })).toMatchObject({ id: 'id-1', poolId: 'us-east-1_A' });
    expect(told('Delivery', {}, { tags: { 'poolkeeper-message': ['id-1'] } })).not.toHaveProperty('id');
  });

  test.each([
    { messageId: undefined },
    { messageId: 5 },
    { messageId: 'x'.repeat(300) },
    { messageId: '' },
    { tags: 'x', messageId: null },
  ])('tells of no message: %o', (mail) => expect(told('Delivery', {}, mail)).toBeUndefined());
});

describe('AWS End User Messaging', () => {
  const told = (eventType: unknown, more: object = {}) =>
    feedbackIn(JSON.stringify({ eventType, messageId: 'e-1', eventTimestamp: AT + 1, ...more }), AT);

  test.each(['TEXT_DELIVERED', 'TEXT_SUCCESSFUL'])('says that it arrived: %s', (type) => {
    expect(told(type)).toEqual({
      by: 'eum',
      providerId: 'e-1',
      outcome: 'delivered',
      code: type,
      at: AT + 1,
    });
  });
  test.each([
    'TEXT_INVALID',
    'TEXT_UNREACHABLE',
    'TEXT_BLOCKED',
    'TEXT_SPAM',
    'TEXT_TTL_EXPIRED',
    'TEXT_UNKNOWN',
  ])('says that it did not: %s', (type) =>
    expect(told(type)).toMatchObject({ outcome: 'undelivered', code: type }),
  );
  test.each(['TEXT_QUEUED', 'TEXT_SENT', 'TEXT_PENDING', 'VOICE_COMPLETED', 5, undefined])(
    'says nothing yet: %s',
    (type) => expect(told(type)).toBeUndefined(),
  );
  test('gives back the context of the message', () => {
    const context = { 'poolkeeper-message': 'id-1', 'poolkeeper-pool': 'us-east-1_A' };
    expect(told('TEXT_DELIVERED', { context })).toMatchObject({ id: 'id-1', poolId: 'us-east-1_A' });
  });
  test.each(['', 'null', '[]', 'x', '{"mail":[]}'])('is none: %s', (text) => {
    expect(feedbackIn(text, AT)).toBeUndefined();
  });
});

describe('Twilio', () => {
  const URL = 'https://login.example.com/delivery/twilio';
  const callbacks = createTwilioCallbacks(
    ['twilio://AC1:tokenA@api.example?from=+12065550100', 'sns://us-east-1', 'twilio://AC2:tokenB@b.example'],
    'https://login.example.com',
  );
  const sign = (params: Record<string, string>, token = 'tokenB', url = URL) => {
    const text = Object.keys(params)
      .sort()
      .map((name) => name + params[name])
      .join('');
    return createHmac('sha1', token)
      .update(url + text)
      .digest('base64');
  };
  const read = (params: Record<string, string>, signature: unknown = sign(params)) =>
    callbacks?.read(new URLSearchParams(params).toString(), signature, AT);
  const params = { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30005', To: '+12065550123' };

  test('tells what became of a message, signed with the token of either channel', () => {
    const told = {
      providerId: 'SM1',
      channel: 'twilio',
      at: AT,
      outcome: 'undelivered',
      code: 'TWILIO_30005',
    };
    expect(read(params)).toEqual(told);
    expect(read(params, sign(params, 'tokenA'))).toEqual(told);
    expect(read({ MessageSid: 'SM1', MessageStatus: 'delivered' })).toMatchObject({ outcome: 'delivered' });
    expect(read({ MessageSid: 'SM1', MessageStatus: 'failed' })).toMatchObject({ outcome: 'undelivered' });
  });
  test.each(['queued', 'sending', 'sent', 'accepted', 'constructor', ''])(
    'says nothing yet: %s',
    (MessageStatus) => {
      expect(read({ MessageSid: 'SM1', MessageStatus })).toBe('ignored');
    },
  );
  test.each([
    ['none', undefined],
    ['another token', sign(params, 'tokenC')],
    ['another URL', sign(params, 'tokenA', 'https://login.example.com/')],
    ['another form', sign({ ...params, ErrorCode: '1' })],
    ['a list', [sign(params)]],
  ])('is refused with the signature of %s', (_, signature) => {
    expect(callbacks?.read(new URLSearchParams(params).toString(), signature, AT)).toBe('refused');
  });
  test('has no callbacks where the server is not reached by https, or no channel asks for them', () => {
    expect(createTwilioCallbacks(['twilio://AC1:t@a.example'], 'http://127.0.0.1')).toBeUndefined();
    expect(createTwilioCallbacks(['twilio://AC1:t@a.example'], undefined)).toBeUndefined();
    expect(createTwilioCallbacks(['sns://us-east-1'], 'https://login.example.com')).toBeUndefined();
    const off = 'twilio://AC1:t@a.example?status-callback=off';
    expect(createTwilioCallbacks([off], 'https://login.example.com')).toBeUndefined();
  });
});

describe('a signed event', () => {
  const [secret, older] = [0, 1].map(() => `whsec_${randomBytes(32).toString('base64')}`) as [string, string];
  const body = '{"id":"m","userPoolId":"p","status":"delivered"}';
  const now = Date.now();
  const headersBy = (by: string, at = now, id = 'msg_1') => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / SECOND)),
    'webhook-signature': new Webhook(by).sign(id, new Date(at), body),
  });

  test('is one that the reference implementation signs, with the secret of today or the one before', () => {
    for (const by of [secret, older]) {
      expect(isSignedWebhook([secret, older], headersBy(by), body, now)).toBe(true);
    }
    const both = `v1a,xxx ${headersBy(older)['webhook-signature']} ${headersBy(secret)['webhook-signature']}`;
    expect(isSignedWebhook([secret], { ...headersBy(secret), 'webhook-signature': both }, body, now)).toBe(
      true,
    );
  });
  test.each<[string, Record<string, unknown>]>([
    ['another secret', headersBy(older)],
    ['no id', { ...headersBy(secret), 'webhook-id': undefined }],
    ['another id', { ...headersBy(secret), 'webhook-id': 'msg_2' }],
    ['another time', { ...headersBy(secret), 'webhook-timestamp': String(Math.floor(now / SECOND) + 1) }],
    ['no time', { ...headersBy(secret), 'webhook-timestamp': 'NaN' }],
    [
      'another version',
      {
        ...headersBy(secret),
        'webhook-signature': headersBy(secret)['webhook-signature'].replace('v1', 'v2'),
      },
    ],
    [
      'half a signature',
      { ...headersBy(secret), 'webhook-signature': headersBy(secret)['webhook-signature'].slice(0, 20) },
    ],
    ['six minutes ago', headersBy(secret, now - 6 * MINUTE)],
    ['in six minutes', headersBy(secret, now + 6 * MINUTE)],
    ['a list', { ...headersBy(secret), 'webhook-signature': [headersBy(secret)['webhook-signature']] }],
  ])('is refused with %s', (_, headers) => {
    expect(isSignedWebhook([secret], headers, body, now)).toBe(false);
  });

  test.each([
    [
      '{"id":"m","userPoolId":"p","status":"bounced","code":"5.1.1","at":"2026-01-02T03:04:05Z"}',
      { id: 'm', poolId: 'p', providerId: 'm', outcome: 'bounced', code: '5.1.1', at: AT },
    ],
    ['{"messageId":"theirs","status":"complained"}', { providerId: 'theirs', outcome: 'complained', at: 7 }],
  ])('says %s', (text, told) => expect(readDeliveryEvent(text, 7)).toMatchObject(told));

  test.each([
    ['no JSON', 'x', /JSON object/],
    ['no object', '[]', /JSON object/],
    ['no status', '{"messageId":"x"}', /status must be/],
    [
      'what this server itself sends',
      '{"id":"m","userPoolId":"p","to":"a@example.com","body":"…"}',
      /status must be/,
    ],
    ['another status', '{"messageId":"x","status":"sent"}', /status must be/],
    ['no message', '{"status":"delivered"}', /Say which/],
    ['an id without its pool', '{"id":"m","status":"delivered"}', /Say which/],
    ['a number', '{"messageId":5,"status":"delivered"}', /messageId must be a text/],
    ['a long id', `{"messageId":"${'x'.repeat(129)}","status":"delivered"}`, /1 to 128/],
    ['a sentence for a code', '{"messageId":"x","status":"bounced","code":"no such user"}', /a word/],
    ['no time', '{"messageId":"x","status":"bounced","at":"yesterday"}', /a time/],
  ])('is refused where it says %s', (_, text, sentence) => {
    expect(readDeliveryEvent(text, AT)).toMatch(sentence);
  });
});

describe('a message that nobody knows', () => {
  const taker = (answers: boolean[]) => {
    const pauses: number[] = [];
    const storage = { write: async () => answers.shift() ?? false } as never;
    const take = createFeedbackTaker({ storage, clock: { now: () => AT } as never }, async (pause) => {
      pauses.push(pause);
    });
    return { take, pauses };
  };
  const told = { providerId: 'x', at: AT, outcome: 'delivered' as const };

  test('is looked for again: its acceptance may be about to be stored', async () => {
    const { take, pauses } = taker([false, false, true]);
    expect(await take(told)).toBe(true);
    expect(pauses).toHaveLength(2);
  });
  test('is given up after three seconds', async () => {
    const { take, pauses } = taker([]);
    expect(await take(told)).toBe(false);
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBe(3000);
  });
  test('is not looked for again when it is told of later', async () => {
    const { take, pauses } = taker([]);
    expect(await take({ ...told, at: AT - 2 * MINUTE })).toBe(false);
    expect(pauses).toEqual([]);
  });
});
