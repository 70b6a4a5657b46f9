import { describe, expect, test } from 'vitest';
import { codeKmsOf } from '../../packages/server/src/config/code-kms.ts';
import { kmsEnvironment } from '../../packages/server/src/domain/triggers/kms/function-environment.ts';

describe('--kms', () => {
  test('is the server itself in dev mode, and AWS in production', () => {
    expect(codeKmsOf(undefined, 'dev')).toBe('local');
    expect(codeKmsOf(undefined, 'production')).toBe('aws');
    expect(codeKmsOf('aws', 'dev')).toBe('aws');
  });

  test.each(['http://127.0.0.1:4566', 'https://kms.example.com'])('may be at %s', (endpoint) => {
    expect(codeKmsOf(endpoint, 'production')).toEqual({ endpoint });
  });

  test.each([
    ['local', /for dev mode/],
    ['http://kms.example.com', /must be an https URL/],
    ['https://user:password@kms.example.com', /without a login/],
    ['somewhere', /aws, local, or a URL/],
    ['file:///keys', /aws, local, or a URL/],
  ])('%s is refused in production', (given, text) => {
    expect(() => codeKmsOf(given, 'production')).toThrow(text);
    expect(() => codeKmsOf(given, 'production')).not.toThrow(/password/);
  });
});

describe('the environment of a function in a file', () => {
  const AWS_ENDPOINT_URL_KMS = 'http://127.0.0.1:9229';

  test('has credentials, so that its AWS SDK can sign, where it would have none', () => {
    expect(kmsEnvironment(AWS_ENDPOINT_URL_KMS, {})).toEqual({
      AWS_ENDPOINT_URL_KMS,
      AWS_ACCESS_KEY_ID: 'poolkeeper',
      AWS_SECRET_ACCESS_KEY: 'poolkeeper',
    });
  });

  test.each(['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'])(
    'leaves it its own: %s',
    (name) => {
      expect(kmsEnvironment(AWS_ENDPOINT_URL_KMS, { [name]: 'mine' })).toEqual({ AWS_ENDPOINT_URL_KMS });
    },
  );
});
