import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SmsChannel } from '../../packages/server/src/domain/delivery/channels/channel.ts';
import type { PoolConfig } from '../../packages/server/src/domain/pools/pool-config.ts';
import {
  assumed,
  callerIs,
  formOf,
  published,
  queryError,
  sandboxStatus,
  signerOf,
  smsAttributes,
} from '../support/aws-stand-in.ts';
import { openCertificate } from '../support/mail-server.ts';
import { type Behaviour, openProviderServer, type ProviderServer } from '../support/provider-server.ts';
import { refusal } from '../support/refusal.ts';
import { NOW, patienceFor, ROLE, SECRETS, sent, sms, smsChannel } from '../support/sms.ts';

let sns: ProviderServer;
let sts: ProviderServer;
let certificate: Awaited<ReturnType<typeof openCertificate>>;
beforeAll(async () => {
  certificate = await openCertificate();
});
afterAll(() => certificate[Symbol.dispose]());
beforeEach(async () => {
  sns = await openProviderServer(published('5e1b'));
  sts = await openProviderServer(assumed(1, NOW + 3_600_000));
});
const open: SmsChannel[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((channel) => channel.close()));
  await Promise.all([sns[Symbol.asyncDispose](), sts[Symbol.asyncDispose]()]);
});

function channelWith(query = '', { patience }: { patience?: number } = {}, endpoint = sns.url) {
  const url = `sns://us-east-1?endpoint=${endpoint}&sts-endpoint=${sts.url}${query}`;
  const { channel } = smsChannel(url, patience === undefined ? {} : { patience });
  open.push(channel);
  return channel;
}

const attribute = (number: number, name: string, value: string, type = 'String') => ({
  [`MessageAttributes.entry.${number}.Name`]: name,
  [`MessageAttributes.entry.${number}.Value.DataType`]: type,
  [`MessageAttributes.entry.${number}.Value.StringValue`]: value,
});
const transactional = attribute(1, 'AWS.SNS.SMS.SMSType', 'Transactional');
const config = { SnsCallerArn: ROLE, ExternalId: 'x', SnsRegion: 'eu-west-1' };

test('a message is published to its number, by a name without secrets, and its id is told', async () => {
  const channel = channelWith();
  expect(channel.name).toBe('sns:us-east-1');
  expect(await sent(channel)).toEqual({ providerId: '5e1b' });
  expect(sns.requests.map(formOf)).toEqual([
    {
      Action: 'Publish',
      Version: '2010-03-31',
      PhoneNumber: SECRETS.to,
      Message: SECRETS.text,
      ...transactional,
    },
  ]);
  expect(sts.requests).toEqual([]);
});

describe('the sender', () => {
  const byName = attribute(2, 'AWS.SNS.SMS.SenderID', 'Example');
  const byNumber = (number: string, at = 2) => attribute(at, 'AWS.MM.SMS.OriginationNumber', number);
  test.each([
    ["is the URL's name", '&sender-id=Example', undefined, byName],
    ["is the URL's number", '&origination-number=+12065550100', undefined, byNumber('+12065550100')],
    [
      'can be both, for countries that know one of them',
      '&sender-id=Example&origination-number=+12065550100',
      undefined,
      { ...byName, ...byNumber('+12065550100', 3) },
    ],
    ["of a country's rules comes first: a name", '&origination-number=+12065550100', 'Example', byName],
    [
      "of a country's rules comes first: a number",
      '&sender-id=Else',
      '+447700900100',
      byNumber('+447700900100'),
    ],
  ])('%s', async (_how, query, sender, attributes) => {
    await sent(channelWith(query), sms({ sender }));
    const { Action, Version, PhoneNumber, Message, ...rest } = formOf(sns.requests[0] as never);
    expect(rest).toEqual({ ...transactional, ...attributes });
  });
});

test('a price is the most that a message may cost', async () => {
  await sent(channelWith('&max-price=0.50'));
  expect(formOf(sns.requests[0] as never)).toMatchObject(
    attribute(2, 'AWS.SNS.SMS.MaxPrice', '0.50', 'Number'),
  );
});

test("a pool's role sends its messages, in the region of the pool, which the role is assumed once for", async () => {
  const channel = channelWith();
  await Promise.all([sent(channel, sms({ config })), sent(channel, sms({ config }))]);
  expect(sts.requests.map(formOf)).toMatchObject([{ RoleArn: ROLE, ExternalId: 'x' }]);
  const signed = { key: 'ASIA1', region: 'eu-west-1', service: 'sns' };
  expect(sns.requests.map(signerOf)).toEqual([signed, signed]);
  expect(sns.requests[0]?.headers['x-amz-security-token']).toBe('token1');
});

test("with roles=off the server's own credentials send", async () => {
  await sent(channelWith('&roles=off'), sms({ config }));
  expect(sts.requests).toEqual([]);
  expect(sns.requests.map(signerOf)).toEqual([{ key: 'test', region: 'eu-west-1', service: 'sns' }]);
});

test('a pool of AWS End User Messaging comes here only where nothing else works, and not by its role', async () => {
  const channel = channelWith();
  const message = sms({ config: { EumsSms: { CallerArn: ROLE } } });
  expect(channel.obeys?.(message)).toBe(false);
  expect(channel.obeys?.(sms({ config }))).toBe(true);
  expect(await sent(channel, message)).toEqual({ providerId: '5e1b' });
  expect(sts.requests).toEqual([]);
});

describe('what SNS refuses', () => {
  const quoting = `${SECRETS.to} ${SECRETS.text}`;
  const wrong = (parameter: string) => `Invalid parameter: ${parameter} Reason: ${quoting} is not valid`;
  test.each([
    [400, 'OptedOut', quoting, { final: 'SNS_OptedOut' }],
    [400, 'InvalidParameter', wrong('PhoneNumber'), { final: 'SNS_InvalidParameter' }],
    [400, 'ParameterValueInvalid', wrong('PhoneNumber'), { final: 'SNS_ParameterValueInvalid' }],
    [
      400,
      'InvalidParameter',
      wrong('AWS.SNS.SMS.SenderID'),
      { passing: 'SNS_InvalidParameter', blames: 'sender' },
    ],
    [403, 'AuthorizationError', quoting, { passing: 'SNS_AuthorizationError', blames: 'sender' }],
    [403, 'InvalidClientTokenId', quoting, { passing: 'SNS_InvalidClientTokenId', blames: 'sender' }],
    [400, 'Unheard', quoting, { passing: 'SNS_Unheard', blames: 'sender' }],
    [429, 'Throttled', quoting, { passing: 'SNS_Throttled', blames: 'provider' }],
    [400, 'Throttling', quoting, { passing: 'SNS_Throttling', blames: 'provider' }],
    [400, 'ThrottlingException', quoting, { passing: 'SNS_ThrottlingException', blames: 'provider' }],
    [500, 'InternalError', quoting, { passing: 'SNS_InternalError', blames: 'provider' }],
    [503, 'OptedOut', quoting, { passing: 'SNS_OptedOut', blames: 'provider' }],
    [400, 'Not a <i>word</i>', quoting, { passing: 'SNS_HTTP_400', blames: 'sender' }],
  ])('%i %s is asked for once', async (status, code, message, expected) => {
    sns.answerWith(queryError(status, code, message.replaceAll('<', '')));
    expect(await sent(channelWith())).toEqual(expected);
    expect(sns.requests).toHaveLength(1);
  });

  test("a role that lacks the permission is the role's fault", async () => {
    sns.answerWith(queryError(403, 'AuthorizationError'));
    const failure = { passing: 'SNS_AuthorizationError', blames: 'sms-role-access' };
    expect(await sent(channelWith(), sms({ config }))).toEqual(failure);
  });

  test('credentials of a role that SNS no longer takes are asked for anew by the next message', async () => {
    const channel = channelWith();
    sns.thenWith(queryError(403, 'ExpiredToken'));
    const failure = { passing: 'SNS_ExpiredToken', blames: 'sender' };
    expect(await sent(channel, sms({ config }))).toEqual(failure);
    expect(await sent(channel, sms({ config }))).toEqual({ providerId: '5e1b' });
    expect(sts.requests).toHaveLength(2);
  });
});

describe('an SNS that misbehaves is told from one that refuses, and asked once', () => {
  const html = (status: number): Behaviour => ({
    status,
    headers: { 'content-type': 'text/html' },
    body: '<html></html>',
  });
  test.each<[Behaviour, string]>([
    ['hang', 'SNS_ETIMEDOUT'],
    ['drip', 'SNS_ETIMEDOUT'],
    ['upgrade', 'SNS_ETIMEDOUT'],
    ['reset-before-reading', 'SNS_ECONNRESET'],
    ['reset-after-reading', 'SNS_ECONNRESET'],
    ['half-an-answer', 'SNS_ECONNRESET'],
    ['megabytes', 'SNS_ANSWER_TOO_LARGE'],
    [html(503), 'SNS_HTTP_503'],
    [html(429), 'SNS_HTTP_429'],
    [html(200), 'SNS_ANSWER'],
    [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'SNS_HTTP_302'],
  ])('%j', async (behaviour, code) => {
    sns.answerWith(behaviour);
    expect(await sent(channelWith('', patienceFor(behaviour)))).toEqual({
      passing: code,
      blames: 'provider',
    });
    expect(sns.requests).toHaveLength(1);
    expect(sns.bytesWritten()).toBeLessThan(8_000_000);
  });

  test('nobody at home', async () => {
    const { port } = sns;
    await sns[Symbol.asyncDispose]();
    const failure = { passing: 'SNS_ECONNREFUSED', blames: 'provider' };
    expect(await sent(channelWith('', {}, `http://127.0.0.1:${port}`))).toEqual(failure);
  });

  test('a certificate that nobody knows', async () => {
    await using forged = await openProviderServer(published('1'), certificate);
    const failure = { passing: 'SNS_DEPTH_ZERO_SELF_SIGNED_CERT', blames: 'provider' };
    expect(await sent(channelWith('', {}, forged.url))).toEqual(failure);
    expect(forged.requests).toEqual([]);
  });
});

describe('a pool that is saved', () => {
  const pool = { SmsConfiguration: config } as unknown as PoolConfig;
  const save = (query = '', patience = {}) => channelWith(query, patience).checkPool?.(pool) as Promise<void>;

  test('with a role that cannot be assumed is refused', async () => {
    sts.answerWith(queryError(403, 'AccessDenied'));
    expect(await refusal(save())).toBe(
      'InvalidSmsRoleTrustRelationshipException: Role does not have a trust relationship allowing Cognito to assume the role',
    );
    expect(sns.requests).toEqual([]);
  });

  test('with a role that may not publish is refused, found out by a message to nobody', async () => {
    sns.answerWith(queryError(403, 'AuthorizationError'));
    expect(await refusal(save())).toBe(
      'InvalidSmsRoleAccessPolicyException: Role does not have permission to publish with SNS',
    );
    expect(sns.requests.map(formOf)).toMatchObject([{ PhoneNumber: '+00000000' }]);
    expect(sns.requests.map(signerOf)).toEqual([{ key: 'ASIA1', region: 'eu-west-1', service: 'sns' }]);
  });

  test.each<[string, () => void]>([
    [
      'SNS finds that nobody has the number',
      () => sns.answerWith(queryError(400, 'InvalidParameter', 'PhoneNumber')),
    ],
    ['SNS takes it', () => {}],
    ['SNS is down', () => sns.answerWith({ status: 503 })],
    ['SNS hangs', () => sns.answerWith('hang')],
    ['STS is down', () => sts.answerWith({ status: 500, body: '<html>' })],
    ['STS hangs', () => sts.answerWith('hang')],
    ["the server's own credentials are wrong", () => sts.answerWith(queryError(403, 'InvalidClientTokenId'))],
  ])('is taken where %s', async (what, arrange) => {
    arrange();
    await save('', patienceFor(what.endsWith('hangs') && 'hang'));
  });

  test('is not looked at where roles are off, or it has none', async () => {
    await save('&roles=off');
    await channelWith().checkPool?.({} as PoolConfig);
    expect([...sts.requests, ...sns.requests]).toEqual([]);
  });

  test('is looked at anew each time: what was wrong may have been put right', async () => {
    const channel = channelWith();
    const check = () => channel.checkPool?.(pool) as Promise<void>;
    sts.thenWith(queryError(403, 'AccessDenied'));
    expect(await refusal(check())).toMatch(/^InvalidSmsRoleTrust/);
    await check();
    sts.thenWith(queryError(403, 'AccessDenied'));
    expect(await refusal(check())).toMatch(/^InvalidSmsRoleTrust/);
  });
});

describe('check', () => {
  const account = (isInSandbox: boolean, limit?: string) =>
    sns.answerWith((request) =>
      formOf(request)['Action'] === 'GetSMSAttributes'
        ? smsAttributes(limit === undefined ? {} : { MonthlySpendLimit: limit })
        : sandboxStatus(isInSandbox),
    );
  test('tells whose the credentials are, of the sandbox and of what may be spent, and sends nothing', async () => {
    sts.answerWith(callerIs('arn:aws:iam::123456789012:user/pk'));
    account(true, '1');
    expect(await channelWith().check()).toEqual([
      { ok: true, text: expect.stringContaining('arn:aws:iam::123456789012:user/pk') },
      { ok: false, text: expect.stringContaining('SMS sandbox of us-east-1') },
      { ok: true, text: expect.stringContaining('Beyond 1 US dollars a month') },
    ]);
    account(false);
    expect((await channelWith().check()).map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(sns.requests.map((request) => formOf(request)['Action'])).not.toContain('Publish');
  });

  test('explains what it was not told', async () => {
    sts.answerWith(queryError(403, 'InvalidClientTokenId'));
    expect(await channelWith().check()).toEqual([
      { ok: false, text: expect.stringContaining('InvalidClientTokenId') },
    ]);
    sts.answerWith(callerIs('arn:aws:iam::123456789012:user/pk'));
    sns.answerWith(queryError(500, 'InternalError'));
    expect((await channelWith().check())[1]).toEqual({
      ok: false,
      text: expect.stringContaining('InternalError'),
    });
  });

  test('finds no fault with who may only send', async () => {
    sts.answerWith(callerIs('arn:aws:iam::123456789012:user/pk'));
    sns.answerWith(queryError(403, 'AuthorizationError'));
    expect((await channelWith().check())[1]).toEqual({
      ok: true,
      text: expect.stringContaining('lack sns:GetSMSSandboxAccountStatus and sns:GetSMSAttributes'),
    });
  });
});
