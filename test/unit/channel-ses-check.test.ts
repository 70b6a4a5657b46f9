import type { EmailConfigurationType } from '@poolkeeper/model';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MailChannel } from '../../packages/server/src/domain/delivery/channels/channel.ts';
import type { PoolConfig } from '../../packages/server/src/domain/pools/pool-config.ts';
import { signerOf } from '../support/aws-stand-in.ts';
import { CODE, mailChannel } from '../support/email.ts';
import {
  type Behaviour,
  openProviderServer,
  type ProviderRequest,
  type ProviderServer,
} from '../support/provider-server.ts';

const ARN = 'arn:aws:ses:eu-west-1:123456789012:identity/shop@example.com';
const refusing = (status: number, type: string): Behaviour => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: { message: `What only AWS says: ${CODE}.` },
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
});

const lastRequest = () => ses.requests.at(-1) as ProviderRequest;

describe('a pool', () => {
  /** Undefined: it is stored. */
  async function refused(
    EmailConfiguration: EmailConfigurationType,
    by = channel,
  ): Promise<string | undefined> {
    try {
      await by.checkPool?.({ EmailConfiguration } as PoolConfig);
      return undefined;
    } catch (error) {
      const { name, message } = error as Error;
      return `${name}: ${message}`;
    }
  }
  const developer: EmailConfigurationType = { EmailSendingAccount: 'DEVELOPER', SourceArn: ARN };
  const unverified = `InvalidParameterException: Cognito received the following error from Amazon SES when attempting to send email: Email address is not verified. The following identities failed the check in region EU-WEST-1: ${ARN}`;

  test('with an identity that is verified is stored', async () => {
    ses.answerWith({ body: { VerifiedForSendingStatus: true } });
    expect(await refused(developer)).toBeUndefined();
    expect(lastRequest().path).toBe('/v2/email/identities/shop%40example.com');
    expect(signerOf(lastRequest()).region).toBe('eu-west-1');
  });

  test.each<[string, Behaviour]>([
    ['is not verified', { body: { VerifiedForSendingStatus: false } }],
    ['is not there', refusing(404, 'NotFoundException')],
  ])('with an identity that %s is refused, as by Amazon Cognito', async (_, behaviour) => {
    ses.answerWith(behaviour);
    expect(await refused(developer)).toBe(unverified);
  });

  test('with a configuration set that is not there is refused', async () => {
    ses.answerWith(refusing(404, 'NotFoundException'));
    expect(await refused({ EmailSendingAccount: 'COGNITO_DEFAULT', ConfigurationSet: 'codes' })).toBe(
      'InvalidParameterException: EmailConfiguration.ConfigurationSet: Amazon SES in us-east-1 has no configuration set codes.',
    );
    expect(lastRequest().path).toBe('/v2/email/configuration-sets/codes');
  });

  test.each<Behaviour>([
    refusing(403, 'AccessDeniedException'),
    refusing(429, 'TooManyRequestsException'),
    { status: 404, body: '<html>' },
    { status: 503 },
    'reset-after-reading',
  ])('is stored where SES says nothing certain: %j', async (behaviour) => {
    ses.answerWith(behaviour);
    expect(await refused({ ...developer, ConfigurationSet: 'codes' })).toBeUndefined();
    expect(ses.requests).toHaveLength(2);
  });

  test('is stored where SES does not answer in time', async () => {
    ses.answerWith('hang');
    const hasty = mailChannel(`ses://us-east-1?endpoint=${ses.url}`, { patience: 100 });
    expect(await refused({ ...developer, ConfigurationSet: 'codes' }, hasty)).toBeUndefined();
    await hasty.close();
  }, 5_000);

  test('that names nothing of SES is not asked about', async () => {
    expect(await refused({ EmailSendingAccount: 'COGNITO_DEFAULT', SourceArn: ARN })).toBeUndefined();
    expect(ses.requests).toEqual([]);
  });
});

describe('the check', () => {
  const account = (over: object = {}): Behaviour => ({
    body: {
      SendingEnabled: true,
      ProductionAccessEnabled: true,
      SendQuota: { Max24HourSend: 50_000, SentLast24Hours: 7 },
      ...over,
    },
  });
  const answers = (over: Readonly<Record<string, Behaviour>>) => {
    const all: Record<string, Behaviour> = {
      '/v2/email/account': account(),
      '/v2/email/identities/no-reply%40example.com': { body: { VerifiedForSendingStatus: true } },
      '/v2/email/identities/example.com': refusing(404, 'NotFoundException'),
      ...over,
    };
    ses.answerWith(({ path }) => all[path] ?? refusing(404, 'NotFoundException'));
  };
  const texts = async (of = channel) =>
    (await of.check()).map(({ ok, text }) => `${ok ? 'ok' : 'NO'} ${text}`);

  test('finds an account that may send, and its sender', async () => {
    answers({});
    expect(await texts()).toEqual([
      'ok Amazon SES in us-east-1 has sent 7 of 50000 messages that it may in 24 hours.',
      'ok The sender no-reply@example.com is verified (no-reply@example.com).',
    ]);
  });

  test('finds the domain of the sender, and the configuration set', async () => {
    answers({
      '/v2/email/identities/no-reply%40example.com': refusing(404, 'NotFoundException'),
      '/v2/email/identities/example.com': { body: { VerifiedForSendingStatus: true } },
      '/v2/email/configuration-sets/codes': { body: { SendingOptions: { SendingEnabled: true } } },
    });
    const url = `ses://us-east-1?from=Us%20<no-reply@example.com>&configuration-set=codes&endpoint=${ses.url}`;
    const other = mailChannel(url);
    expect((await texts(other)).slice(1)).toEqual([
      'ok The sender no-reply@example.com is verified (example.com).',
      'ok The configuration set codes is there.',
    ]);
    await other.close();
  });

  test.each<[string, Record<string, Behaviour>, string]>([
    ['a sandbox', { '/v2/email/account': account({ ProductionAccessEnabled: false }) }, 'is in its sandbox'],
    ['a pause', { '/v2/email/account': account({ SendingEnabled: false }) }, 'sending is paused'],
    [
      'a quota that is used up',
      { '/v2/email/account': account({ SendQuota: { Max24HourSend: 200, SentLast24Hours: 200 } }) },
      'sent 200 of 200',
    ],
    [
      'a sender that nobody verified',
      { '/v2/email/identities/no-reply%40example.com': { body: { VerifiedForSendingStatus: false } } },
      'Neither no-reply@example.com nor example.com is a verified identity',
    ],
    [
      'credentials that are wrong',
      { '/v2/email/account': refusing(403, 'UnrecognizedClientException') },
      'are not accepted: UnrecognizedClientException',
    ],
    ['no answer', { '/v2/email/account': { status: 500 } }, 'did not answer ses:GetAccount: HTTP_500'],
  ])('tells of %s', async (_, over, text) => {
    answers(over);
    const findings = await texts();
    expect(findings.filter((finding) => finding.startsWith('NO'))).toEqual([expect.stringContaining(text)]);
    expect(findings.join()).not.toContain(CODE);
  });

  test('does not hold it against credentials that they may only send', async () => {
    ses.answerWith(refusing(403, 'AccessDeniedException'));
    expect(await texts()).toEqual([
      'ok Not looked at, for the AWS credentials lack ses:GetAccount.',
      'ok Not looked at, for the AWS credentials lack ses:GetEmailIdentity.',
    ]);
  });
});
