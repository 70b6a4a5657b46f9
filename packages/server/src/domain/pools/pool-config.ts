import type {
  AdminCreateUserConfigType,
  CreateUserPoolRequest,
  PasswordPolicyType,
  SchemaAttributeType,
  SetUserPoolMfaConfigRequest,
  SignInPolicyType,
  UpdateUserPoolRequest,
  UserPoolType,
} from '@poolkeeper/model';
import { invalid, notObeyedYet } from '../../errors.ts';
import { requireConsistent } from './consistency.ts';
import { emailConfigOf } from './email-config.ts';
import { lambdaConfigOf } from './lambda-config.ts';
import type { Present } from './present.ts';
import { schemaOf } from './schema-attributes.ts';
import { signInPolicyOf } from './sign-in-policy.ts';
import { smsConfigOf } from './sms-config.ts';
import { verificationTexts } from './verification-texts.ts';

/**
 * What a pool was configured to, with Amazon Cognito's defaults filled in; members are DescribeUserPool's, and those of
 * GetUserPoolMfaConfig that DescribeUserPool does not show.
 */
export type PoolConfig = Pick<
  UserPoolType,
  | 'AccountRecoverySetting'
  | 'AliasAttributes'
  | 'EmailVerificationMessage'
  | 'EmailVerificationSubject'
  | 'SmsAuthenticationMessage'
  | 'SmsConfiguration'
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
  } & Pick<SetUserPoolMfaConfigRequest, 'EmailMfaConfiguration' | 'SoftwareTokenMfaConfiguration'>;

type Settable = Omit<UpdateUserPoolRequest, 'UserPoolId' | 'PoolName'> &
  Partial<Omit<CreateUserPoolRequest, 'PoolName'>>;

const isEmpty = (value: object) => Object.values(value).every((member) => member === undefined);

/**
 * Members that Poolkeeper does not obey yet, with the values that ask for nothing and are therefore accepted.
 * Everything else is refused: a setting that is stored and ignored would be a lie.
 */
const refused: { [Member in keyof Settable]?: (value: NonNullable<Settable[Member]>) => boolean } = {
  DeviceConfiguration: () => false,
  UserPoolAddOns: (value) =>
    value.AdvancedSecurityMode === 'OFF' && isEmpty(value.AdvancedSecurityAdditionalFlows ?? {}),
  UserPoolTier: (value) => value !== 'PLUS',
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
}

/** The config of a new pool. Throws InvalidParameterException. */
export function poolConfigOf(input: CreateUserPoolRequest): PoolConfig {
  if (input.AliasAttributes?.length && input.UsernameAttributes?.length) {
    throw invalid('Only one of the aliasAttributes or usernameAttributes can be set in a user pool.');
  }
  const config = {
    ...(input.AliasAttributes && { AliasAttributes: input.AliasAttributes }),
    ...(input.UsernameAttributes && { UsernameAttributes: input.UsernameAttributes }),
    ...(input.UsernameConfiguration && { UsernameConfiguration: input.UsernameConfiguration }),
    SchemaAttributes: schemaOf(input.Schema ?? []),
    ...settableConfig(input),
  };
  requireConsistent(config);
  return config;
}

/**
 * `current` after UpdateUserPool: what the request leaves out goes back to its default, as Amazon Cognito does, save
 * for the policies, each by itself, and for MFA and SMS (measured on AWS: `cdkd`).
 */
export function updatedPoolConfig(current: PoolConfig, input: UpdateUserPoolRequest): PoolConfig {
  const { AliasAttributes, UsernameAttributes, UsernameConfiguration, SchemaAttributes } = current;
  const config = {
    ...(AliasAttributes && { AliasAttributes }),
    ...(UsernameAttributes && { UsernameAttributes }),
    ...(UsernameConfiguration && { UsernameConfiguration }),
    SchemaAttributes,
    ...settableConfig(input, current),
  };
  requireConsistent(config);
  return config;
}

function settableConfig(input: Settable, current?: PoolConfig) {
  refuseWhatIsNotObeyed(input);
  const recovery = accountRecovery(input.AccountRecoverySetting);
  const temporaryDays = temporaryDaysOf(input, current);
  const signIn = signInPolicyOf(input.Policies?.SignInPolicy, current);
  return {
    Policies: {
      PasswordPolicy: passwordPolicy(input.Policies?.PasswordPolicy, temporaryDays, current),
      SignInPolicy: signIn,
    },
    DeletionProtection: input.DeletionProtection ?? 'INACTIVE',
    LambdaConfig: lambdaConfigOf(input.LambdaConfig),
    ...(input.AutoVerifiedAttributes && { AutoVerifiedAttributes: input.AutoVerifiedAttributes }),
    ...verificationTexts(input),
    UserAttributeUpdateSettings: attributeUpdates(input, current),
    ...mfaAndSms(input, current),
    EmailConfiguration: emailConfigOf(input.EmailConfiguration),
    UserPoolTags: { ...input.UserPoolTags },
    AdminCreateUserConfig: adminCreateUserConfig(input, temporaryDays, signIn),
    ...(recovery && { AccountRecoverySetting: recovery }),
    UserPoolTier: input.UserPoolTier ?? ('ESSENTIALS' as const),
  };
}

/** They stay where a request leaves them out, though the AutoVerifiedAttributes that they need do not [Q]. */
function attributeUpdates({ UserAttributeUpdateSettings: given }: Settable, current: PoolConfig | undefined) {
  const { AttributesRequireVerificationBeforeUpdate = [] } =
    given ?? current?.UserAttributeUpdateSettings ?? {};
  return { AttributesRequireVerificationBeforeUpdate };
}

/** MFA that stays on keeps the factors that SetUserPoolMfaConfig alone can turn on. */
function mfaAndSms(input: Settable, current: PoolConfig | undefined) {
  const MfaConfiguration = input.MfaConfiguration ?? current?.MfaConfiguration ?? 'OFF';
  const sms = input.SmsConfiguration ? smsConfigOf(input.SmsConfiguration) : current?.SmsConfiguration;
  const message = input.SmsAuthenticationMessage ?? current?.SmsAuthenticationMessage;
  const { EmailMfaConfiguration, SoftwareTokenMfaConfiguration } =
    MfaConfiguration === 'OFF' || current === undefined ? {} : current;
  return {
    MfaConfiguration,
    ...(sms && { SmsConfiguration: sms }),
    ...(message && { SmsAuthenticationMessage: message }),
    ...(EmailMfaConfiguration && { EmailMfaConfiguration }),
    ...(SoftwareTokenMfaConfiguration && { SoftwareTokenMfaConfiguration }),
  };
}

/** How long a temporary password is good for; the older UnusedAccountValidityDays counts where the policy says nothing. */
function temporaryDaysOf(
  { Policies: policies, AdminCreateUserConfig: config }: Settable,
  current?: PoolConfig,
) {
  const policy = policies?.PasswordPolicy;
  const kept =
    policy === undefined ? current?.Policies.PasswordPolicy?.TemporaryPasswordValidityDays : undefined;
  return policy?.TemporaryPasswordValidityDays || config?.UnusedAccountValidityDays || kept || 7;
}

function passwordPolicy(
  given: PasswordPolicyType | undefined,
  temporaryDays: number,
  current: PoolConfig | undefined,
): PasswordPolicyType {
  if (given === undefined && current !== undefined) {
    return { ...current.Policies.PasswordPolicy, TemporaryPasswordValidityDays: temporaryDays };
  }
  // With no policy at all everything is required; a policy that is given requires what it says.
  const required = given === undefined;
  return {
    MinimumLength: given?.MinimumLength ?? 8,
    RequireUppercase: given?.RequireUppercase ?? required,
    RequireLowercase: given?.RequireLowercase ?? required,
    RequireNumbers: given?.RequireNumbers ?? required,
    RequireSymbols: given?.RequireSymbols ?? required,
    ...(given?.PasswordHistorySize && { PasswordHistorySize: given.PasswordHistorySize }),
    TemporaryPasswordValidityDays: temporaryDays,
  };
}

function adminCreateUserConfig(
  input: Settable,
  temporaryDays: number,
  { AllowedFirstAuthFactors: factors }: SignInPolicyType,
): AdminCreateUserConfigType {
  const given = input.AdminCreateUserConfig;
  const invite = given?.InviteMessageTemplate;
  // Where users need no password, an invitation need not tell one [D].
  const placeholders = [
    '{username}',
    ...(factors?.some((factor) => factor !== 'PASSWORD') ? [] : ['{####}']),
  ];
  for (const [member, message] of [
    ['EmailMessage', invite?.EmailMessage],
    ['SMSMessage', invite?.SMSMessage],
  ] as const) {
    if (message !== undefined && !placeholders.every((placeholder) => message.includes(placeholder))) {
      const contents = placeholders.join(' and ');
      throw invalid(`AdminCreateUserConfig.InviteMessageTemplate.${member} must contain ${contents}.`);
    }
  }
  return {
    AllowAdminCreateUserOnly: given?.AllowAdminCreateUserOnly ?? false,
    UnusedAccountValidityDays: temporaryDays,
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
