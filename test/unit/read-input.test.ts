import type { operations } from '@poolkeeper/model';
import { describe, expect, test } from 'vitest';
import { encodeOutput } from '../../packages/server/src/wire/encode.ts';
import { prepareReaders, readInput } from '../../packages/server/src/wire/read-input.ts';

const clientId = '1example23456789';
const forgot = { ClientId: clientId, Username: 'alice' };
const confirm = { ...forgot, ConfirmationCode: '123456', Password: 'Correct horse 1!' };

type Operation = keyof typeof operations;
const read = (operation: Operation, input: unknown) => readInput(operation, JSON.stringify(input));

/** What reading throws, as the wire shows it. */
function refusal(operation: Operation, body: unknown): { type: string; message: string } {
  try {
    readInput(operation, typeof body === 'string' ? body : JSON.stringify(body));
  } catch (error) {
    return error as { type: string; message: string };
  }
  throw new Error('The input was accepted.');
}

function violation(operation: Operation, input: unknown): string {
  const { type, message } = refusal(operation, input);
  expect(type).toBe('InvalidParameterException');
  return message;
}

function malformed(operation: Operation, input: unknown): string {
  const { type, message } = refusal(operation, input);
  expect(type).toBe('SerializationException');
  return message;
}

test('every operation has a reader', () => {
  expect(prepareReaders).not.toThrow();
});

describe('what is read', () => {
  test('a good input, as it stands', () => {
    expect(read('ConfirmForgotPassword', confirm)).toEqual(confirm);
  });
  test('an empty body is an empty input', () => {
    expect(read('ListUserPools', { MaxResults: 1 })).toEqual({ MaxResults: 1 });
    expect(violation('ListUserPools', '')).toBe(
      "1 validation error detected: Value null at 'maxResults' failed to satisfy constraint: Member must not be null",
    );
  });
  test('unknown members are left out, at every level', () => {
    const input = { ...forgot, Surprise: 1, AnalyticsMetadata: { AnalyticsEndpointId: 'x', More: {} } };
    expect(read('ForgotPassword', input)).toEqual({
      ...forgot,
      AnalyticsMetadata: { AnalyticsEndpointId: 'x' },
    });
  });
  test('a null member is an absent one', () => {
    expect(
      read('ForgotPassword', { ...forgot, SecretHash: null, ClientMetadata: { a: null, b: 'c' } }),
    ).toEqual({
      ...forgot,
      ClientMetadata: { b: 'c' },
    });
  });
  test("a map keeps the caller's keys, __proto__ among them, and pollutes nothing", () => {
    const body = `{"ClientId":"${clientId}","Username":"alice","ClientMetadata":{"__proto__":"a","constructor":"b"}}`;
    const { ClientMetadata = {} } = readInput('ForgotPassword', body);
    expect(Object.entries(ClientMetadata)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(Object.getPrototypeOf(ClientMetadata)).toBe(null);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
  test('a __proto__ member of a structure is an unknown member', () => {
    const body = `{"ClientId":"${clientId}","Username":"alice","__proto__":{"SecretHash":"stolen"}}`;
    expect(readInput('ForgotPassword', body).SecretHash).toBeUndefined();
  });
  test('a blob is the bytes of its base64', () => {
    const image = { UserPoolId: 'eu-west-1_abc', ImageFile: 'aGVsbG8=' };
    expect(readInput('SetUICustomization', JSON.stringify(image)).ImageFile).toEqual(
      new TextEncoder().encode('hello'),
    );
  });
  test('a document is any JSON', () => {
    const Settings = { a: [1, null, { b: true }] };
    const input = { UserPoolId: 'eu-west-1_abc', ClientId: clientId, Settings };
    expect(read('CreateManagedLoginBranding', input)).toEqual(input);
  });
});

describe('malformed requests', () => {
  test.each(['{', 'nonsense', '{"ClientId":}', '{"a":1}x', ' '])('not JSON: %s', (body) => {
    expect(malformed('ForgotPassword', body)).toBe('The request body is not valid JSON.');
  });
  test.each([
    ['[]', 'an array'],
    ['null', 'null'],
    ['"hunter2"', 'a string'],
    ['7', 'a number'],
  ])('not an object: %s', (body, kind) => {
    expect(malformed('ForgotPassword', body)).toBe(
      `Expected an object as the request body but found ${kind}.`,
    );
  });
  test.each([
    ['ForgotPassword', { ...forgot, Username: 7 }, "a string at 'username' but found a number"],
    [
      'ForgotPassword',
      { ...forgot, UserContextData: [] },
      "an object at 'userContextData' but found an array",
    ],
    [
      'ForgotPassword',
      { ...forgot, ClientMetadata: { k: {} } },
      "a string at 'clientMetadata.*' but found an object",
    ],
    ['SignUp', { UserAttributes: {} }, "an array at 'userAttributes' but found an object"],
    [
      'SignUp',
      { UserAttributes: [{ Name: 'a' }, { Name: true }] },
      "a string at 'userAttributes.2.member.name' but found a boolean",
    ],
    ['ListUserPools', { MaxResults: 1.5 }, "an integer at 'maxResults' but found a number"],
    ['ListUserPools', { MaxResults: '1' }, "an integer at 'maxResults' but found a string"],
    ['ListUserPools', '{"MaxResults":9007199254740993}', "an integer at 'maxResults' but found a number"],
    ['ListUserPools', '{"MaxResults":1e999}', "an integer at 'maxResults' but found a number"],
    ['AdminSetUserPassword', { Permanent: 'true' }, "a boolean at 'permanent' but found a string"],
    ['SetUICustomization', { ImageFile: 'a-b_' }, "a base64 string at 'imageFile' but found a string"],
    ['SetUICustomization', { ImageFile: 'abc' }, "a base64 string at 'imageFile' but found a string"],
  ] as const)('wrong type in %s: %j', (operation, input, text) => {
    expect(malformed(operation, input)).toBe(`Expected ${text}.`);
  });
  test('a wrong type is told before any constraint', () => {
    expect(malformed('ConfirmForgotPassword', { ClientId: '', Password: 1 })).toContain("'password'");
  });

  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  test('nesting ends at 32 levels, in unknown members too', () => {
    expect(violation('ForgotPassword', nested(32))).toContain('2 validation errors');
    expect(malformed('ForgotPassword', nested(33))).toBe('The request body is nested deeper than 32 levels.');
  });
  test.each(['[', '{"a":', '[{"a":'])('a mebibyte of %s', (opening) => {
    const body = opening.repeat(2 ** 20 / opening.length);
    expect(malformed('ForgotPassword', body)).toContain('nested deeper');
  });
  test('brackets in strings are text', () => {
    const Username = `\\"${'['.repeat(40)}\\\\${'{'.repeat(40)}"`;
    expect(read('ForgotPassword', { ...forgot, Username })).toEqual({ ...forgot, Username });
  });
});

describe('constraints', () => {
  const P = '[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+';
  const at = (name: string, value = '') =>
    `Value${value} at '${name}' failed to satisfy constraint: Member must`;

  test('pattern of a sensitive member: no value', () => {
    expect(violation('ForgotPassword', { ...forgot, Username: 'a b' })).toBe(
      `1 validation error detected: ${at('username')} satisfy regular expression pattern: ${P}`,
    );
  });
  test('pattern before length', () => {
    expect(violation('ForgotPassword', { ...forgot, Username: '' })).toBe(
      `2 validation errors detected: ${at('username')} satisfy regular expression pattern: ${P}; ` +
        `${at('username')} have length greater than or equal to 1`,
    );
    expect(violation('ForgotPassword', { ...forgot, ClientId: '' })).toBe(
      `2 validation errors detected: ${at('clientId')} satisfy regular expression pattern: [\\w+]+; ` +
        `${at('clientId')} have length greater than or equal to 1`,
    );
  });
  test('other members show their value', () => {
    expect(violation('ConfirmForgotPassword', { ...confirm, ConfirmationCode: '' })).toBe(
      `2 validation errors detected: ${at('confirmationCode', " ''")} satisfy regular expression pattern: [\\S]+; ` +
        `${at('confirmationCode', " ''")} have length greater than or equal to 1`,
    );
  });
  test('the password pattern', () => {
    expect(violation('ConfirmForgotPassword', { ...confirm, Password: ' leading' })).toBe(
      `1 validation error detected: ${at('password')} satisfy regular expression pattern: ^[\\S]+.*[\\S]+$`,
    );
  });
  test('length counts UTF-16 code units', () => {
    expect(read('ForgotPassword', { ...forgot, Username: '😀'.repeat(64) })).toBeDefined();
    expect(violation('ForgotPassword', { ...forgot, Username: '😀'.repeat(65) })).toBe(
      `1 validation error detected: ${at('username')} have length less than or equal to 128`,
    );
  });
  test('a missing member is null, a sensitive one not even that', () => {
    const { ConfirmationCode: _, ...withoutCode } = confirm;
    expect(violation('ConfirmForgotPassword', withoutCode)).toBe(
      `1 validation error detected: ${at('confirmationCode', ' null')} not be null`,
    );
    expect(violation('ForgotPassword', { ClientId: clientId })).toBe(
      `1 validation error detected: ${at('username')} not be null`,
    );
    expect(violation('ForgotPassword', { ClientId: clientId, Username: null })).toContain(
      "Value at 'username'",
    );
  });
  test("all of them, in the order of the model's members", () => {
    expect(violation('ConfirmForgotPassword', { Password: 'x', Username: ' ' })).toBe(
      `4 validation errors detected: ${at('clientId')} not be null; ` +
        `${at('username')} satisfy regular expression pattern: ${P}; ` +
        `${at('confirmationCode', ' null')} not be null; ` +
        `${at('password')} satisfy regular expression pattern: ^[\\S]+.*[\\S]+$`,
    );
  });
  test('enum', () => {
    expect(violation('InitiateAuth', { ClientId: clientId, AuthFlow: 'X' })).toMatch(
      /^1 validation error detected: Value 'X' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: \[USER_SRP_AUTH, REFRESH_TOKEN_AUTH, .*\]$/,
    );
  });
  test('numbers', () => {
    expect(violation('ListUserPools', { MaxResults: 0 })).toBe(
      `1 validation error detected: ${at('maxResults', " '0'")} have value greater than or equal to 1`,
    );
    expect(violation('ListUserPools', { MaxResults: 61 })).toBe(
      `1 validation error detected: ${at('maxResults', " '61'")} have value less than or equal to 60`,
    );
  });
  test('bytes', () => {
    const ImageFile = Buffer.alloc(131073).toString('base64');
    expect(violation('SetUICustomization', { UserPoolId: 'eu-west-1_abc', ImageFile })).toBe(
      `1 validation error detected: ${at('imageFile')} have length less than or equal to 131072`,
    );
  });
  test('nested members', () => {
    const CustomEmailSender = { LambdaVersion: 'V9', LambdaArn: 'arn:aws:lambda:eu-west-1:1:function:f' };
    const input = { UserPoolId: 'eu-west-1_abc', LambdaConfig: { CustomEmailSender } };
    expect(violation('UpdateUserPool', input)).toBe(
      `1 validation error detected: ${at('lambdaConfig.customEmailSender.lambdaVersion', " 'V9'")} ` +
        'satisfy enum value set: [V1_0]',
    );
  });
  test('leading capitals of a member are lowered together', () => {
    expect(violation('SetUserMFAPreference', { SMSMfaSettings: {} })).toContain("'accessToken'");
    expect(malformed('SetUserMFAPreference', { SMSMfaSettings: 1 })).toContain("'smsMfaSettings'");
  });

  describe('lists', () => {
    const signUp = { ClientId: clientId, Username: 'alice' };
    const pool = { UserPoolId: 'eu-west-1_abc', ClientName: 'app' };

    test('members of items carry the number from one', () => {
      const UserAttributes = [{ Name: 'email', Value: 'x' }, { Value: 'y' }, { Name: '' }];
      const message = violation('SignUp', { ...signUp, UserAttributes });
      expect(message).toContain('3 validation errors detected');
      expect(message).toContain(`${at('userAttributes.2.member.name', ' null')} not be null`);
      expect(message).toContain(`${at('userAttributes.3.member.name', " ''")} have length greater`);
    });
    test('a null item', () => {
      expect(violation('SignUp', { ...signUp, UserAttributes: [{ Name: 'email' }, null] })).toBe(
        `1 validation error detected: ${at('userAttributes.2.member', ' null')} not be null`,
      );
      expect(violation('CreateUserPoolClient', { ...pool, AllowedOAuthScopes: [null] })).toBe(
        `1 validation error detected: ${at('allowedOAuthScopes.1.member', ' null')} not be null`,
      );
    });
    test('plain items: the list is shown, with every constraint on items (aws-cli#2941)', () => {
      expect(violation('CreateUserPoolClient', { ...pool, CallbackURLs: ['https://a', ''] })).toBe(
        `1 validation error detected: ${at('callbackURLs', " '[https://a, ]'")} satisfy constraint: ` +
          '[Member must have length less than or equal to 1024, ' +
          `Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ${P}]`,
      );
    });
    test('number of items', () => {
      const AllowedOAuthFlows = ['code', 'code', 'code', 'code'];
      expect(violation('CreateUserPoolClient', { ...pool, AllowedOAuthFlows })).toBe(
        `1 validation error detected: ${at('allowedOAuthFlows', " '[code, code, code, code]'")} ` +
          'have length less than or equal to 3',
      );
    });
    test('items that are structures are not shown', () => {
      const CustomAttributes = Array.from({ length: 26 }, () => ({ Name: 'secret' }));
      expect(violation('AddCustomAttributes', { UserPoolId: 'eu-west-1_abc', CustomAttributes })).toBe(
        `1 validation error detected: ${at('customAttributes')} have length less than or equal to 25`,
      );
    });
  });

  test('keys and values of maps', () => {
    const tags = { ResourceArn: 'arn:aws:cognito-idp:eu-west-1:1:userpool/x', Tags: { '': 'v' } };
    expect(violation('TagResource', tags)).toBe(
      "1 validation error detected: Value '{=v}' at 'tags' failed to satisfy constraint: Map keys must satisfy " +
        'constraint: [Member must have length less than or equal to 128, ' +
        'Member must have length greater than or equal to 1]',
    );
    expect(violation('TagResource', { ...tags, Tags: { k: 'v'.repeat(257) } })).toContain(
      "' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [",
    );
  });
  test('what lies within something sensitive is sensitive', () => {
    const UserContextData = { IpAddress: 1, EncodedData: 'x' };
    expect(malformed('ForgotPassword', { ...forgot, UserContextData })).not.toContain('1');
    const parameters = { ClientId: clientId, AuthFlow: 'X', AuthParameters: { PASSWORD: 'hunter2' } };
    expect(violation('InitiateAuth', parameters)).not.toContain('hunter2');
  });

  test('an answer stays short: values are cut and ten violations worded', () => {
    const code = `${'x'.repeat(255)}😀${'y'.repeat(5000)}`;
    expect(violation('ConfirmForgotPassword', { ...confirm, ConfirmationCode: code })).toBe(
      `1 validation error detected: ${at('confirmationCode', ` '${'x'.repeat(255)}...'`)} ` +
        'have length less than or equal to 2048',
    );
    const UserAttributes = Array.from({ length: 50_000 }, () => ({ Name: '' }));
    const message = violation('SignUp', { ClientId: clientId, Username: 'alice', UserAttributes });
    expect(message).toMatch(/^100000 validation errors detected: /);
    expect(message.split('; ')).toHaveLength(10);
    const CallbackURLs = Array.from({ length: 100_000 }, () => '');
    const long = violation('CreateUserPoolClient', {
      UserPoolId: 'eu-west-1_a',
      ClientName: 'a',
      CallbackURLs,
    });
    expect(long.length).toBeLessThan(2000);
  });
});

describe('outputs', () => {
  test('times are epoch seconds with milliseconds, absent members are left out', () => {
    const text = encodeOutput('AdminGetUser', {
      Username: 'alice',
      UserCreateDate: new Date(1700000000123),
      UserLastModifiedDate: new Date(1700000000000),
      UserStatus: undefined,
      UserAttributes: [{ Name: 'sub', Value: 'x' }],
    });
    expect(text).toBe(
      '{"UserAttributes":[{"Name":"sub","Value":"x"}],"UserCreateDate":1700000000.123,' +
        '"UserLastModifiedDate":1700000000,"Username":"alice"}',
    );
  });
  test('bytes are base64', () => {
    const Assets = [
      {
        Category: 'FAVICON_ICO' as const,
        ColorMode: 'LIGHT' as const,
        Extension: 'ICO' as const,
        Bytes: new Uint8Array([1, 2]),
      },
    ];
    const text = encodeOutput('DescribeManagedLoginBranding', { ManagedLoginBranding: { Assets } });
    expect(JSON.parse(text).ManagedLoginBranding.Assets[0].Bytes).toBe('AQI=');
  });
  test('members that the model does not declare stay inside', () => {
    const user = { Username: 'alice', passwordHash: 'secret' };
    expect(encodeOutput('AdminCreateUser', { User: user })).toBe('{"User":{"Username":"alice"}}');
    expect(encodeOutput('ConfirmForgotPassword', user as never)).toBe('{}');
  });
  test('nothing is {}', () => {
    expect(encodeOutput('DeleteUser', {})).toBe('{}');
  });
  test('an invalid date is a fault, not a null', () => {
    const User = { UserCreateDate: new Date(Number.NaN) };
    expect(() => encodeOutput('AdminCreateUser', { User })).toThrow('invalid date');
  });
});
