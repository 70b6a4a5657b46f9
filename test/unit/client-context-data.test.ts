import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodeContextData, secretHash } from '../../packages/client/src/index.ts';

describe('EncodedData', () => {
  const facts = {
    userPoolId: 'us-east-1_AbCdEf123',
    clientId: '1example23456789',
    username: 'élise',
    contextData: { UserAgent: 'MyApp/1.0', ClientTimezone: '+01:00' },
  };

  test('is a payload, its signature under the client id, and the version, as AWS makes it', async () => {
    const before = Date.now();
    const read = JSON.parse(Buffer.from(await encodeContextData(facts), 'base64').toString());
    expect(Object.keys(read)).toEqual(['payload', 'signature', 'version']);
    const { payload, signature, version } = read;
    const { timestamp, ...rest } = JSON.parse(payload);
    const { clientId, ...told } = facts;
    expect(rest).toEqual(told);
    expect(timestamp).toMatch(/^\d{13}$/);
    expect(Number(timestamp)).toBeGreaterThanOrEqual(before);
    expect(version).toBe('JS20171115');
    expect(signature).toBe(
      createHmac('sha256', clientId)
        .update(version + payload)
        .digest('base64'),
    );
  });
});

test('SECRET_HASH is that of the name and the client id under the secret', async () => {
  const expected = createHmac('sha256', 'secret').update('élise1client').digest('base64');
  expect(await secretHash('1client', 'secret', 'élise')).toBe(expected);
});
