import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../packages/server/src/config/config-error.ts';
import { requirePackages } from '../../packages/server/src/domain/delivery/channels/channel-url.ts';
import { createSmsChannel } from '../../packages/server/src/domain/delivery/channels/sms-channel.ts';
import { smsChannel } from '../support/sms.ts';

const TWILIO = 'twilio://AC1:hunter2@api.twilio.com';

describe('an --sms URL', () => {
  test.each([
    ['hunter2', /one of sns/],
    ['http:', /not a URL|one of sns|no host/],
    ['ftp://hunter2@example.com', /one of sns/],
    ['sns://', /no host/],
    ['sns:us-east-1', /no host/],
    ['sns://example.com', /region of AWS/],
    ['sns://AKIA:hunter2@us-east-1', /credentials come from the environment/],
    ['sns://us-east-1/hunter2', /region of AWS/],
    ['sns://us-east-1:443', /region of AWS/],
    ['sns://us-east-1#hunter2', /after its host/],
    ['sns://us-east-1?hunter2=1', /an option other than sender-id, origination-number, endpoint/],
    ['sns://us-east-1?sender-id=A&sender-id=B', /sender-id twice/],
    ['sns://us-east-1?sender-id=', /empty sender-id/],
    ['sns://us-east-1?sender-id=12345', /with a letter/],
    ['sns://us-east-1?sender-id=LongerThanEleven', /1 to 11/],
    ['sns://us-east-1?sender-id=100%', /%25/],
    ['sns://us-east-1?origination-number=2065550100', /\+12065550100/],
    ['sns://us-east-1?max-price=free', /US dollars/],
    ['sns://us-east-1?max-price=-1', /US dollars/],
    ['sns://us-east-1?roles=maybe', /neither on nor off/],
    ['sns://us-east-1?endpoint=localhost:1', /no http or https URL/],
    ['sns://us-east-1?endpoint=http://u:hunter2@localhost:1', /no http or https URL/],
    ['eum://us-east-1?origination-identity=%22', /no number, name, id or ARN/],
    ['eum://us-east-1?sender-id=A', /an option other than origination-identity/],
    ['twilio://api.twilio.com', /no account sid and auth token/],
    ['twilio://AC1@api.twilio.com', /no account sid and auth token/],
    ['twilio://SK1:hunter2@api.twilio.com', /account=AC/],
    ['twilio://A%2fC:hunter2@api.twilio.com', /before its host/],
    ['twilio://AC1:hun%0ater2@api.twilio.com', /before its host/],
    [`${TWILIO}?account=../x`, /no sid/],
    [`${TWILIO}?from=%2B1206555&messaging-service=MG1`, /both from and messaging-service/],
    [`${TWILIO}?from=A.Name.That.Is.None`, /from that is no number/],
    [`${TWILIO}?messaging-service=a%20b`, /no sid such as MG/],
    [`${TWILIO}?status-callback=no`, /neither on nor off/],
    [`${TWILIO}?insecure=true`, /loopback alone/],
    [`${TWILIO}/a%20b?from=Name`, /after its host/],
  ])('%j is refused, without repeating it', (url, reason) => {
    let error: unknown;
    try {
      smsChannel(url);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(reason);
    expect((error as Error).message).not.toContain('hunter2');
  });

  test('in production sends codes in clear to this machine alone', () => {
    const open = (url: string) =>
      createSmsChannel(url, {
        mode: 'production',
        region: 'us-east-1',
        webhookSecrets: [],
        functionNetworks: [],
        clock: { now: () => 0 },
      });
    for (const option of ['endpoint', 'sts-endpoint']) {
      expect(() => open(`sns://us-east-1?${option}=http://emulator:4566`)).toThrow(/unencrypted/);
      expect(() => open(`sns://us-east-1?${option}=http://127.0.0.1:4566`)).not.toThrow();
      expect(() => open(`sns://us-east-1?${option}=https://emulator:4566`)).not.toThrow();
    }
    expect(() => smsChannel('sns://us-east-1?endpoint=http://emulator:4566')).not.toThrow();
  });
});

test('who lacks the packages of a channel is told what to install', () => {
  expect(() => requirePackages('--sms x://', ['@aws-sdk/client-sns', '@aws-sdk/client-none'])).toThrow(
    /^--sms x:\/\/ .*npm install @aws-sdk\/client-none$/,
  );
});
