import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../packages/server/src/config/config-error.ts';
import type { MailChannel } from '../../packages/server/src/domain/delivery/channels/channel.ts';
import { signerOf } from '../support/aws-stand-in.ts';
import { CODE, MAIL, mailChannel, sentMail } from '../support/email.ts';
import { freePort } from '../support/free-port.ts';
import { openCertificate } from '../support/mail-server.ts';
import {
  type Behaviour,
  openProviderServer,
  type ProviderRequest,
  type ProviderServer,
} from '../support/provider-server.ts';

const ARN = 'arn:aws:ses:eu-west-1:123456789012:identity/shop@example.com';
const TAKEN = { body: { MessageId: '0100018b5c3c0a4f-abc-000000' } };
const refusing = (status: number, type: string, message = `What only AWS says: ${CODE}.`): Behaviour => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: { message },
});

let ses: ProviderServer;
let channel: MailChannel;
beforeAll(async () => {
  ses = await openProviderServer();
  channel = mailChannel(`ses://us-east-1?from=no-reply@example.com&endpoint=${ses.url}`);
});
afterAll(async () => {
  await channel.close();
  await ses[Symbol.asyncDispose]();
});
beforeEach(() => {
  ses.requests.length = 0;
  ses.answerWith(TAKEN);
});

const bodyOf = ({ body }: ProviderRequest) => JSON.parse(body);
const lastRequest = () => ses.requests.at(-1) as ProviderRequest;

describe('a mail', () => {
  test('goes by SendEmail, signed, with both of its parts, and the id that SES gives it is told', async () => {
    expect(channel.name).toBe('ses:us-east-1');
    expect(await sentMail(channel)).toEqual({ providerId: '0100018b5c3c0a4f-abc-000000' });
    expect(ses.requests).toHaveLength(1);
    expect(lastRequest()).toMatchObject({ method: 'POST', path: '/v2/email/outbound-emails' });
    expect(signerOf(lastRequest())).toMatchObject({ region: 'us-east-1', service: 'ses' });
    expect(bodyOf(lastRequest())).toEqual({
      FromEmailAddress: 'no-reply@example.com',
      Destination: { ToAddresses: ['ida@example.com'] },
      Content: {
        Simple: {
          Subject: { Data: MAIL.subject, Charset: 'UTF-8' },
          Body: {
            Text: { Data: MAIL.text, Charset: 'UTF-8' },
            Html: { Data: MAIL.html, Charset: 'UTF-8' },
          },
          Headers: [
            { Name: 'Auto-Submitted', Value: 'auto-generated' },
            { Name: 'X-Poolkeeper-Message-Id', Value: MAIL.id },
          ],
        },
      },
      // What events repeat, and by which they can be joined.
      EmailTags: [
        { Name: 'poolkeeper-message', Value: MAIL.id },
        { Name: 'poolkeeper-pool', Value: MAIL.poolId },
      ],
    });
  });

  test('of a pool with an identity of its own goes by its region, sender and configuration set', async () => {
    await sentMail(channel, {
      from: 'Shop <shop@example.com>',
      replyTo: 'Zoë, Help <help@exämple.com>',
      sourceArn: ARN,
      configurationSet: 'codes',
    });
    expect(signerOf(lastRequest()).region).toBe('eu-west-1');
    expect(bodyOf(lastRequest())).toMatchObject({
      FromEmailAddress: 'Shop <shop@example.com>',
      FromEmailAddressIdentityArn: ARN,
      ReplyToAddresses: [
        `=?UTF-8?B?${Buffer.from('Zoë, Help').toString('base64')}?= <help@xn--exmple-cua.com>`,
      ],
      ConfigurationSetName: 'codes',
    });
  });

  test('of a pool without one goes by the configuration set of the URL', async () => {
    const other = mailChannel(`ses://us-east-1?from=a@b.example&configuration-set=all&endpoint=${ses.url}`);
    await sentMail(other);
    expect(bodyOf(lastRequest()).ConfigurationSetName).toBe('all');
    await sentMail(other, { configurationSet: 'codes' });
    expect(bodyOf(lastRequest()).ConfigurationSetName).toBe('codes');
    await other.close();
  });

  test('has headers of one line, and one sender whatever it is called', async () => {
    await sentMail(channel, {
      subject: 'Hello\r\nBcc: eve@example.com',
      from: 'Shop, "the" \\ one <shop@example.com>',
    });
    const { FromEmailAddress, Content } = bodyOf(lastRequest());
    expect(FromEmailAddress).toBe('"Shop, \\"the\\" \\\\ one" <shop@example.com>');
    expect(Content.Simple.Subject.Data).toBe('Hello Bcc: eve@example.com');
    const long = 'ü'.repeat(60);
    await sentMail(channel, { from: `${long} <shop@example.com>` });
    const words = bodyOf(lastRequest()).FromEmailAddress.split(' ').slice(0, -1) as string[];
    expect(words.every((word) => word.length <= 75)).toBe(true);
    const decoded = words.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString()).join('');
    expect(decoded).toBe(long);
  });

  test.each(['a@example.com, b@example.com', 'a@example.com\r\nBcc: b@example.com'])(
    'goes to one address alone, not to %j',
    async (to) => {
      expect(await sentMail(channel, { to })).toMatchObject({ refused: 'UNDELIVERABLE' });
      expect(ses.requests).toEqual([]);
    },
  );

  test('without any sender is not sent', async () => {
    const nameless = mailChannel(`ses://us-east-1?endpoint=${ses.url}`);
    expect(await sentMail(nameless)).toMatchObject({ notAccepted: 'NO_SENDER', blames: 'sender' });
    expect(ses.requests).toEqual([]);
    await nameless.close();
  });
});

describe('what SES answers instead', () => {
  const passing = (notAccepted: string, blames = 'provider') => ({ notAccepted, blames });
  const notVerified = (who: string) =>
    `Email address is not verified. The following identities failed the check in region US-EAST-1: ${who}`;
  test.each<[string, Behaviour, object]>([
    [
      'is final for a message that it rejects',
      refusing(400, 'MessageRejected'),
      { refused: 'SES_MessageRejected' },
    ],
    [
      'is final for a request that it finds bad',
      refusing(400, 'BadRequestException'),
      { refused: 'SES_BadRequestException' },
    ],
    [
      'blames the sender that is not verified, and not the message',
      refusing(400, 'MessageRejected', notVerified('no-reply@example.com')),
      {
        ...passing('SES_MessageRejected', 'sender'),
        text: expect.stringContaining('The sender is no verified'),
      },
    ],
    [
      'tells of the sandbox where the recipient is not verified',
      refusing(400, 'MessageRejected', notVerified('Ida@example.com')),
      { ...passing('SES_MessageRejected', 'recipient'), text: expect.stringContaining('sandbox') },
    ],
    [
      'takes a wire word for a word, and for nothing that every object has',
      refusing(400, 'constructor'),
      { ...passing('SES_constructor', 'provider'), text: expect.not.stringContaining('native') },
    ],
    ...(
      [
        [400, 'SendingPausedException'],
        [400, 'AccountSuspendedException'],
        [400, 'MailFromDomainNotVerifiedException'],
        [404, 'NotFoundException'],
      ] as const
    ).map(
      ([status, type]) =>
        [`blames the sender for ${type}`, refusing(status, type), passing(`SES_${type}`, 'sender')] as [
          string,
          Behaviour,
          object,
        ],
    ),
    ...[
      'AccessDeniedException',
      'UnrecognizedClientException',
      'InvalidSignatureException',
      'ExpiredTokenException',
    ].map(
      (type) =>
        [
          `blames the credentials for ${type}`,
          refusing(403, type),
          passing(`SES_${type}`, 'email-role-access'),
        ] as [string, Behaviour, object],
    ),
    [
      'passes: too many requests',
      refusing(429, 'TooManyRequestsException'),
      passing('SES_TooManyRequestsException'),
    ],
    [
      'passes: throttling by status 400',
      refusing(400, 'ThrottlingException'),
      passing('SES_ThrottlingException'),
    ],
    [
      'passes: a limit exceeded',
      refusing(400, 'LimitExceededException'),
      passing('SES_LimitExceededException'),
    ],
    [
      'passes: an error of its own',
      refusing(500, 'InternalServiceErrorException'),
      passing('SES_InternalServiceErrorException'),
    ],
    [
      'passes: a status of trouble, whatever is said',
      refusing(503, 'BadRequestException'),
      { blames: 'provider' },
    ],
    ['passes: another, whatever is said', refusing(500, 'AccessDeniedException'), { blames: 'provider' }],
    ['passes: a page of a proxy', { status: 503, body: `<html>${CODE}` }, passing('SES_HTTP_503')],
    ['passes: a success of a proxy', { body: '<html>' }, { blames: 'provider' }],
    ['passes: a success without an id', { body: {} }, passing('SES_ANSWER')],
    ['passes: a reset before it was read', 'reset-before-reading', passing('SES_ECONNRESET')],
    ['passes: a reset after it was read', 'reset-after-reading', passing('SES_ECONNRESET')],
    ['passes: half an answer', 'half-an-answer', { blames: 'provider' }],
    ['passes: megabytes', 'megabytes', { blames: 'provider' }],
    ['passes: another protocol', 'no-http', { blames: 'provider' }],
  ])('%s', async (_, behaviour, told) => {
    ses.answerWith(behaviour);
    const outcome = await sentMail(channel);
    expect(outcome).toMatchObject(told);
    // Trying again is the outbox's, which knows when a code has expired.
    expect(ses.requests).toHaveLength(1);
    expect(JSON.stringify(outcome)).not.toContain(CODE);
    expect(ses.bytesWritten()).toBeLessThan(8_000_000);
  });

  test('is about a recipient whose domain it was told as the DNS has it', async () => {
    ses.answerWith(refusing(400, 'MessageRejected', notVerified('ida@xn--bcher-kva.example')));
    const told = passing('SES_MessageRejected', 'recipient');
    expect(await sentMail(channel, { to: 'ida@b\u00fccher.example' })).toMatchObject(told);
  });

  test.each(['hang', 'drip'] as const)('is waited for so long, and passes (%s)', async (behaviour) => {
    ses.answerWith(behaviour);
    const hasty = mailChannel(`ses://us-east-1?from=a@b.example&endpoint=${ses.url}`, { patience: 100 });
    expect(await sentMail(hasty)).toMatchObject({ blames: 'provider' });
    expect(ses.requests).toHaveLength(1);
    await hasty.close();
  });

  test('is not listened to, where nobody vouches for its certificate', async () => {
    using certificate = await openCertificate();
    await using impostor = await openProviderServer(TAKEN, certificate);
    const deceived = mailChannel(`ses://us-east-1?from=a@b.example&endpoint=${impostor.url}`);
    expect(await sentMail(deceived)).toMatchObject(passing('SES_DEPTH_ZERO_SELF_SIGNED_CERT'));
    expect(impostor.requests).toEqual([]);
    await deceived.close();
  });

  test('is nothing where nobody listens', async () => {
    const lost = mailChannel(
      `ses://us-east-1?from=a@b.example&endpoint=http://127.0.0.1:${await freePort()}`,
    );
    expect(await sentMail(lost)).toMatchObject(passing('SES_ECONNREFUSED'));
    await lost.close();
  });
});

test.each<[string, RegExp]>([
  ['ses://', /names no host/],
  ['ses://mail.example.com', /region of AWS/],
  ['ses://user:hunter2@us-east-1', /region of AWS/],
  ['ses://us-east-1/path', /region of AWS/],
  ['ses://us-east-1?from=nobody', /from that is no address/],
  ['ses://us-east-1?from=a@b.example&configuration-set=hunter2%20x', /configuration-set that is not/],
  ['ses://us-east-1?secret=hunter2', /an option other than from, configuration-set, endpoint/],
  ['ses://us-east-1?endpoint=http://mail.example.com/hunter2', /unencrypted/],
])('%s is refused in production', (url, reason) => {
  let thrown: unknown;
  try {
    mailChannel(url, { mode: 'production' });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigError);
  expect((thrown as Error).message).toMatch(reason);
  expect((thrown as Error).message).not.toContain('hunter2');
});
