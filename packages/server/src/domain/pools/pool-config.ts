import type {
  AdminCreateUserConfigType,
  CreateUserPoolRequest,
  SchemaAttributeType,
  UpdateUserPoolRequest,
  UserPoolType,
} from '@poolkeeper/model';
import { invalid, notObeyedYet } from '../../errors.ts';
import { isOneSender } from '../../platform/sender-address.ts';
import type { Present } from './present.ts';
import { schemaOf } from './schema-attributes.ts';

/** What a pool was configured to, with Amazon Cognito's defaults filled in; members are DescribeUserPool's. */
export type PoolConfig = Pick<
  UserPoolType,
  | 'AccountRecoverySetting'
  | 'AliasAttributes'
  | 'EmailVerificationMessage'
  | 'EmailVerificationSubject'
  | 'SmsVerificationMessage'
  | 'UsernameAttributes'
  | 'UsernameConfiguration'
> &
  Present<
    Pick<
      UserPoolType,
      | 'AdminCreateUserConfig'
      | 'DeletionProtection'
      | 'EmailConfiguration'
      | 'LambdaConfig'
      | 'MfaConfiguration'
      | 'Policies'
      | 'UserAttributeUpdateSettings'
      | 'UserPoolTags'
      | 'UserPoolTier'
      | 'VerificationMessageTemplate'
    >
  > & {
    AutoVerifiedAttributes?: UserPoolType['AutoVerifiedAttributes'];
    SchemaAttributes: SchemaAttributeType[];
  };

type Settable = Omit<UpdateUserPoolRequest, 'UserPoolId' | 'PoolName'> &
  Partial<Omit<CreateUserPoolRequest, 'PoolName'>>;

const isEmpty = (value: object) => Object.values(value).every((member) => member === undefined);

/**
 * Members that Poolkeeper does not obey yet, with the values that ask for nothing and are therefore accepted.
 * Everything else is refused: a setting that is stored and ignored would be a lie.
 */
const refused: { [Member in keyof Settable]?: (value: NonNullable<Settable[Member]>) => boolean } = {
  LambdaConfig: isEmpty,
  MfaConfiguration: (value) => value === 'OFF',
  SmsAuthenticationMessage: () => false,
  SmsConfiguration: () => false,
  DeviceConfiguration: () => false,
  UserPoolAddOns: (value) =>
    value.AdvancedSecurityMode === 'OFF' && isEmpty(value.AdvancedSecurityAdditionalFlows ?? {}),
  UserPoolTier: (value) => value !== 'PLUS',
  UserAttributeUpdateSettings: (value) => !value.AttributesRequireVerificationBeforeUpdate?.length,
  KeyConfiguration: (value) => value.KeyType !== 'CUSTOMER_MANAGED_KEY' && value.KmsKeyArn === undefined,
  IssuerConfiguration: (value) => value.Type !== 'UPDATED',
  DcrConfiguration: isEmpty,
  AcrConfiguration: isEmpty,
};

function refuseWhatIsNotObeyed(input: Settable): void {
  for (const [member, asksNothing] of Object.entries(refused)) {
    const value = input[member as keyof Settable];
    if (value !== undefined && !(asksNothing as (value: unknown) => boolean)(value))
      throw notObeyedYet(member);
  }
  const { Policies: policies, EmailConfiguration: email, VerificationMessageTemplate: template } = input;
  if (policies?.PasswordPolicy?.PasswordHistorySize)
    throw notObeyedYet('Policies.PasswordPolicy.PasswordHistorySize');
  if (policies?.SignInPolicy?.AllowedFirstAuthFactors?.some((factor) => factor !== 'PASSWORD')) {
    throw notObeyedYet('Policies.SignInPolicy.AllowedFirstAuthFactors', 'PASSWORD alone is');
  }
  if (email?.EmailSendingAccount === 'DEVELOPER')
    throw notObeyedYet('EmailConfiguration.EmailSendingAccount DEVELOPER');
  if (email?.SourceArn !== undefined) throw notObeyedYet('EmailConfiguration.SourceArn');
  if (email?.ConfigurationSet !== undefined) throw notObeyedYet('EmailConfiguration.ConfigurationSet');
  for (const member of ['EmailMessageByLink', 'EmailSubjectByLink'] as const) {
    if (template?.[member] !== undefined) throw notObeyedYet(`VerificationMessageTemplate.${member}`);
  }
  if (template?.DefaultEmailOption === 'CONFIRM_WITH_LINK') {
    throw notObeyedYet('VerificationMessageTemplate.DefaultEmailOption CONFIRM_WITH_LINK');
  }
}

/** The config of a new pool. Throws InvalidParameterException. */
export function poolConfigOf(input: CreateUserPoolRequest): PoolConfig {
  if (input.AliasAttributes?.length && input.UsernameAttributes?.length) {
    throw invalid('Only one of the aliasAttributes or usernameAttributes can be set in a user pool.');
  }
  return {
    ...(input.AliasAttributes && { AliasAttributes: input.AliasAttributes }),
    ...(input.UsernameAttributes && { UsernameAttributes: input.UsernameAttributes }),
    ...(input.UsernameConfiguration && { UsernameConfiguration: input.UsernameConfiguration }),
    SchemaAttributes: schemaOf(input.Schema ?? []),
    ...settableConfig(input),
  };
}

/** `current` after UpdateUserPool: what the request leaves out goes back to its default, as Amazon Cognito does. */
export function updatedPoolConfig(current: PoolConfig, input: UpdateUserPoolRequest): PoolConfig {
  const { AliasAttributes, UsernameAttributes, UsernameConfiguration, SchemaAttributes } = current;
  return {
    ...(AliasAttributes && { AliasAttributes }),
    ...(UsernameAttributes && { UsernameAttributes }),
    ...(UsernameConfiguration && { UsernameConfiguration }),
    SchemaAttributes,
    ...settableConfig(input),
  };
}

function settableConfig(input: Settable) {
  refuseWhatIsNotObeyed(input);
  const { EmailVerificationMessage, EmailVerificationSubject, SmsVerificationMessage } = input;
  const recovery = accountRecovery(input.AccountRecoverySetting);
  return {
    Policies: {
      PasswordPolicy: passwordPolicy(input.Policies?.PasswordPolicy, temporaryDaysOf(input)),
      SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] as const },
    },
    DeletionProtection: input.DeletionProtection ?? 'INACTIVE',
    LambdaConfig: {},
    ...(input.AutoVerifiedAttributes && { AutoVerifiedAttributes: input.AutoVerifiedAttributes }),
    ...(EmailVerificationMessage && { EmailVerificationMessage }),
    ...(EmailVerificationSubject && { EmailVerificationSubject }),
    ...(SmsVerificationMessage && { SmsVerificationMessage }),
    VerificationMessageTemplate: {
      ...input.VerificationMessageTemplate,
      DefaultEmailOption: 'CONFIRM_WITH_CODE' as const,
    },
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: [] },
    MfaConfiguration: 'OFF' as const,
    EmailConfiguration: emailConfiguration(input.EmailConfiguration),
    UserPoolTags: { ...input.UserPoolTags },
    AdminCreateUserConfig: adminCreateUserConfig(input),
    ...(recovery && { AccountRecoverySetting: recovery }),
    UserPoolTier: input.UserPoolTier ?? ('ESSENTIALS' as const),
  };
}

/** How long a temporary password is good for; the older UnusedAccountValidityDays counts where the policy says nothing. */
const temporaryDaysOf = ({ Policies: policies, AdminCreateUserConfig: given }: Settable) =>
  policies?.PasswordPolicy?.TemporaryPasswordValidityDays || given?.UnusedAccountValidityDays || 7;

function passwordPolicy(given: NonNullable<Settable['Policies']>['PasswordPolicy'], temporaryDays: number) {
  // With no policy at all everything is required; a policy that is given requires what it says.
  const required = given === undefined;
  return {
    MinimumLength: given?.MinimumLength ?? 8,
    RequireUppercase: given?.RequireUppercase ?? required,
    RequireLowercase: given?.RequireLowercase ?? required,
    RequireNumbers: given?.RequireNumbers ?? required,
    RequireSymbols: given?.RequireSymbols ?? required,
    TemporaryPasswordValidityDays: temporaryDays,
  };
}

function emailConfiguration(given: Settable['EmailConfiguration']) {
  const from = given?.From;
  for (const member of ['From', 'ReplyToEmailAddress'] as const) {
    const address = given?.[member];
    if (address !== undefined && !isOneSender(address)) {
      throw invalid(`EmailConfiguration.${member} must be one address, such as no-reply@example.com.`);
    }
  }
  return {
    EmailSendingAccount: 'COGNITO_DEFAULT' as const,
    ...(from !== undefined && { From: from }),
    ...(given?.ReplyToEmailAddress !== undefined && { ReplyToEmailAddress: given.ReplyToEmailAddress }),
  };
}

function adminCreateUserConfig(input: Settable): AdminCreateUserConfigType {
  const given = input.AdminCreateUserConfig;
  const invite = given?.InviteMessageTemplate;
  for (const [member, message] of [
    ['EmailMessage', invite?.EmailMessage],
    ['SMSMessage', invite?.SMSMessage],
  ] as const) {
    if (message !== undefined && !(message.includes('{username}') && message.includes('{####}'))) {
      throw invalid(
        `AdminCreateUserConfig.InviteMessageTemplate.${member} must contain {username} and {####}.`,
      );
    }
  }
  return {
    AllowAdminCreateUserOnly: given?.AllowAdminCreateUserOnly ?? false,
    UnusedAccountValidityDays: temporaryDaysOf(input),
    ...(invite && { InviteMessageTemplate: invite }),
  };
}

function accountRecovery(given: Settable['AccountRecoverySetting']) {
  const mechanisms = given?.RecoveryMechanisms;
  if (!mechanisms?.length) return undefined;
  const names = mechanisms.map((mechanism) => mechanism.Name);
  if (names.includes('admin_only') && names.length > 1) {
    throw invalid(
      'Invalid AccountRecoverySetting: admin_only cannot be combined with another recovery mechanism.',
    );
  }
  if (new Set(names).size < names.length) {
    throw invalid('Invalid AccountRecoverySetting: each recovery mechanism can be named once.');
  }
  if (new Set(mechanisms.map((mechanism) => mechanism.Priority)).size < mechanisms.length) {
    throw invalid('Invalid AccountRecoverySetting: each recovery mechanism needs a priority of its own.');
  }
  return { RecoveryMechanisms: mechanisms };
}
