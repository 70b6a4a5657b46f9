import {
  ForgotPasswordCommand,
  SetUserPoolMfaConfigCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { signerOf } from '../support/aws-stand-in.ts';
import { type House, openHouse } from '../support/house.ts';
import { poolCalls } from '../support/pool-calls.ts';
import { openProviderServer, type ProviderServer } from '../support/provider-server.ts';
import { refusal } from '../support/refusal.ts';

const ARN = 'arn:aws:ses:eu-west-1:123456789012:identity/shop@example.com';
const SENT = '/v2/email/outbound-emails';
const VERIFIED = { body: { VerifiedForSendingStatus: true } };

let ses: ProviderServer;
let house: House;
let verified = true;
const { create, update, describePool } = poolCalls(() => house);
beforeAll(async () => {
  ses = await openProviderServer(({ path }) => {
    if (path === SENT) return { body: { MessageId: '0100018b-abc' } };
    if (path.endsWith('/codes')) return { body: {} };
    return verified && path.includes('/identities/')
      ? VERIFIED
      : { status: 404, headers: { 'x-amzn-errortype': 'NotFoundException' }, body: {} };
  });
  house = await openHouse({ email: `ses://us-east-1?from=no-reply@example.com&endpoint=${ses.url}` });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await ses[Symbol.asyncDispose]();
});
beforeEach(() => {
  verified = true;
  ses.requests.length = 0;
});

const email = (over: object = {}) => ({
  EmailConfiguration: { EmailSendingAccount: 'DEVELOPER' as const, SourceArn: ARN, ...over },
});

describe('a pool that sends by Amazon SES', () => {
  test('has its codes leave from its identity, in its region, by its configuration set', async () => {
    const poolId = await house.createPool(email({ ConfigurationSet: 'codes' }));
    const { ClientId } = await house.createClient(poolId);
    await house.createUser(poolId, 'ann');
    ses.requests.length = 0;
    await house.sdk.send(new ForgotPasswordCommand({ ClientId, Username: 'ann' }));
    const sent = await vi.waitFor(() => {
      const [request] = ses.requests.filter(({ path }) => path === SENT);
      if (request === undefined) throw new Error('Nothing was sent.');
      return request;
    });
    expect(signerOf(sent).region).toBe('eu-west-1');
    const input = JSON.parse(sent.body);
    expect(input).toMatchObject({
      FromEmailAddress: 'shop@example.com',
      FromEmailAddressIdentityArn: ARN,
      Destination: { ToAddresses: ['ann@example.com'] },
      ConfigurationSetName: 'codes',
    });
    const { Text, Html } = input.Content.Simple.Body;
    const code = /\d{6}/.exec(Text.Data)?.[0] as string;
    expect(Html.Data).toContain(code);
    await vi.waitFor(async () => {
      const [message] = await house.messages('ann@example.com', 0);
      expect(message).toMatchObject({ status: 'sent', attempts: 1 });
    });
  });

  test('is stored only with an identity that is verified, and a configuration set that is there', async () => {
    const id = await create(email());
    verified = false;
    const text = `InvalidParameterException: Cognito received the following error from Amazon SES when attempting to send email: Email address is not verified. The following identities failed the check in region EU-WEST-1: ${ARN}`;
    expect(await refusal(create(email()))).toBe(text);
    expect(await refusal(update(id, email({ From: 'Us <shop@example.com>' })))).toBe(text);
    expect((await describePool(id))?.EmailConfiguration).toEqual(email().EmailConfiguration);
    expect(await refusal(create({ EmailConfiguration: { ConfigurationSet: 'others' } }))).toMatch(
      /^InvalidParameterException: EmailConfiguration.ConfigurationSet: .* no configuration set others\.$/,
    );
  });

  test('is not asked about where a request changes nothing of it', async () => {
    const id = await create(email());
    verified = false;
    await house.sdk.send(
      new SetUserPoolMfaConfigCommand({
        UserPoolId: id,
        MfaConfiguration: 'OPTIONAL',
        SoftwareTokenMfaConfiguration: { Enabled: true },
      }),
    );
  });
});
