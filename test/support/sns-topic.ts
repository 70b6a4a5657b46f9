import { createSign, randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

const HOST = 'sns.us-east-1.amazonaws.com';

interface Signed {
  readonly version?: '1' | '2';
  readonly at?: Date;
  /** Members that differ from what Amazon SNS would send, signed like the others. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** A certificate for a host, which is its own authority. */
export const certificateOf = (host: string, days = 1) =>
  generate([{ name: 'commonName', value: host }], {
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + days * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  });

/** Amazon SNS as a subscriber by HTTPS meets it: it signs what it sends, serves its certificate, and hears confirmations. */
export async function openSnsTopic(answer?: (path: string) => { status: number; body: string } | undefined) {
  const arn = 'arn:aws:sns:us-east-1:123456789012:bounces';
  const [tls, signing] = await Promise.all([certificateOf(HOST), certificateOf(HOST)]);
  const visited: string[] = [];
  const server = createServer({ key: tls.private, cert: tls.cert }, ({ url = '' }, response) => {
    visited.push(url);
    const { status, body } = answer?.(url) ?? { status: 200, body: signing.cert };
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  /** "Verifying the signatures of Amazon SNS messages" says what is signed. */
  function signed(
    type: string,
    names: readonly string[],
    own: Record<string, unknown>,
    { version = '2', at = new Date(), members = {} }: Signed,
  ): string {
    const message: Record<string, unknown> = {
      Type: type,
      MessageId: randomUUID(),
      TopicArn: arn,
      Timestamp: at.toISOString(),
      SignatureVersion: version,
      SigningCertURL: `https://${HOST}/SimpleNotificationService-0123456789abcdef.pem`,
      ...own,
      ...members,
    };
    const text = names.filter((name) => name in message).map((name) => `${name}\n${message[name]}\n`);
    const signer = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(text.join(''));
    return JSON.stringify({ ...message, Signature: signer.sign(signing.private, 'base64') });
  }

  return {
    arn,
    standIn: { host: '127.0.0.1', port, ca: tls.cert },
    /** The paths that were asked for. */
    visited,
    notification: (message: unknown, how: Signed = {}) =>
      signed(
        'Notification',
        ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
        { Message: typeof message === 'string' ? message : JSON.stringify(message), UnsubscribeURL: 'x' },
        how,
      ),
    confirmation: (how: Signed = {}) =>
      signed(
        'SubscriptionConfirmation',
        ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
        {
          Message: 'You have chosen to subscribe to the topic.',
          Token: '2336412f37fb',
          SubscribeURL: `https://${HOST}/?Action=ConfirmSubscription&TopicArn=${arn}&Token=2336412f37fb`,
        },
        how,
      ),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export type SnsTopic = Awaited<ReturnType<typeof openSnsTopic>>;
