/** What Amazon SNS posts is believed when a topic that was named signed it, and nothing else leads this server anywhere. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSnsGet } from '../../packages/server/src/domain/delivery/feedback/sns-get.ts';
import { createSnsSignatures } from '../../packages/server/src/domain/delivery/feedback/sns-signature.ts';
import { createSnsSubscriber } from '../../packages/server/src/domain/delivery/feedback/sns-subscriber.ts';
import { openCertificate } from '../support/mail-server.ts';
import { certificateOf, openSnsTopic, type SnsTopic } from '../support/sns-topic.ts';

const DELIVERY = {
  notificationType: 'Delivery',
  mail: { messageId: 'ses-1' },
  delivery: { timestamp: '2026-01-02T03:04:05.000Z' },
};

let topic: SnsTopic;
beforeAll(async () => {
  topic = await openSnsTopic((path) =>
    path.startsWith('/large')
      ? { status: 200, body: 'x'.repeat(20_000) }
      : path.startsWith('/none')
        ? { status: 404, body: '' }
        : path.startsWith('/moved')
          ? { status: 302, body: '' }
          : path.startsWith('/odd')
            ? { status: 200, body: 'no certificate' }
            : undefined,
  );
});
afterAll(() => topic[Symbol.asyncDispose]());

function subscriber(get = createSnsGet(topic.standIn), now = Date.now) {
  const lines: string[] = [];
  const receive = createSnsSubscriber({
    topics: [topic.arn],
    get,
    isSigned: createSnsSignatures(get, now),
    log: pino({ level: 'debug' }, { write: (line) => lines.push(line) }),
  });
  return { lines, receive: (body: string) => receive(body, Date.now()) };
}

describe('a message of a topic', () => {
  test.each(['1', '2'] as const)('is believed with a signature of version %s', async (version) => {
    expect(await subscriber().receive(topic.notification(DELIVERY, { version }))).toMatchObject({
      providerId: 'ses-1',
      outcome: 'delivered',
      at: Date.parse(DELIVERY.delivery.timestamp),
    });
  });

  test('is believed with a subject, which is signed where there is one', async () => {
    const body = topic.notification(DELIVERY, {
      members: { Subject: 'Amazon SES Email Event Notification' },
    });
    expect(await subscriber().receive(body)).toMatchObject({ outcome: 'delivered' });
    const { Subject, ...without } = JSON.parse(body);
    expect(await subscriber().receive(JSON.stringify(without))).toBe('refused');
  });

  test.each(['Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type', 'Signature'])(
    'is refused where its %s is not what was signed',
    async (name) => {
      const message = JSON.parse(topic.notification(DELIVERY));
      const other = { Type: 'Notification ', TopicArn: `${topic.arn}x`, Signature: 'AAAA' }[name];
      const changed = JSON.stringify({ ...message, [name]: other ?? `${message[name]} ` });
      expect(await subscriber().receive(changed)).toMatch(/refused|malformed/);
    },
  );

  test('is refused with the hash of the other version', async () => {
    const message = JSON.parse(topic.notification(DELIVERY, { version: '1' }));
    expect(await subscriber().receive(JSON.stringify({ ...message, SignatureVersion: '2' }))).toBe('refused');
  });

  test('is refused of a topic that was not named, though SNS signed it, and nothing is fetched', async () => {
    const visited = topic.visited.length;
    const members = { TopicArn: 'arn:aws:sns:us-east-1:999999999999:bounces' };
    expect(await subscriber().receive(topic.notification(DELIVERY, { members }))).toBe('refused');
    expect(topic.visited).toHaveLength(visited);
  });

  test.each([
    'http://sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com.evil.example/a.pem',
    'https://sns.eu-west-1.amazonaws.com/a.pem',
    'https://evil.example/sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com@evil.example/a.pem',
    'https://user@sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com:8443/a.pem',
    'https://sns.us-east-1.amazonaws.com/a.pem?b',
    'https://sns.us-east-1.amazonaws.com/?a.pem',
    'https://sns.us-east-1.amazonaws.com/a/../b.txt',
    'https://s3.us-east-1.amazonaws.com/a.pem',
    'nonsense',
  ])('is refused with its certificate at %s, which is not fetched', async (SigningCertURL) => {
    const visited = topic.visited.length;
    const body = topic.notification(DELIVERY, { members: { SigningCertURL } });
    expect(await subscriber().receive(body)).toBe('refused');
    expect(topic.visited).toHaveLength(visited);
  });

  test('is refused when the certificate has run out', async () => {
    const late = () => Date.now() + 40 * 86_400_000;
    expect(await subscriber(undefined, late).receive(topic.notification(DELIVERY))).toBe('refused');
  });

  test('is refused where what is fetched is no certificate', async () => {
    const members = { SigningCertURL: 'https://sns.us-east-1.amazonaws.com/odd.pem' };
    expect(await subscriber().receive(topic.notification(DELIVERY, { members }))).toBe('refused');
  });

  test.each(['none', 'large', 'moved'])('comes again where the certificate is %s', async (name) => {
    const members = { SigningCertURL: `https://sns.us-east-1.amazonaws.com/${name}.pem` };
    expect(await subscriber().receive(topic.notification(DELIVERY, { members }))).toBe('failed');
  });

  test('comes again where the host of the certificate is not who it says', async () => {
    const [other, unknown] = [await certificateOf('elsewhere.example'), await openCertificate()];
    for (const ca of [other.cert, unknown.cert]) {
      const { receive } = subscriber(createSnsGet({ ...topic.standIn, ca }));
      expect(await receive(topic.notification(DELIVERY))).toBe('failed');
    }
    unknown[Symbol.dispose]();
  });

  test('is ignored a day later, as who kept it may send it again', async () => {
    const at = new Date(Date.now() - 25 * 3_600_000);
    expect(await subscriber().receive(topic.notification(DELIVERY, { at }))).toBe('ignored');
  });

  test.each([
    '',
    'null',
    '[]',
    '{',
    '{}',
    '"x"',
    '{"Type":"Notification"}',
    '{"Type":{"toString":1},"TopicArn":[]}',
  ])('is none: %s', async (body) => expect(await subscriber().receive(body)).toBe('malformed'));

  test('costs one fetch of the certificate, and twenty a minute whoever asks for others', async () => {
    const { receive } = subscriber();
    const visited = topic.visited.length;
    await Promise.all([1, 2, 3].map(() => receive(topic.notification(DELIVERY))));
    expect(topic.visited).toHaveLength(visited + 1);
    for (let index = 0; index < 25; index += 1) {
      const members = { SigningCertURL: `https://sns.us-east-1.amazonaws.com/odd${index}.pem` };
      await receive(topic.notification(DELIVERY, { members }));
    }
    expect(topic.visited).toHaveLength(visited + 20);
    expect(await receive(topic.notification(DELIVERY))).toMatchObject({ outcome: 'delivered' });
  });
});

describe('a subscription', () => {
  test('is confirmed by visiting what SNS signed', async () => {
    expect(await subscriber().receive(topic.confirmation())).toBe('confirmed');
    expect(topic.visited.at(-1)).toBe(
      `/?Action=ConfirmSubscription&TopicArn=${topic.arn}&Token=2336412f37fb`,
    );
  });

  test.each([
    'https://evil.example/?Action=ConfirmSubscription',
    'https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe',
    'https://sns.us-east-1.amazonaws.com.evil.example/?Action=ConfirmSubscription',
    'http://169.254.169.254/latest/?Action=ConfirmSubscription',
  ])('is not confirmed at %s, though it was signed', async (SubscribeURL) => {
    const { receive } = subscriber();
    await receive(topic.notification(DELIVERY));
    const visited = topic.visited.length;
    expect(await receive(topic.confirmation({ members: { SubscribeURL } }))).toBe('refused');
    expect(topic.visited).toHaveLength(visited);
  });

  test('is asked for again where it could not be confirmed', async () => {
    const SubscribeURL = 'https://sns.us-east-1.amazonaws.com/none?Action=ConfirmSubscription';
    expect(await subscriber().receive(topic.confirmation({ members: { SubscribeURL } }))).toBe('failed');
  });

  test('is not confirmed without a signature', async () => {
    const message = JSON.parse(topic.confirmation());
    expect(await subscriber().receive(JSON.stringify({ ...message, Token: 'other' }))).toBe('refused');
  });
});
