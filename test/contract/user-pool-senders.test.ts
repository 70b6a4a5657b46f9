import {
  type CreateUserPoolCommandInput,
  ForgotPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { openMailServer } from '../support/mail-server.ts';
import { poolCalls } from '../support/pool-calls.ts';
import { refusal } from '../support/refusal.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

type Create = Partial<CreateUserPoolCommandInput>;
const { create, update, describePool } = poolCalls(() => house);

const ROLE = 'arn:aws:iam::123456789012:role/sms';
const identity = (name: string) => `arn:aws:ses:us-east-1:123456789012:identity/${name}`;
const SmsConfiguration = { SnsCallerArn: ROLE, ExternalId: 'x', SnsRegion: 'eu-west-1' };
const refused = (text: string) => `InvalidParameterException: ${text}`;

describe('SmsConfiguration', () => {
  it.each([{}, { SnsCallerArn: '' }, { ExternalId: 'x' }])('needs a role: %j', async (given) => {
    const text = refused(
      "1 validation error detected: Value null at 'smsConfiguration.snsCallerArn' failed to satisfy constraint: Member must not be null",
    );
    expect(await refusal(create({ SmsConfiguration: given }))).toBe(text);
    expect(await refusal(update(await create(), { SmsConfiguration: given }))).toBe(text);
  });

  it('is replaced whole', async () => {
    const id = await create({ SmsConfiguration });
    await update(id, { SmsConfiguration: { SnsCallerArn: ROLE } });
    expect((await describePool(id))?.SmsConfiguration).toEqual({ SnsCallerArn: ROLE });
  });
});

describe('SmsConfiguration.EumsSms', () => {
  const EumsSms = { CallerArn: ROLE, ExternalId: 'their-id', OriginationIdentity: '+12065550100' };
  let id: string;
  beforeAll(async () => {
    id = await create({ SmsConfiguration });
  });

  it('is shown as it was given, and replaces SnsCallerArn', async () => {
    await update(id, { SmsConfiguration: { EumsSms: { ...EumsSms, Region: 'us-east-1' } } });
    expect((await describePool(id))?.SmsConfiguration).toEqual({
      EumsSms: { ...EumsSms, Region: 'us-east-1' },
    });
  });

  it.each<[string, NonNullable<Create['SmsConfiguration']>, string]>([
    [
      'beside SnsCallerArn',
      { SnsCallerArn: ROLE, EumsSms },
      'SmsConfiguration can have SnsCallerArn or EumsSms, but not both.',
    ],
    [
      'beside what goes with SnsCallerArn',
      { SnsRegion: 'us-east-1', EumsSms },
      'SmsConfiguration.ExternalId and SnsRegion go with SnsCallerArn; EumsSms has its own.',
    ],
    [
      'in another region than the pool [D]',
      { EumsSms: { ...EumsSms, Region: 'eu-west-1' } },
      'SmsConfiguration.EumsSms.Region must be the region of the user pool, us-east-1.',
    ],
    [
      'with an id that no carrier could take',
      { EumsSms: { ...EumsSms, InEntityId: 'a b' } },
      'SmsConfiguration.EumsSms.InEntityId has an unexpected form.',
    ],
  ])('is refused %s', async (_where, given, text) => {
    expect(await refusal(create({ SmsConfiguration: given }))).toBe(refused(text));
    expect(await refusal(update(id, { SmsConfiguration: given }))).toBe(refused(text));
  });
});

it('SnsRegion must be a region', async () => {
  const given = { SmsConfiguration: { ...SmsConfiguration, SnsRegion: 'evil.example/#' } };
  expect(await refusal(create(given))).toBe(
    refused('SmsConfiguration.SnsRegion must be a region of AWS, such as us-east-1.'),
  );
});

describe('EmailConfiguration DEVELOPER', () => {
  const email = (SourceArn: string | undefined, From?: string): Create => ({
    EmailConfiguration: { EmailSendingAccount: 'DEVELOPER', SourceArn, From },
  });
  it.each([
    [identity('us@example.com'), undefined],
    [identity('us@example.com'), 'Us <Us@Example.com>'],
    [identity('example.com'), 'us@example.com'],
    [identity('example.com'), 'Us <us@mail.example.com>'],
    ['arn:aws-us-gov:ses:us-gov-west-1:123456789012:identity/example.com', 'us@example.com'],
  ])('takes the identity %s with From %s, and shows what was given', async (arn, From) => {
    const input = email(arn, From);
    const shown = { EmailSendingAccount: 'DEVELOPER', SourceArn: arn, ...(From && { From }) };
    const id = await create(input);
    expect((await describePool(id))?.EmailConfiguration).toEqual(shown);
    await update(id, input);
    expect((await describePool(id))?.EmailConfiguration).toEqual(shown);
  });

  const noIdentity =
    'EmailConfiguration.SourceArn must name an Amazon SES identity, such as arn:aws:ses:us-east-1:123456789012:identity/no-reply@example.com.';
  const domainAlone =
    'EmailConfiguration.From is required: the identity example.com of SourceArn is a domain.';
  const outside = (name: string) =>
    `EmailConfiguration.From must be an address of the identity ${name} of SourceArn.`;
  it.each([
    [
      undefined,
      'us@example.com',
      'EmailConfiguration.SourceArn is required when EmailSendingAccount is DEVELOPER.',
    ],
    ['arn:aws:iam::123456789012:role/ses', undefined, noIdentity],
    ['arn:aws:ses:us-east-1:123456789012:configuration-set/all', undefined, noIdentity],
    [identity('us@'), undefined, noIdentity],
    [identity('example.com'), undefined, domainAlone],
    [identity('us@example.com'), 'them@example.com', outside('us@example.com')],
    [identity('us@example.com'), 'us@example.com <them@example.com>', outside('us@example.com')],
    [identity('example.com'), 'us@badexample.com', outside('example.com')],
    [identity('example.com'), 'us@example.com.example.org', outside('example.com')],
    [identity('mail.example.com'), 'us@example.com', outside('mail.example.com')],
  ])('refuses the identity %s with From %s', async (arn, From, text) => {
    expect(await refusal(create(email(arn, From)))).toBe(refused(text));
    expect(await refusal(update(await create(), email(arn, From)))).toBe(refused(text));
  });

  it('is of an identity with COGNITO_DEFAULT, too', async () => {
    const given = { SourceArn: identity('us@example.com'), ConfigurationSet: 'codes' };
    const id = await create({ EmailConfiguration: given });
    expect((await describePool(id))?.EmailConfiguration).toEqual({
      ...given,
      EmailSendingAccount: 'COGNITO_DEFAULT',
    });
    const them = { EmailConfiguration: { ...given, From: 'them@example.com' } };
    expect(await refusal(create(them))).toBe(refused(outside('us@example.com')));
  });

  it.each([
    ['the address of the identity', email(identity('us@example.com')), 'us@example.com'],
    [
      'the address of the identity of COGNITO_DEFAULT',
      { EmailConfiguration: { SourceArn: identity('us@example.com'), ConfigurationSet: 'codes' } },
      'us@example.com',
    ],
    [
      'From, where there is one',
      email(identity('example.com'), 'Us <us@mail.example.com>'),
      '"Us" <us@mail.example.com>',
    ],
  ])("sends mail by the server's own channel, from %s", async (_, input, sender) => {
    await using mail = await openMailServer();
    await using sending = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
    const poolId = await sending.createPool(input);
    const { ClientId } = await sending.createClient(poolId);
    await sending.createUser(poolId, 'ann');
    await sending.sdk.send(new ForgotPasswordCommand({ ClientId, Username: 'ann' }));
    const { content } = await mail.first('ann@example.com');
    expect(content.from?.text).toBe(sender);
    expect(content.headers.get('x-ses-configuration-set')).toBe(input.EmailConfiguration?.ConfigurationSet);
  });
});
