import {
  CreateUserPoolCommand,
  DescribeUserPoolCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { operations } from '@poolkeeper/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unsupported } from '../../packages/server/src/operations/index.ts';
import { createEndpoint } from '../../packages/server/src/wire/endpoint.ts';
import { type House, openHouse, raw } from '../support/house.ts';

const ANY_CLIENT = { ClientId: '1example23456789', Username: 'alice' };
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PREFIX = 'AWSCognitoIdentityProviderService.';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** POST / with exactly these headers. */
async function post(headers: Record<string, string>, body: string) {
  const response = await fetch(house.url, { method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

describe('an answer', () => {
  it('has the content type, a request id and the headers for browsers [Q]', async () => {
    const { status, headers } = await raw(house.url, 'ListUserPools', { MaxResults: 1 });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(headers.get('x-amzn-requestid')).toMatch(UUID);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toBe(
      'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date',
    );
    expect(headers.get('date')).not.toBeNull();
    expect(headers.get('x-amzn-errortype')).toBeNull();
  });

  it('has a request id of its own each time', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () =>
        (await raw(house.url, 'ListUserPools', { MaxResults: 1 })).headers.get('x-amzn-requestid'),
      ),
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('gives times as epoch seconds [D]', async () => {
    const before = Date.now() / 1000;
    const { json } = await raw(house.url, 'CreateUserPool', { PoolName: 'times' });
    const { CreationDate: created } = json.UserPool;
    expect(created).toBeTypeOf('number');
    expect(Math.abs(created - before)).toBeLessThan(30);
    const { UserPool } = await house.sdk.send(new DescribeUserPoolCommand({ UserPoolId: json.UserPool.Id }));
    expect(UserPool?.CreationDate?.getTime()).toBe(Math.round(created * 1000));
  });

  it('names its members in alphabetical order [Q]', async () => {
    const { json } = await raw(house.url, 'CreateUserPool', { PoolName: 'order' });
    const names = Object.keys(json.UserPool);
    expect(names).toEqual([...names].sort());
  });

  it('is the same whoever signed the request, or nobody, in dev mode', async () => {
    const { UserPools } = await house.sdk.send(new ListUserPoolsCommand({ MaxResults: 60 }));
    const { json } = await raw(house.url, 'ListUserPools', { MaxResults: 60 });
    expect(json.UserPools.map((pool: { Id: string }) => pool.Id)).toEqual(UserPools?.map((pool) => pool.Id));
  });
});

describe('an error', () => {
  it('is typed in the body and in the headers, with the colon that Cognito puts there [Q]', async () => {
    const { status, headers, text } = await raw(house.url, 'ForgotPassword', ANY_CLIENT);
    expect(status).toBe(400);
    expect(text).toBe(
      '{"__type":"ResourceNotFoundException","message":"User pool client 1example23456789 does not exist."}',
    );
    expect(headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException:');
    expect(headers.get('x-amzn-errormessage')).toBe('User pool client 1example23456789 does not exist.');
    expect(headers.get('x-amzn-requestid')).toMatch(UUID);
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toContain('x-amzn-ErrorType');
  });

  it.each([
    ['line breaks', 'a\r\nx-injected: 1'],
    ['a line break alone', 'a\nb'],
    ['a control character', 'a\u0001b'],
    ['an umlaut', 'pöol'],
    ['an emoji', 'pool 🎉'],
    ['a right-to-left override', 'pool\u202eloop'],
  ])('carries %s of a caller in its body, never in a header line', async (_, hostile) => {
    const { status, headers, json } = await raw(house.url, 'CreateUserPool', {
      PoolName: 'hostile',
      UserPoolTier: hostile,
    });
    expect(status).toBe(400);
    expect(json.__type).toBe('InvalidParameterException');
    expect(json.message).toContain(hostile);
    expect(headers.get('x-injected')).toBeNull();
    expect(headers.get('x-amzn-errormessage')).toMatch(/^[\x20-\x7e]+$/);
  });

  it('keeps its header short, however long the message', async () => {
    const { headers, json } = await raw(house.url, 'AdminCreateUser', {
      UserPoolId: '!'.repeat(9000),
      Username: ' ',
      DesiredDeliveryMediums: Array.from({ length: 300 }, () => 'x'.repeat(300)),
    });
    expect(json.message.length).toBeGreaterThan(100);
    expect((headers.get('x-amzn-errormessage') as string).length).toBeLessThanOrEqual(1024);
  });
});

describe('an internal error', () => {
  const secret = 'SELECT * FROM users WHERE password = hunter2';
  const broken = { pools: { client: () => Promise.reject(new Error(secret)) } };

  it('shows nothing of its cause and keeps it for the log', async () => {
    const endpoint = createEndpoint(broken as never, undefined, undefined);
    const answer = await endpoint.answer({
      requestId: 'any',
      method: 'POST',
      url: '/',
      target: `${PREFIX}ForgotPassword`,
      rawHeaders: [],
      body: JSON.stringify(ANY_CLIENT),
      sourceIp: '127.0.0.1',
    });
    expect(answer.status).toBe(500);
    expect(answer.body).toBe('{"__type":"InternalErrorException","message":"Internal error."}');
    expect(answer.error?.cause).toMatchObject({ message: secret });
  });
});

describe('the target', () => {
  const body = JSON.stringify(ANY_CLIENT);
  it.each<[string, Record<string, string>]>([
    ['is missing', {}],
    ['is empty', { 'x-amz-target': '' }],
    ['names another service', { 'x-amz-target': 'AWSCognitoIdentityService.ForgotPassword' }],
    ['has no service', { 'x-amz-target': 'ForgotPassword' }],
    ['names no operation', { 'x-amz-target': PREFIX }],
    ['names an unknown operation', { 'x-amz-target': `${PREFIX}StealPassword` }],
    ['is spelt in another case', { 'x-amz-target': `${PREFIX}forgotpassword` }],
    ['names a member of every object', { 'x-amz-target': `${PREFIX}constructor` }],
    ['names a prototype', { 'x-amz-target': `${PREFIX}__proto__` }],
  ])('%s: UnknownOperationException [I]', async (_, target) => {
    const { status, json } = await post({ 'content-type': 'application/x-amz-json-1.1', ...target }, body);
    expect({ status, type: json.__type }).toEqual({ status: 400, type: 'UnknownOperationException' });
  });

  it('decides, not the content type', async () => {
    for (const type of ['application/json', 'text/plain;charset=UTF-8', 'application/x-amz-json-1.0']) {
      const { json } = await post(
        { 'content-type': type, 'x-amz-target': `${PREFIX}ListUserPools` },
        '{"MaxResults":1}',
      );
      expect(json.UserPools).toHaveLength(1);
    }
  });
});

describe('the body', () => {
  it.each([
    ['is not JSON', '{"ClientId":'],
    ['is a word', 'hello'],
    ['is followed by more', '{}{}'],
    ['has a byte order mark', '\ufeff{}'],
    ['is null', 'null'],
    ['is an array', '[]'],
    ['is a string', '"text"'],
    ['is a number', '7'],
    ['has a number for a string', { ...ANY_CLIENT, Username: 7 }],
    ['has an object for a string', { ...ANY_CLIENT, Username: {} }],
    ['has a list for a string', { ...ANY_CLIENT, Username: ['alice'] }],
    ['has a string for a map', { ...ANY_CLIENT, ClientMetadata: 'x' }],
    ['has a list for a structure', { ...ANY_CLIENT, AnalyticsMetadata: [] }],
    ['is 40 levels deep', `${'['.repeat(40)}${']'.repeat(40)}`],
    ['is a million levels deep', '['.repeat(1_000_000)],
    [
      'is deep in a member that nobody reads',
      `{"ClientId":"x","Extra":${'{"a":'.repeat(50)}1${'}'.repeat(50)}}`,
    ],
  ])('%s: SerializationException [I]', async (_, body) => {
    const { status, json, headers } = await raw(house.url, 'ForgotPassword', body);
    expect({ status, type: json.__type }).toEqual({ status: 400, type: 'SerializationException' });
    expect(headers.get('x-amzn-errortype')).toBe('SerializationException:');
  });

  it.each(['confirmationCode', 'password'])('does not come back when its %s is malformed', async () => {
    const body =
      '{"ClientId":"x","Username":"alice","ConfirmationCode":"123456","Password":"hunter2" "oops"}';
    const { text } = await raw(house.url, 'ConfirmForgotPassword', body);
    expect(text).not.toMatch(/hunter2|123456/);
  });

  it('is an empty input when it is empty', async () => {
    const { json } = await raw(house.url, 'ListUserPools', '');
    expect(json).toEqual({
      __type: 'InvalidParameterException',
      message:
        "1 validation error detected: Value null at 'maxResults' failed to satisfy constraint: Member must not be null",
    });
  });

  it('may hold members that the model does not know', async () => {
    const { status } = await raw(house.url, 'ListUserPools', {
      MaxResults: 1,
      Surprise: { of: ['any kind'] },
    });
    expect(status).toBe(200);
  });

  it('may be as large as 1 MiB', async () => {
    const frame = '{"MaxResults":1,"Filler":""}';
    const body = frame.replace('""', `"${'x'.repeat(1_048_576 - frame.length)}"`);
    expect((await raw(house.url, 'ListUserPools', body)).status).toBe(200);
  });

  it('over 1 MiB gets a typed error that browsers can read', async () => {
    const { status, headers, json } = await raw(house.url, 'ForgotPassword', 'x'.repeat(1_048_577));
    expect(status).toBe(413);
    expect(json.__type).toBe('RequestEntityTooLargeException');
    expect(headers.get('x-amzn-errortype')).toBe('RequestEntityTooLargeException:');
    expect(headers.get('x-amzn-requestid')).toMatch(UUID);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toContain('x-amzn-ErrorType');
  });
});

describe('constraints [Q]', () => {
  const confirm = { ...ANY_CLIENT, ConfirmationCode: '123456', Password: 'Passw0rd!' };
  it.each([
    [
      'a missing member',
      { ...confirm, ConfirmationCode: undefined },
      "1 validation error detected: Value null at 'confirmationCode' failed to satisfy constraint: Member must not be null",
    ],
    [
      'an empty code, which is shown',
      { ...confirm, ConfirmationCode: '' },
      "2 validation errors detected: Value '' at 'confirmationCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+; Value '' at 'confirmationCode' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'an empty username, which is sensitive',
      { ...confirm, Username: '' },
      "2 validation errors detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+; Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'an empty client id, which is sensitive',
      { ...confirm, ClientId: '' },
      "2 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+]+; Value at 'clientId' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'a password with a space in front',
      { ...confirm, Password: ' Passw0rd!' },
      "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$",
    ],
  ])('%s', async (_, body, message) => {
    const { status, json } = await raw(house.url, 'ConfirmForgotPassword', body);
    expect(status).toBe(400);
    expect(json).toEqual({ __type: 'InvalidParameterException', message });
  });

  it('come before an unknown app client is noticed [I]', async () => {
    const { json } = await raw(house.url, 'ForgotPassword', { ClientId: 'nobody', Username: '' });
    expect(json.__type).toBe('InvalidParameterException');
  });
});

describe('operations that are not there yet', () => {
  it('are some, and every operation is either there or among them', () => {
    expect(unsupported.size).toBeGreaterThan(0);
    for (const name of unsupported) expect(operations).toHaveProperty(name);
  });

  it.each([...unsupported])('%s answers a typed error that names it, whatever its input', async (name) => {
    for (const body of ['', '{}', '{"UserPoolId":7}']) {
      const { status, headers, json } = await raw(house.url, name, body);
      expect(status).toBe(400);
      expect(json.__type).toBe('OperationNotSupportedException');
      expect(json.message).toContain(name);
      expect(headers.get('x-amzn-errortype')).toBe('OperationNotSupportedException:');
    }
  });
});

describe('browsers and other callers of /', () => {
  it('a preflight allows what an SDK sends', async () => {
    const { status, headers } = await fetch(house.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-amz-target,x-amz-user-agent',
      },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    expect(headers.get('access-control-allow-headers')).toMatch(/\*/);
    // Of all headers this one is not covered by the star (Fetch Standard, CORS-preflight fetch).
    expect(headers.get('access-control-allow-headers')).toMatch(/authorization/);
  });

  it.each(['PUT', 'DELETE', 'PATCH'])('%s / is not found, without a stack', async (method) => {
    const response = await fetch(house.url, { method, body: '{}' });
    expect(response.status).toBe(404);
    expect(await response.text()).not.toMatch(/\bat \S+ \(|node_modules|\.ts:/);
  });

  it('another path is not found', async () => {
    const response = await fetch(`${house.url}/ForgotPassword`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(404);
  });
});

describe('a fault that a test ordered', () => {
  it('is the next answer of its operation, and the one after is the truth again', async () => {
    const order = { operation: 'ListUserPools', error: 'TooManyRequestsException', times: 1 };
    await house.operator('faults', { method: 'POST', json: order });
    const first = await raw(house.url, 'ListUserPools', { MaxResults: 1 });
    expect({ status: first.status, type: first.json.__type }).toEqual({
      status: 400,
      type: 'TooManyRequestsException',
    });
    expect((await raw(house.url, 'ListUserPools', { MaxResults: 1 })).status).toBe(200);
  });

  it('reaches an SDK as the typed error that it names', async () => {
    const order = { operation: 'CreateUserPool', error: 'LimitExceededException', times: 1 };
    await house.operator('faults', { method: 'POST', json: order });
    await expect(house.sdk.send(new CreateUserPoolCommand({ PoolName: 'x' }))).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
  });
});
