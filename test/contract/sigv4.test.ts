import { setTimeout as pause } from 'node:timers/promises';
import { Sha256 } from '@aws-crypto/sha256-js';
import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
  DescribeUserPoolCommand,
  InitiateAuthCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { raw } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { type Credentials, openSignedServer, type SignedServer } from '../support/signed-server.ts';

let server: SignedServer;
let key: Credentials;
let poolId: string;
let otherPoolId: string;
let clientId: string;
beforeAll(async () => {
  server = await openSignedServer();
  key = await server.createKey('--name', 'tests');
  const sdk = server.sdk(key);
  const createPool = async () =>
    (await sdk.send(new CreateUserPoolCommand({ PoolName: 'test' }))).UserPool?.Id as string;
  poolId = await createPool();
  otherPoolId = await createPool();
  const { UserPoolClient } = await sdk.send(
    new CreateUserPoolClientCommand({
      UserPoolId: poolId,
      ClientName: 'app',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  clientId = UserPoolClient?.ClientId as string;
}, 60_000);
afterAll(() => server?.[Symbol.asyncDispose]());

const listPools = new ListUserPoolsCommand({ MaxResults: 10 });
const MISMATCH =
  'InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const UNKNOWN = 'UnrecognizedClientException: The security token included in the request is invalid.';

const basic = (time: number) => `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

/** What the server makes of a request that an SDK would not send. */
async function sent(
  operation: string,
  body: string,
  change: (headers: Record<string, string>) => Record<string, string | undefined>,
  options: { service?: string; region?: string; without?: string } = {},
) {
  const signer = new SignatureV4({
    service: options.service ?? 'cognito-idp',
    region: options.region ?? 'us-east-1',
    credentials: key,
    sha256: Sha256,
  });
  const { host, hostname } = new URL(server.url);
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname,
      path: '/',
      headers: {
        host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      },
      body,
    },
    { unsignableHeaders: new Set(options.without) },
  );
  const changed = Object.entries(change(headers)).filter(
    ([name, value]) => name !== 'host' && value !== undefined,
  );
  const response = await fetch(server.url, {
    method: 'POST',
    headers: Object.fromEntries(changed) as Record<string, string>,
    body,
  });
  const json = (await response.json()) as { __type?: string; message?: string };
  return { status: response.status, type: response.headers.get('x-amzn-errortype'), ...json };
}

describe('an operation that administrators sign', () => {
  it('is done for a live access key', async () => {
    const { UserPools } = await server.sdk(key).send(listPools);
    expect(UserPools?.map((pool) => pool.Id)).toContain(poolId);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['another secret', () => server.sdk({ ...key, secretAccessKey: 'another' }).send(listPools), MISMATCH],
    [
      'an unknown key',
      () => server.sdk({ ...key, accessKeyId: 'PK0123456789ABCDEFGH' }).send(listPools),
      UNKNOWN,
    ],
    [
      "a key of AWS's form",
      () => server.sdk({ ...key, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }).send(listPools),
      UNKNOWN,
    ],
    ['a session token', () => server.sdk({ ...key, sessionToken: 'token' }).send(listPools), UNKNOWN],
    // aws/aws-sdk-ruby#508 and aws-es-curl#15 show the text, with the space at its end.
    [
      'another region',
      () => server.sdk(key, { region: 'eu-west-1' }).send(listPools),
      "InvalidSignatureException: Credential should be scoped to a valid region, not 'eu-west-1'. ",
    ],
  ])('is refused with %s', async (_, call, expected) => {
    expect(await refusal(call())).toBe(expected);
  });

  // Texts: hassy/artillery-dino#2 and s12v/awsbeats#48.
  it.each([
    [
      -301,
      /^InvalidSignatureException: Signature expired: (\w+) is now earlier than (\w+) \((\w+) - 5 min\.\)$/,
    ],
    [
      305,
      /^InvalidSignatureException: Signature not yet current: (\w+) is still later than (\w+) \((\w+) \+ 5 min\.\)$/,
    ],
  ])('is refused when the clock of the caller is %d s off', async (seconds, text) => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const [, signed = '', bound = '', now = ''] = text.exec(
      await refusal(server.sdk(key, { systemClockOffset: seconds * 1000 }).send(listPools)),
    ) as RegExpExecArray;
    expect(now >= basic(before) && now <= basic(Date.now())).toBe(true);
    expect(seconds < 0 ? signed < bound : signed > bound).toBe(true);
  });

  it('is done when the clock of the caller is less than five minutes off', async () => {
    for (const seconds of [-290, 290]) {
      await server.sdk(key, { systemClockOffset: seconds * 1000 }).send(listPools);
    }
  });

  it.each<[string, (request: { body: Uint8Array; headers: Record<string, string> }) => object]>([
    ['its body', ({ body }) => ({ body: new TextDecoder().decode(body).replace('10', '11') })],
    ['a header', ({ headers }) => ({ headers: { ...headers, 'x-amz-user-agent': 'another' } })],
    [
      'its operation',
      ({ headers }) => ({
        headers: { ...headers, 'x-amz-target': 'AWSCognitoIdentityProviderService.DeleteUserPool' },
      }),
    ],
  ])('is refused when somebody changes %s on its way', async (_, change) => {
    const sdk = server.sdk(key);
    sdk.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request as object, change(args.request as never));
        return next(args);
      },
      { step: 'deserialize', priority: 'low' },
    );
    expect(await refusal(sdk.send(listPools))).toBe(MISMATCH);
  });

  it('is refused unsigned, before anybody looks at what it asks', async () => {
    for (const operation of ['ListUserPools', 'CreateUserPoolReplica']) {
      const { status, headers, json } = await raw(server.url, operation, '{"MaxResults": "no');
      expect([status, headers.get('x-amzn-errortype')]).toEqual([
        400,
        'MissingAuthenticationTokenException:',
      ]);
      expect(json).toEqual({
        __type: 'MissingAuthenticationTokenException',
        message: 'Missing Authentication Token',
      });
    }
    expect((await raw(server.url, 'StealPasswords', '{}')).json.__type).toBe('UnknownOperationException');
  });

  const incomplete = {
    status: 400,
    type: 'IncompleteSignatureException:',
    __type: 'IncompleteSignatureException',
  };
  const invalid = { status: 400, type: 'InvalidSignatureException:', __type: 'InvalidSignatureException' };
  const list = (...rest: [Parameters<typeof sent>[2], Parameters<typeof sent>[3]?]) =>
    sent('ListUserPools', '{"MaxResults":10}', ...rest);

  it('is refused with half a signature', async () => {
    expect(
      await list((headers) => ({ ...headers, authorization: 'AWS4-HMAC-SHA256', 'x-amz-date': undefined })),
    ).toEqual({
      ...incomplete,
      message: expect.stringMatching(
        /^Authorization header requires 'Credential' parameter\. Authorization header requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header\. \(Hashed with SHA-256 and encoded with Base64\) Authorization=[\w+/]{43}=$/,
      ),
    });
    const bearer = await list((headers) => ({ ...headers, authorization: 'Bearer eyJhbGciOiJub25lIn0' }));
    expect(bearer).toEqual({
      ...incomplete,
      message: expect.stringMatching(
        /^Invalid key=value pair \(missing equal-sign\) in Authorization header \(hashed with SHA-256 and encoded with Base64\): '[\w+/]{43}='\.$/,
      ),
    });
  });

  it.each(['2013', '20130231T000000Z', 'Sun, 06 Nov 1994 08:49:37 GMT'])(
    'is refused with the date %s',
    async (date) => {
      expect(await list((headers) => ({ ...headers, 'x-amz-date': date }))).toEqual({
        ...incomplete,
        message: `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
      });
    },
  );

  it('is refused when it was signed for something else', async () => {
    const scoped = (from: RegExp, to: string) =>
      list((headers) => ({
        ...headers,
        authorization: (headers['authorization'] as string).replace(from, to),
      }));
    expect(await list((headers) => headers, { service: 'dynamodb', region: 'mars' })).toEqual({
      ...invalid,
      message:
        "Credential should be scoped to a valid region, not 'mars'. Credential should be scoped to correct service: 'cognito-idp'. ",
    });
    expect(await scoped(/aws4_request/, 'aws5_request')).toEqual({
      ...invalid,
      message: "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ",
    });
    expect((await scoped(/\/\d{8}\//, '/20130101/')).message).toMatch(
      /^Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20130101' != '(\d{8})', from '\1T\d{6}Z'\. $/,
    );
    expect(await scoped(/\/aws4_request/, '')).toMatchObject({
      ...incomplete,
      message: expect.stringMatching(
        /^Credential must have exactly 5 slash-delimited elements, e\.g\. keyid\/date\/region\/service\/term, got '/,
      ),
    });
    expect(await scoped(/AWS4-HMAC-SHA256/, 'AWS4-HMAC-SHA512')).toEqual({
      ...incomplete,
      message: "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now). ",
    });
  });

  it('is refused when a header that tells what it means was not signed', async () => {
    expect(await list((headers) => ({ ...headers, 'x-amz-meta': '1' }))).toEqual({
      ...invalid,
      message: "'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization.",
    });
    const withoutHost = (headers: Record<string, string>) => ({
      ...headers,
      authorization: (headers['authorization'] as string).replace('host;', ''),
    });
    expect(await list(withoutHost)).toEqual({
      ...invalid,
      message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    });
  });

  it('names what is not supported only to who may know', async () => {
    const domain = new CreateUserPoolDomainCommand({ UserPoolId: poolId, Domain: 'login' });
    expect(await refusal(server.sdk({ ...key, secretAccessKey: 'another' }).send(domain))).toBe(MISMATCH);
    expect(await refusal(server.sdk(key).send(domain))).toMatch(/^OperationNotSupportedException/);
  });

  it('is refused within a second or two of the revocation of its key', async () => {
    const passing = await server.createKey();
    const sdk = server.sdk(passing);
    await sdk.send(listPools);
    expect((await server.keys('revoke', passing.accessKeyId)).output).toMatch(/is revoked/);
    await pause(1100);
    expect(await refusal(sdk.send(listPools))).toBe(UNKNOWN);
  });
});

describe('an operation of users', () => {
  it('needs no signature and looks at none', async () => {
    const attempt = new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'nobody', PASSWORD: 'Passw0rd!' },
    });
    const wrong = /^(?:NotAuthorizedException|UserNotFoundException)/;
    expect(await refusal(server.sdk({ accessKeyId: 'no', secretAccessKey: 'no' }).send(attempt))).toMatch(
      wrong,
    );
    for (const authorization of ['', 'nonsense', 'AWS4-HMAC-SHA256 Credential=a']) {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: {
          'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
          ...(authorization !== '' && { authorization }),
        },
        body: JSON.stringify(attempt.input),
      });
      expect(((await response.json()) as { __type: string }).__type).toMatch(wrong);
    }
  });
});

describe('the log', () => {
  const lines = () =>
    server
      .log()
      .split('\n')
      .filter((line) => line.includes('"audit":true'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('has a line for each administrative call, with no secret in it', async () => {
    const before = lines().length;
    const sdk = server.sdk(key);
    const { $metadata } = await sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: poolId,
        Username: 'alice',
        TemporaryPassword: 'Temp0rary!secret',
        MessageAction: 'SUPPRESS',
      }),
    );
    await refusal(server.sdk({ ...key, secretAccessKey: 'another' }).send(describeOther()));
    await refusal(sdk.send(new AdminGetUserCommand({ UserPoolId: poolId, Username: 'nobody' })));
    await raw(server.url, 'DeleteUserPool', { UserPoolId: poolId });
    await raw(server.url, 'ForgotPassword', { ClientId: clientId, Username: 'alice' });
    await expect.poll(() => lines().length - before).toBe(4);
    const facts = { audit: true, accessKeyId: key.accessKeyId, sourceIp: '127.0.0.1' };
    const [created, refused, missed, unsigned] = lines().slice(before);
    expect(created).toMatchObject({
      ...facts,
      requestId: $metadata.requestId,
      operation: 'AdminCreateUser',
      userPoolId: poolId,
      username: 'alice',
      outcome: 'ok',
    });
    expect(refused).toMatchObject({
      ...facts,
      operation: 'DescribeUserPool',
      outcome: 'InvalidSignatureException',
    });
    expect(missed).toMatchObject({ ...facts, username: 'nobody', outcome: 'UserNotFoundException' });
    expect(unsigned).toMatchObject({
      operation: 'DeleteUserPool',
      outcome: 'MissingAuthenticationTokenException',
    });
    expect(unsigned).not.toHaveProperty('accessKeyId');
    expect(server.log()).not.toContain('Temp0rary!secret');
    expect(server.log()).not.toContain(key.secretAccessKey);
  });

  const describeOther = () => new DescribeUserPoolCommand({ UserPoolId: otherPoolId });
});
