import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SmsChannel } from '../../packages/server/src/domain/delivery/channels/channel.ts';
import type { PoolConfig } from '../../packages/server/src/domain/pools/pool-config.ts';
import { assumed, callerIs, formOf, queryError, signerOf } from '../support/aws-stand-in.ts';
import { openCertificate } from '../support/mail-server.ts';
import { type Behaviour, openProviderServer, type ProviderServer } from '../support/provider-server.ts';
import { refusal } from '../support/refusal.ts';
import { NOW, patienceFor, ROLE, SECRETS, sent, sms, smsChannel } from '../support/sms.ts';

const accepted: Behaviour = { body: { MessageId: 'eum-1' } };
let eum: ProviderServer;
let sts: ProviderServer;
let certificate: Awaited<ReturnType<typeof openCertificate>>;
beforeAll(async () => {
  certificate = await openCertificate();
});
afterAll(() => certificate[Symbol.dispose]());
beforeEach(async () => {
  eum = await openProviderServer(accepted);
  sts = await openProviderServer(assumed(1, NOW + 3_600_000));
});
const open: SmsChannel[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((channel) => channel.close()));
  await Promise.all([eum[Symbol.asyncDispose](), sts[Symbol.asyncDispose]()]);
});

function channelWith(query = '', options: { patience?: number } = {}, endpoint = eum.url) {
  const url = `eum://us-east-1?endpoint=${endpoint}&sts-endpoint=${sts.url}${query}`;
  const { channel } = smsChannel(url, options);
  open.push(channel);
  return channel;
}

const inputs = () => eum.requests.map(({ body }) => JSON.parse(body));
const failing = (type: string, members: object = {}, status = 400): Behaviour => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: { __type: `com.amazonaws#${type}`, Message: `${SECRETS.to} ${SECRETS.text}`, ...members },
});
const EumsSms = { CallerArn: ROLE, ExternalId: 'their-id' };

test('a message goes as TRANSACTIONAL for as long as its code lives, with its id for events', async () => {
  const channel = channelWith();
  expect(channel.name).toBe('eum:us-east-1');
  expect(await sent(channel)).toEqual({ providerId: 'eum-1' });
  expect(eum.requests[0]?.headers['x-amz-target']).toBe('PinpointSMSVoiceV2.SendTextMessage');
  expect(inputs()).toEqual([
    {
      DestinationPhoneNumber: SECRETS.to,
      MessageBody: SECRETS.text,
      MessageType: 'TRANSACTIONAL',
      TimeToLive: 3600,
      Context: { 'poolkeeper-message': '0190-message', 'poolkeeper-pool': 'us-east-1_pool' },
    },
  ]);
  expect(sts.requests).toEqual([]);
});

test.each([
  [1, 5],
  [180_999, 180],
  [365 * 86_400_000, 259_200],
])(
  'a code that lives for %i ms more has the message live for %i s, within the bounds of the API',
  async (left, seconds) => {
    await sent(channelWith(), sms({ expiresAt: NOW + left }));
    expect(inputs()).toMatchObject([{ TimeToLive: seconds }]);
  },
);

describe('what EumsSms says is done', () => {
  const config = {
    EumsSms: {
      ...EumsSms,
      OriginationIdentity: 'pool-identity',
      ConfigurationSetName: 'pool-set',
      InEntityId: '1101',
      InTemplateId: '1107',
      Region: 'eu-west-1',
    },
  };
  const url = '&origination-identity=url-identity&configuration-set=url-set&max-price=1';

  test("by its role, in its region, before what the URL says; a country's rules come first", async () => {
    const channel = channelWith(url);
    await sent(channel, sms({ config }));
    await sent(channel, sms({ config, sender: '+447700900100' }));
    await sent(channel, sms({ config: { EumsSms } }));
    expect(inputs()).toMatchObject([
      { OriginationIdentity: 'pool-identity', ConfigurationSetName: 'pool-set', MaxPrice: '1.0' },
      { OriginationIdentity: '+447700900100', ConfigurationSetName: 'pool-set' },
      { OriginationIdentity: 'url-identity', ConfigurationSetName: 'url-set' },
    ]);
    expect(sts.requests.map(formOf)).toMatchObject([{ RoleArn: ROLE, ExternalId: 'their-id' }]);
    const signed = (region: string) => ({ key: 'ASIA1', region, service: 'sms-voice' });
    expect(eum.requests.map(signerOf)).toEqual([
      signed('eu-west-1'),
      signed('eu-west-1'),
      signed('us-east-1'),
    ]);
  });

  test('with what the carriers of India ask for, in India', async () => {
    const channel = channelWith();
    await sent(channel, sms({ config, to: '+911234567890' }));
    await sent(channel, sms({ config }));
    expect(inputs().map((input) => input.DestinationCountryParameters)).toEqual([
      { IN_ENTITY_ID: '1101', IN_TEMPLATE_ID: '1107' },
      undefined,
    ]);
  });
});

test('a pool with SnsCallerArn is sent for by that role, in SnsRegion; with roles=off by the server itself', async () => {
  const config = { SnsCallerArn: ROLE, ExternalId: 'x', SnsRegion: 'eu-west-1' };
  await sent(channelWith(), sms({ config }));
  await sent(channelWith('&roles=off'), sms({ config }));
  expect(eum.requests.map(signerOf)).toEqual([
    { key: 'ASIA1', region: 'eu-west-1', service: 'sms-voice' },
    { key: 'test', region: 'eu-west-1', service: 'sms-voice' },
  ]);
});

describe('what is refused', () => {
  const final = (word: string) => ({ final: word });
  const sender = (word: string) => ({ passing: word, blames: 'sender' });
  const provider = (word: string) => ({ passing: word, blames: 'provider' });
  const field = (Name: string) => ({ Reason: 'INVALID_PARAMETER', Fields: [{ Name, Message: SECRETS.to }] });
  test.each<[string, object, number, object]>([
    [
      'ConflictException',
      { Reason: 'DESTINATION_PHONE_NUMBER_OPTED_OUT' },
      400,
      final('PHONE_NUMBER_OPTED_OUT'),
    ],
    [
      'ConflictException',
      { Reason: 'DESTINATION_PHONE_NUMBER_NOT_VERIFIED' },
      400,
      final('PHONE_NUMBER_NOT_VERIFIED'),
    ],
    [
      'ConflictException',
      { Reason: 'DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION' },
      400,
      final('COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION'),
    ],
    [
      'ConflictException',
      { Reason: 'DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE' },
      400,
      final('PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_O'),
    ],
    [
      'ConflictException',
      { Reason: 'NO_ORIGINATION_IDENTITIES_FOUND' },
      400,
      sender('NO_ORIGINATION_IDENTITIES_FOUND'),
    ],
    ['ConflictException', {}, 400, sender('EUM_Conflict')],
    ['ValidationException', { Reason: 'DESTINATION_COUNTRY_BLOCKED' }, 400, final('COUNTRY_BLOCKED')],
    ['ValidationException', { Reason: 'PRICE_OVER_THRESHOLD' }, 400, final('PRICE_OVER_THRESHOLD')],
    ['ValidationException', { Reason: 'MAXIMUM_SIZE_EXCEEDED' }, 400, final('MAXIMUM_SIZE_EXCEEDED')],
    ['ValidationException', field('DestinationPhoneNumber'), 400, final('INVALID_PARAMETER')],
    ['ValidationException', field('OriginationIdentity'), 400, sender('INVALID_PARAMETER')],
    ['ValidationException', { Reason: 'SENDER_ID_NOT_REGISTERED' }, 400, sender('SENDER_ID_NOT_REGISTERED')],
    ['ValidationException', { Reason: { a: 1 }, Fields: 'x' }, 400, sender('EUM_Validation')],
    [
      'ServiceQuotaExceededException',
      { Reason: 'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT' },
      400,
      sender('MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT'),
    ],
    ['ResourceNotFoundException', {}, 400, sender('EUM_ResourceNotFound')],
    ['AccessDeniedException', {}, 400, sender('EUM_AccessDenied')],
    ['AccessDeniedException', { Reason: 'ACCOUNT_DISABLED' }, 400, sender('ACCOUNT_DISABLED')],
    ['UnrecognizedClientException', {}, 403, sender('EUM_UnrecognizedClient')],
    ['ThrottlingException', {}, 400, provider('EUM_Throttling')],
    ['InternalServerException', {}, 500, provider('EUM_InternalServer')],
    [
      'ConflictException',
      { Reason: 'DESTINATION_PHONE_NUMBER_OPTED_OUT' },
      500,
      provider('PHONE_NUMBER_OPTED_OUT'),
    ],
  ])('%s %j with status %i is asked for once', async (type, members, status, expected) => {
    eum.answerWith(failing(type, members, status));
    expect(await sent(channelWith())).toEqual(expected);
    expect(eum.requests).toHaveLength(1);
  });

  test.each([
    [{}, 'sms-role-access'],
    [{ Reason: 'INSUFFICIENT_ACCOUNT_REPUTATION' }, 'sender'],
  ])(
    "a role that lacks the permission is the role's fault, an account's reputation %j is not",
    async (members, blames) => {
      eum.answerWith(failing('AccessDeniedException', members));
      expect(await sent(channelWith(), sms({ config: { EumsSms } }))).toMatchObject({ blames });
    },
  );
});

describe('one that misbehaves is told from one that refuses, and asked once', () => {
  test.each<[Behaviour, string]>([
    ['hang', 'ETIMEDOUT'],
    ['drip', 'ETIMEDOUT'],
    ['reset-before-reading', 'ECONNRESET'],
    ['reset-after-reading', 'ECONNRESET'],
    ['half-an-answer', 'ECONNRESET'],
    ['megabytes', 'ANSWER_TOO_LARGE'],
    [{ status: 503, headers: { 'content-type': 'text/html' }, body: '<html>no</html>' }, 'HTTP_503'],
    [{ status: 429, body: 'slow down' }, 'HTTP_429'],
    [{ status: 200, body: '<html>no</html>' }, 'HTTP_200'],
    [{ status: 200, body: {} }, 'ANSWER'],
  ])('%j', async (behaviour, code) => {
    eum.answerWith(behaviour);
    const failure = { passing: `EUM_${code}`, blames: 'provider' };
    expect(await sent(channelWith('', patienceFor(behaviour)))).toEqual(failure);
    expect(eum.requests).toHaveLength(1);
    expect(eum.bytesWritten()).toBeLessThan(8_000_000);
  });

  test('by a certificate that nobody knows', async () => {
    await using forged = await openProviderServer(accepted, certificate);
    const failure = { passing: 'EUM_DEPTH_ZERO_SELF_SIGNED_CERT', blames: 'provider' };
    expect(await sent(channelWith('', {}, forged.url))).toEqual(failure);
  });
});

describe('a pool that is saved', () => {
  const config = { EumsSms: { ...EumsSms, OriginationIdentity: 'us' } };
  const save = (patience = {}) =>
    channelWith('', patience).checkPool?.({ SmsConfiguration: config } as unknown as PoolConfig);

  test('with a role that cannot be assumed is refused', async () => {
    sts.answerWith(queryError(403, 'AccessDenied'));
    expect(await refusal(save() as Promise<void>)).toBe(
      'InvalidSmsRoleTrustRelationshipException: Role does not have a trust relationship allowing Cognito to assume the role',
    );
  });

  test('with a role that may not send as the pool wants to is refused, found out by a dry run to nobody', async () => {
    eum.answerWith(failing('AccessDeniedException'));
    expect(await refusal(save() as Promise<void>)).toBe(
      'InvalidSmsRoleAccessPolicyException: Role does not have permission to send with AWS End User Messaging SMS',
    );
    expect(inputs()).toMatchObject([
      { DestinationPhoneNumber: '+00000000', DryRun: true, OriginationIdentity: 'us' },
    ]);
  });

  test.each<[string, Behaviour]>([
    ['that nobody has the number', failing('ValidationException', { Reason: 'INVALID_PARAMETER' })],
    ['that the account is disabled', failing('AccessDeniedException', { Reason: 'ACCOUNT_DISABLED' })],
    ['nothing', 'hang'],
  ])('is taken where AWS says %s', async (_what, behaviour) => {
    eum.answerWith(behaviour);
    await save(patienceFor(behaviour));
  });
});

test('check tells of the sandbox and of what may be spent, and explains what it is not told', async () => {
  sts.answerWith(callerIs('arn:aws:iam::123456789012:user/pk'));
  const account = (tier: string) =>
    eum.answerWith(({ headers }) => ({
      body: String(headers['x-amz-target']).endsWith('DescribeSpendLimits')
        ? {
            SpendLimits: [
              { Name: 'TEXT_MESSAGE_MONTHLY_SPEND_LIMIT', EnforcedLimit: 1, MaxLimit: 1, Overridden: false },
            ],
          }
        : { AccountAttributes: [{ Name: 'ACCOUNT_TIER', Value: tier }] },
    }));
  account('SANDBOX');
  expect(await channelWith().check()).toEqual([
    { ok: true, text: expect.stringContaining('user/pk') },
    { ok: false, text: expect.stringContaining('in the SMS sandbox of us-east-1') },
    { ok: true, text: expect.stringContaining('Beyond 1 US dollars') },
  ]);
  account('PRODUCTION');
  expect((await channelWith().check())[1]).toMatchObject({ ok: true });
  eum.answerWith(failing('AccessDeniedException', { Reason: 'ACCOUNT_DISABLED' }));
  expect((await channelWith().check())[1]).toEqual({
    ok: false,
    text: expect.stringContaining('ACCOUNT_DISABLED'),
  });
  // Who may only send is at no fault.
  eum.answerWith(failing('AccessDeniedException'));
  expect((await channelWith().check())[1]).toEqual({
    ok: true,
    text: expect.stringContaining('lack sms-voice:DescribeAccountAttributes and'),
  });
});
