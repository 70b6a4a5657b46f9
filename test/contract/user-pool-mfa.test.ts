import {
  type CreateUserPoolCommandInput,
  GetUserPoolMfaConfigCommand,
  SetUserPoolMfaConfigCommand,
  type SetUserPoolMfaConfigCommandInput,
  type UpdateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { uncovered } from '../support/model-members.ts';
import { firstFactors, liteLacks, poolCalls } from '../support/pool-calls.ts';
import { refusal } from '../support/refusal.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

type Create = Partial<CreateUserPoolCommandInput>;
const { create, update, describePool } = poolCalls(() => house);
const mfaOf = async (UserPoolId: string) => {
  const { $metadata: _, ...config } = await house.sdk.send(new GetUserPoolMfaConfigCommand({ UserPoolId }));
  return config;
};
const setMfa = async (UserPoolId: string, input: Partial<SetUserPoolMfaConfigCommandInput> = {}) => {
  const command = new SetUserPoolMfaConfigCommand({ UserPoolId, ...input });
  const { $metadata: _, ...config } = await house.sdk.send(command);
  return config;
};

const ROLE = 'arn:aws:iam::123456789012:role/sms';
const identity = (name: string) => `arn:aws:ses:us-east-1:123456789012:identity/${name}`;
const SmsConfiguration = { SnsCallerArn: ROLE, ExternalId: 'x', SnsRegion: 'eu-west-1' };
const SmsAuthenticationMessage = 'Your code is {####}';
const SmsMfaConfiguration = { SmsAuthenticationMessage, SmsConfiguration };
const EmailMfaConfiguration = { Message: 'Use {####}', Subject: 'Sign-in' };
const totp = { SoftwareTokenMfaConfiguration: { Enabled: true } };
const recovery = (...names: ('verified_email' | 'verified_phone_number' | 'admin_only')[]): Create => ({
  AccountRecoverySetting: {
    RecoveryMechanisms: names.map((Name, index) => ({ Name, Priority: index + 1 })),
  },
});
const developer: Create = {
  EmailConfiguration: { EmailSendingAccount: 'DEVELOPER', SourceArn: identity('us@example.com') },
};
/** What a pool needs for MFA by email. */
const mailing: Create = { ...developer, ...recovery('verified_phone_number', 'verified_email') };

const refused = (text: string) => `InvalidParameterException: ${text}`;
const SMS_NEEDED = refused(
  'SMS configuration and Auto verification for phone_number are required when MFA is required/optional',
);
const OFF_WITH_FACTOR = refused(
  "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
);
const NO_FACTOR = refused(
  'Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.',
);
const DEFAULT_EMAIL = refused(
  'Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of COGNITO_DEFAULT.',
);
const EMAIL_RECOVERY = refused(
  'Cannot set EmailMfaConfiguration when user pool AccountRecoverySetting is not set or contains only verified_email in RecoveryMechanisms.',
);
const OTP_FIRST = refused(
  'Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled',
);
const PHONE_RECOVERY = refused(
  'Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_phone_number as a recovery mechanism when SMS MFA is configured.',
);

describe('the MFA configuration of a new pool', () => {
  it('is OFF', async () => {
    expect(await mfaOf(await create())).toEqual({ MfaConfiguration: 'OFF' });
  });

  it.each(['ON', 'OPTIONAL'] as const)(
    '%s needs a way to send SMS messages [Q]',
    async (MfaConfiguration) => {
      expect(await refusal(create({ MfaConfiguration }))).toBe(SMS_NEEDED);
      const id = await create({ MfaConfiguration, SmsConfiguration: { SnsCallerArn: ROLE } });
      expect(await mfaOf(id)).toEqual({
        MfaConfiguration,
        SmsMfaConfiguration: { SmsConfiguration: { SnsCallerArn: ROLE } },
      });
    },
  );

  it('is shown by DescribeUserPool, but for what is not a member of a pool', async () => {
    const id = await create({ ...mailing, SmsConfiguration, SmsAuthenticationMessage });
    await setMfa(id, { MfaConfiguration: 'OPTIONAL', EmailMfaConfiguration, ...totp });
    const pool = await describePool(id);
    expect(pool).toMatchObject({ MfaConfiguration: 'OPTIONAL', SmsConfiguration, SmsAuthenticationMessage });
    expect(pool).not.toHaveProperty('EmailMfaConfiguration');
    expect(pool).not.toHaveProperty('SoftwareTokenMfaConfiguration');
  });

  it('with MFA OFF may have SmsConfiguration, which turns nothing on', async () => {
    const id = await create({ SmsConfiguration, SmsAuthenticationMessage });
    expect(await mfaOf(id)).toEqual({ MfaConfiguration: 'OFF' });
    expect(await describePool(id)).toMatchObject({ SmsConfiguration, SmsAuthenticationMessage });
  });
});

describe('SetUserPoolMfaConfig', () => {
  const settable = [
    ...['UserPoolId', 'SmsMfaConfiguration', 'SoftwareTokenMfaConfiguration', 'EmailMfaConfiguration'],
    ...['MfaConfiguration', 'WebAuthnConfiguration'],
  ];
  it('has no member that is dropped without a word', () => {
    expect(uncovered('SetUserPoolMfaConfig', new Set(settable))).toEqual([]);
  });

  it('turns factors on, and answers as GetUserPoolMfaConfig does', async () => {
    const id = await create(mailing);
    const all = { MfaConfiguration: 'ON', SmsMfaConfiguration, EmailMfaConfiguration, ...totp } as const;
    expect(await setMfa(id, all)).toEqual(all);
    expect(await mfaOf(id)).toEqual(all);
    expect(await setMfa(id, all)).toEqual(all);
  });

  it('turns on a software token where SMS was never configured', async () => {
    const id = await create();
    expect(await setMfa(id, { MfaConfiguration: 'ON', ...totp })).toEqual({
      MfaConfiguration: 'ON',
      ...totp,
    });
  });

  it('turns on email by an empty block [Q]', async () => {
    const id = await create({ ...developer, ...recovery('admin_only') });
    const email = { MfaConfiguration: 'OPTIONAL', EmailMfaConfiguration: {} } as const;
    expect(await setMfa(id, email)).toEqual(email);
    expect(await mfaOf(id)).toEqual(email);
  });

  it('replaces the whole: what it does not name is off [Q]', async () => {
    const id = await create(mailing);
    await setMfa(id, { MfaConfiguration: 'OPTIONAL', EmailMfaConfiguration, ...totp });
    const email = { MfaConfiguration: 'OPTIONAL', EmailMfaConfiguration: { Subject: 'New' } } as const;
    expect(await setMfa(id, email)).toEqual(email);
    expect(await setMfa(id, { MfaConfiguration: 'OPTIONAL', ...totp })).toEqual({
      MfaConfiguration: 'OPTIONAL',
      ...totp,
    });
  });

  it('of nothing at all resets to OFF, for good [Q]', async () => {
    const id = await create(mailing);
    await setMfa(id, { MfaConfiguration: 'ON', SmsMfaConfiguration, EmailMfaConfiguration, ...totp });
    expect(await setMfa(id)).toEqual({ MfaConfiguration: 'OFF' });
    expect(await mfaOf(id)).toEqual({ MfaConfiguration: 'OFF' });
    await update(id, { ...mailing, MfaConfiguration: 'ON' });
    expect(await mfaOf(id)).toEqual({ MfaConfiguration: 'ON', SmsMfaConfiguration });
  });

  it('cannot turn SMS off, once it is configured [D]', async () => {
    const id = await create({ SmsConfiguration, SmsAuthenticationMessage });
    const both = { MfaConfiguration: 'ON', SmsMfaConfiguration, ...totp } as const;
    expect(await setMfa(id, { MfaConfiguration: 'ON', ...totp })).toEqual(both);
    await setMfa(id, { MfaConfiguration: 'OFF' });
    expect(await describePool(id)).toMatchObject({ SmsConfiguration, SmsAuthenticationMessage });
  });

  it('changes of SMS what its block names', async () => {
    const id = await create({ SmsConfiguration, SmsAuthenticationMessage });
    const other = { SmsAuthenticationMessage: 'Other: {####}' };
    await setMfa(id, { MfaConfiguration: 'ON', SmsMfaConfiguration: other });
    expect(await describePool(id)).toMatchObject({ SmsConfiguration, ...other });
    const newRole = { SmsConfiguration: { SnsCallerArn: `${ROLE}2` } };
    await setMfa(id, { MfaConfiguration: 'ON', SmsMfaConfiguration: newRole });
    expect((await mfaOf(id)).SmsMfaConfiguration).toEqual({ ...other, ...newRole });
  });

  it('leaves the rest of the pool alone', async () => {
    const id = await create({ ...mailing, AutoVerifiedAttributes: ['email'], UserPoolTags: { team: 'a' } });
    const before = await describePool(id);
    await setMfa(id, { MfaConfiguration: 'OPTIONAL', ...totp });
    const after = { ...before, MfaConfiguration: 'OPTIONAL', LastModifiedDate: expect.any(Date) };
    expect(await describePool(id)).toEqual(after);
  });

  it('of an unknown pool names it', async () => {
    const gone = 'ResourceNotFoundException: User pool us-east-1_nowhere does not exist.';
    expect(await refusal(setMfa('us-east-1_nowhere'))).toBe(gone);
    expect(await refusal(mfaOf('us-east-1_nowhere'))).toBe(gone);
  });
});

describe('SetUserPoolMfaConfig refuses, and changes nothing', () => {
  type Row = [string, Create, Partial<SetUserPoolMfaConfigCommandInput>, string];
  const tokenOff = { SoftwareTokenMfaConfiguration: { Enabled: false } };
  it.each<Row>([
    ['OFF with a factor', {}, { MfaConfiguration: 'OFF', ...totp }, OFF_WITH_FACTOR],
    ['OFF with a factor that is off', {}, { MfaConfiguration: 'OFF', ...tokenOff }, OFF_WITH_FACTOR],
    ['a factor without ON or OPTIONAL', {}, { SmsMfaConfiguration }, OFF_WITH_FACTOR],
    ['OFF with email MFA, before it looks at the rest', {}, { EmailMfaConfiguration }, OFF_WITH_FACTOR],
    ['ON without a factor', {}, { MfaConfiguration: 'ON' }, NO_FACTOR],
    ['ON with a factor that is off', {}, { MfaConfiguration: 'ON', ...tokenOff }, NO_FACTOR],
    ['ON that names no factor, SMS or not', { SmsConfiguration }, { MfaConfiguration: 'ON' }, NO_FACTOR],
    [
      'SMS MFA with nothing to send by',
      {},
      { MfaConfiguration: 'ON', SmsMfaConfiguration: { SmsAuthenticationMessage }, ...totp },
      SMS_NEEDED,
    ],
    [
      'email MFA of a pool that does not send its own mail',
      recovery('verified_phone_number', 'verified_email'),
      { MfaConfiguration: 'OPTIONAL', EmailMfaConfiguration },
      DEFAULT_EMAIL,
    ],
    [
      'email MFA where recovery is not set',
      developer,
      { MfaConfiguration: 'OPTIONAL', EmailMfaConfiguration },
      EMAIL_RECOVERY,
    ],
    [
      'email MFA where recovery goes by email alone',
      { ...developer, ...recovery('verified_email') },
      { MfaConfiguration: 'OPTIONAL', EmailMfaConfiguration },
      EMAIL_RECOVERY,
    ],
    [
      'email MFA on LITE',
      { ...mailing, UserPoolTier: 'LITE' },
      { MfaConfiguration: 'OPTIONAL', EmailMfaConfiguration },
      liteLacks('Email MFA'),
    ],
    [
      'ON beside EMAIL_OTP as a first factor',
      firstFactors('PASSWORD', 'EMAIL_OTP'),
      { MfaConfiguration: 'ON', ...totp },
      OTP_FIRST,
    ],
    [
      'ON beside SMS_OTP as a first factor',
      firstFactors('SMS_OTP', 'PASSWORD'),
      { MfaConfiguration: 'ON', SmsMfaConfiguration },
      OTP_FIRST,
    ],
    [
      'SMS MFA where recovery goes by phone alone',
      recovery('verified_phone_number'),
      { MfaConfiguration: 'OPTIONAL', SmsMfaConfiguration },
      PHONE_RECOVERY,
    ],
    [
      'a role that is missing',
      {},
      { MfaConfiguration: 'ON', SmsMfaConfiguration: { SmsConfiguration: { ExternalId: 'x' } } },
      refused(
        "1 validation error detected: Value null at 'smsConfiguration.snsCallerArn' failed to satisfy constraint: Member must not be null",
      ),
    ],
    [
      'passkeys, which Poolkeeper does not have yet',
      {},
      { WebAuthnConfiguration: { RelyingPartyId: 'example.com' } },
      refused('WebAuthnConfiguration is not supported by Poolkeeper yet.'),
    ],
  ])('%s', async (_, pool, input, text) => {
    const id = await create(pool);
    const before = [await describePool(id), await mfaOf(id)];
    expect(await refusal(setMfa(id, input))).toBe(text);
    expect([await describePool(id), await mfaOf(id)]).toEqual(before);
  });

  it('texts without the place of the code', async () => {
    const id = await create(mailing);
    for (const factor of [
      { EmailMfaConfiguration: { Message: 'no code in here' } },
      { SmsMfaConfiguration: { SmsConfiguration, SmsAuthenticationMessage: 'no code in here' } },
    ]) {
      const text = await refusal(setMfa(id, { MfaConfiguration: 'ON', ...factor }));
      expect(text).toMatch(/^InvalidParameterException: 1 validation error detected: .* pattern/);
    }
  });

  it('but OPTIONAL goes with OTP first factors, and SMS MFA with two ways of recovery [Q]', async () => {
    const id = await create({
      ...firstFactors('PASSWORD', 'EMAIL_OTP', 'SMS_OTP'),
      ...recovery('verified_phone_number', 'verified_email'),
    });
    const { MfaConfiguration } = await setMfa(id, { MfaConfiguration: 'OPTIONAL', SmsMfaConfiguration });
    expect(MfaConfiguration).toBe('OPTIONAL');
  });
});

describe('UpdateUserPool', () => {
  it('keeps MFA and SMS that it does not name [Q]', async () => {
    const id = await create(mailing);
    const all = { MfaConfiguration: 'ON', SmsMfaConfiguration, EmailMfaConfiguration, ...totp } as const;
    await setMfa(id, all);
    await update(id, mailing);
    expect(await mfaOf(id)).toEqual(all);
    await update(id, { ...mailing, MfaConfiguration: 'OPTIONAL' });
    expect(await mfaOf(id)).toEqual({ ...all, MfaConfiguration: 'OPTIONAL' });
  });

  it('drops the factors with OFF, all but SMS', async () => {
    const id = await create(mailing);
    await setMfa(id, { MfaConfiguration: 'ON', SmsMfaConfiguration, EmailMfaConfiguration, ...totp });
    await update(id, { MfaConfiguration: 'OFF' });
    expect(await mfaOf(id)).toEqual({ MfaConfiguration: 'OFF' });
    await update(id, { MfaConfiguration: 'ON' });
    expect(await mfaOf(id)).toEqual({ MfaConfiguration: 'ON', SmsMfaConfiguration });
  });

  it('turns MFA on where a factor is on already, or comes with it', async () => {
    const id = await create();
    expect(await refusal(update(id, { MfaConfiguration: 'OPTIONAL' }))).toBe(SMS_NEEDED);
    await setMfa(id, { MfaConfiguration: 'OPTIONAL', ...totp });
    await update(id, { MfaConfiguration: 'ON' });
    expect(await mfaOf(id)).toEqual({ MfaConfiguration: 'ON', ...totp });
    const other = await create();
    await update(other, { MfaConfiguration: 'ON', SmsConfiguration });
    expect(await mfaOf(other)).toMatchObject({ SmsMfaConfiguration: { SmsConfiguration } });
  });

  type Row = [
    string,
    Create,
    Partial<SetUserPoolMfaConfigCommandInput>,
    Partial<UpdateUserPoolCommandInput>,
    string,
  ];
  const byEmail = { MfaConfiguration: 'OPTIONAL', EmailMfaConfiguration } as const;
  it.each<Row>([
    [
      'recovery by email alone',
      mailing,
      byEmail,
      { ...developer, ...recovery('verified_email') },
      EMAIL_RECOVERY,
    ],
    ['recovery that is left out', mailing, byEmail, developer, EMAIL_RECOVERY],
    ['an email configuration that is left out', mailing, byEmail, recovery('admin_only'), DEFAULT_EMAIL],
    ['LITE', mailing, byEmail, { ...mailing, UserPoolTier: 'LITE' }, liteLacks('Email MFA')],
    [
      'EMAIL_OTP as a first factor',
      {},
      { MfaConfiguration: 'ON', ...totp },
      firstFactors('PASSWORD', 'EMAIL_OTP'),
      OTP_FIRST,
    ],
    [
      'recovery by phone alone',
      {},
      { MfaConfiguration: 'ON', SmsMfaConfiguration },
      recovery('verified_phone_number'),
      PHONE_RECOVERY,
    ],
  ])('does not go on from MFA to %s', async (_, pool, mfa, input, text) => {
    const id = await create(pool);
    await setMfa(id, mfa);
    const before = [await describePool(id), await mfaOf(id)];
    expect(await refusal(update(id, input))).toBe(text);
    expect([await describePool(id), await mfaOf(id)]).toEqual(before);
    await update(id, { ...input, MfaConfiguration: 'OFF', UserPoolTier: 'ESSENTIALS' });
  });

  it('may turn to ON only where the first factors allow it', async () => {
    const id = await create({ SmsConfiguration, ...firstFactors('PASSWORD', 'SMS_OTP') });
    expect(await refusal(update(id, { MfaConfiguration: 'ON' }))).toBe(OTP_FIRST);
    await update(id, { MfaConfiguration: 'ON', ...firstFactors('PASSWORD') });
  });
});
