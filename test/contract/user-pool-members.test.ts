import {
  type AuthFactorType,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
  DescribeUserPoolCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { uncovered } from '../support/model-members.ts';
import { refusal } from '../support/refusal.ts';

type Input = Partial<CreateUserPoolCommandInput>;
const SES = 'arn:aws:ses:us-east-1:123456789012:identity/a@b.example';
const ROLE = 'arn:aws:iam::123456789012:role/sms';
const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:f';
const INVITE = 'Hello {username}, {####}';
const policy = (PasswordPolicy: object): Input => ({ Policies: { PasswordPolicy } });
const template = (member: object): Input => ({ VerificationMessageTemplate: member });
const firstFactors = (...AllowedFirstAuthFactors: AuthFactorType[]): Input => ({
  Policies: { SignInPolicy: { AllowedFirstAuthFactors } },
});
const sms = (member: object): Input => ({ SmsConfiguration: { SnsCallerArn: ROLE, ...member } });
const eum = (member: object): Input => ({ SmsConfiguration: { EumsSms: { CallerArn: ROLE, ...member } } });
const invite = (InviteMessageTemplate: object): Input => ({
  AdminCreateUserConfig: { InviteMessageTemplate },
});

/** Members that can be set whenever, are stored, shown again and obeyed. */
const obeyed: Record<string, Input> = {
  'Policies.PasswordPolicy.MinimumLength': policy({ MinimumLength: 12 }),
  'Policies.PasswordPolicy.RequireUppercase': policy({ RequireUppercase: true }),
  'Policies.PasswordPolicy.RequireLowercase': policy({ RequireLowercase: true }),
  'Policies.PasswordPolicy.RequireNumbers': policy({ RequireNumbers: true }),
  'Policies.PasswordPolicy.RequireSymbols': policy({ RequireSymbols: true }),
  'Policies.PasswordPolicy.TemporaryPasswordValidityDays': policy({ TemporaryPasswordValidityDays: 2 }),
  'Policies.PasswordPolicy.PasswordHistorySize': policy({ PasswordHistorySize: 24 }),
  'Policies.SignInPolicy.AllowedFirstAuthFactors': firstFactors('EMAIL_OTP', 'PASSWORD', 'SMS_OTP'),
  DeletionProtection: { DeletionProtection: 'ACTIVE' },
  AutoVerifiedAttributes: { AutoVerifiedAttributes: ['phone_number', 'email'] },
  UserAttributeUpdateSettings: {
    AutoVerifiedAttributes: ['email'],
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
  },
  SmsVerificationMessage: { SmsVerificationMessage: 'It is {####}' },
  EmailVerificationMessage: { EmailVerificationMessage: 'It is {####}' },
  EmailVerificationSubject: { EmailVerificationSubject: 'Yours' },
  'VerificationMessageTemplate.SmsMessage': template({ SmsMessage: 'It is {####}' }),
  'VerificationMessageTemplate.EmailMessage': template({ EmailMessage: 'It is {####}' }),
  'VerificationMessageTemplate.EmailSubject': template({ EmailSubject: 'Yours' }),
  'VerificationMessageTemplate.EmailMessageByLink': template({ EmailMessageByLink: 'Go {##there##}' }),
  'VerificationMessageTemplate.EmailSubjectByLink': template({ EmailSubjectByLink: 'Go' }),
  'VerificationMessageTemplate.DefaultEmailOption': template({ DefaultEmailOption: 'CONFIRM_WITH_LINK' }),
  'EmailConfiguration.ReplyToEmailAddress': { EmailConfiguration: { ReplyToEmailAddress: 'a@b.example' } },
  'EmailConfiguration.From': { EmailConfiguration: { From: 'Us <us@b.example>' } },
  'EmailConfiguration.EmailSendingAccount': {
    EmailConfiguration: { EmailSendingAccount: 'DEVELOPER', SourceArn: SES },
  },
  'EmailConfiguration.SourceArn': {
    EmailConfiguration: { EmailSendingAccount: 'DEVELOPER', SourceArn: SES, From: 'Us <a@b.example>' },
  },
  'EmailConfiguration.ConfigurationSet': { EmailConfiguration: { ConfigurationSet: 'codes' } },
  'SmsConfiguration.SnsCallerArn': sms({}),
  'SmsConfiguration.ExternalId': sms({ ExternalId: 'x' }),
  'SmsConfiguration.SnsRegion': sms({ SnsRegion: 'eu-west-1' }),
  'SmsConfiguration.EumsSms.CallerArn': eum({}),
  'SmsConfiguration.EumsSms.ExternalId': eum({ ExternalId: 'their-id' }),
  'SmsConfiguration.EumsSms.OriginationIdentity': eum({ OriginationIdentity: 'us' }),
  'SmsConfiguration.EumsSms.ConfigurationSetName': eum({ ConfigurationSetName: 'codes' }),
  'SmsConfiguration.EumsSms.InEntityId': eum({ InEntityId: '1101' }),
  'SmsConfiguration.EumsSms.InTemplateId': eum({ InTemplateId: '1107' }),
  'SmsConfiguration.EumsSms.Region': eum({ Region: 'us-east-1' }),
  SmsAuthenticationMessage: { SmsAuthenticationMessage: 'It is {####}' },
  MfaConfiguration: { MfaConfiguration: 'ON', ...sms({}) },
  UserPoolTags: { UserPoolTags: { team: 'identity' } },
  'AdminCreateUserConfig.AllowAdminCreateUserOnly': {
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
  },
  'AdminCreateUserConfig.UnusedAccountValidityDays': {
    AdminCreateUserConfig: { UnusedAccountValidityDays: 4 },
  },
  'AdminCreateUserConfig.InviteMessageTemplate.SMSMessage': invite({ SMSMessage: INVITE }),
  'AdminCreateUserConfig.InviteMessageTemplate.EmailMessage': invite({ EmailMessage: INVITE }),
  'AdminCreateUserConfig.InviteMessageTemplate.EmailSubject': invite({ EmailSubject: 'Welcome' }),
  AccountRecoverySetting: {
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
  },
};

/** Members of CreateUserPool alone; `user-pools.test.ts` and `sign-in-names.test.ts` show what they do. */
const obeyedFromTheStart: Record<string, [Input, object]> = {
  PoolName: [{ PoolName: 'mine' }, { Name: 'mine' }],
  AliasAttributes: [{ AliasAttributes: ['email'] }, { AliasAttributes: ['email'] }],
  UsernameAttributes: [{ UsernameAttributes: ['email'] }, { UsernameAttributes: ['email'] }],
  UsernameConfiguration: [
    { UsernameConfiguration: { CaseSensitive: false } },
    { UsernameConfiguration: { CaseSensitive: false } },
  ],
  Schema: [
    { Schema: [{ Name: 'x', AttributeDataType: 'String' }] },
    { SchemaAttributes: expect.arrayContaining([expect.objectContaining({ Name: 'custom:x' })]) },
  ],
};

/** Members that `user-pool-functions.test.ts` tries. */
const functions = [
  ...['PreSignUp', 'CustomMessage', 'PostConfirmation', 'PreAuthentication', 'PostAuthentication'],
  ...['DefineAuthChallenge', 'CreateAuthChallenge', 'VerifyAuthChallengeResponse', 'PreTokenGeneration'],
  ...['UserMigration', 'PreTokenGenerationConfig', 'CustomSMSSender', 'CustomEmailSender', 'KMSKeyID'],
].map((member) => `LambdaConfig.${member}`);

/** Members that are not obeyed yet: what is refused, naming the member, and what asks for nothing and is accepted. */
const refused: Record<string, { refused: object[]; accepted?: object[] }> = {
  'Policies.SignInPolicy.AllowedFirstAuthFactors': {
    refused: [firstFactors('WEB_AUTHN'), firstFactors('PASSWORD', 'WEB_AUTHN')],
    accepted: [firstFactors('PASSWORD')],
  },
  'LambdaConfig.InboundFederation': {
    refused: [{ LambdaConfig: { InboundFederation: { LambdaVersion: 'V1_0', LambdaArn: ARN } } }],
    accepted: [{ LambdaConfig: {} }],
  },
  DeviceConfiguration: { refused: [{ DeviceConfiguration: { ChallengeRequiredOnNewDevice: false } }] },
  UserPoolAddOns: {
    refused: [
      { UserPoolAddOns: { AdvancedSecurityMode: 'AUDIT' } },
      { UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' } },
      {
        UserPoolAddOns: {
          AdvancedSecurityMode: 'OFF',
          AdvancedSecurityAdditionalFlows: { CustomAuthMode: 'AUDIT' },
        },
      },
    ],
    accepted: [{ UserPoolAddOns: { AdvancedSecurityMode: 'OFF' } }],
  },
  UserPoolTier: {
    refused: [{ UserPoolTier: 'PLUS' }],
    accepted: [{ UserPoolTier: 'LITE' }, { UserPoolTier: 'ESSENTIALS' }],
  },
  KeyConfiguration: {
    refused: [
      { KeyConfiguration: { KeyType: 'CUSTOMER_MANAGED_KEY' } },
      { KeyConfiguration: { KmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/x' } },
    ],
    accepted: [{ KeyConfiguration: {} }, { KeyConfiguration: { KeyType: 'AWS_OWNED_KEY' } }],
  },
  IssuerConfiguration: {
    refused: [{ IssuerConfiguration: { Type: 'UPDATED' } }],
    accepted: [{ IssuerConfiguration: {} }, { IssuerConfiguration: { Type: 'ORIGINAL' } }],
  },
  DcrConfiguration: {
    refused: [{ DcrConfiguration: { EnableStatus: 'Enabled' } }],
    accepted: [{ DcrConfiguration: {} }],
  },
  AcrConfiguration: { refused: [{ AcrConfiguration: { high: {} } }], accepted: [{ AcrConfiguration: {} }] },
};

let house: House;
let UserPoolId: string;
beforeAll(async () => {
  house = await openHouse();
  UserPoolId = await house.createPool();
});
afterAll(() => house[Symbol.asyncDispose]());

const create = (input: object) => house.sdk.send(new CreateUserPoolCommand({ PoolName: 'test', ...input }));
const update = (input: object) => house.sdk.send(new UpdateUserPoolCommand({ UserPoolId, ...input }));
const shown = async (id = UserPoolId) =>
  (await house.sdk.send(new DescribeUserPoolCommand({ UserPoolId: id }))).UserPool as object;
/** A pool of its own, for what one update sets another may not go with. */
async function createdAndUpdated(input: object): Promise<object> {
  const id = await house.createPool();
  await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: id, ...input }));
  return shown(id);
}

describe('no setting of a pool is dropped without a word', () => {
  const settable = [...Object.keys(obeyed), ...Object.keys(refused), ...functions];

  it('CreateUserPool: each member of the model is obeyed or refused', () => {
    const known = new Set([...settable, ...Object.keys(obeyedFromTheStart)]);
    expect(uncovered('CreateUserPool', known)).toEqual([]);
  });

  it('UpdateUserPool: each member of the model is obeyed or refused', () => {
    expect(uncovered('UpdateUserPool', new Set([...settable, 'UserPoolId', 'PoolName']))).toEqual([]);
  });
});

describe('what is obeyed is shown again', () => {
  it.each(Object.entries(obeyed))('%s', async (_, input) => {
    expect((await create(input)).UserPool).toMatchObject(input);
    expect(await createdAndUpdated(input)).toMatchObject(input);
  });

  it.each(Object.entries(obeyedFromTheStart))('%s, by CreateUserPool', async (_, [input, expected]) => {
    expect((await create(input)).UserPool).toMatchObject(expected);
  });
});

const each = (kind: 'refused' | 'accepted') =>
  Object.entries(refused).flatMap(([member, row]) =>
    (row[kind] ?? []).map((input) => [member, JSON.stringify(input), input] as const),
  );

describe('what cannot be obeyed is refused, naming the member', () => {
  it.each(each('refused'))('%s: %s', async (member, _, input) => {
    const before = await shown();
    for (const call of [create(input), update(input)]) {
      const text = await refusal(call);
      expect(text).toMatch(/^InvalidParameterException: \S+ .*is not supported by Poolkeeper yet/);
      expect(text).toContain(`: ${member}`);
    }
    expect(await shown()).toEqual(before);
  });
});

describe('what asks for nothing is accepted', () => {
  it.each(each('accepted'))('%s: %s', async (_member, _, input) => {
    await create(input);
    await createdAndUpdated(input);
  });
});
