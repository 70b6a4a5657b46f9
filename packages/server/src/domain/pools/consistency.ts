import {
  emailMfaNeedsDeveloperEmail,
  emailMfaNeedsOtherRecovery,
  featuresUnavailableInTier,
  otpFirstFactorWithMfa,
  phoneRecoveryWithSmsMfa,
  provenFirstNeedsAutoVerified,
  smsNeededForMfa,
} from '../../errors.ts';
import { functionAt } from '../triggers/trigger.ts';
import { factorsOfPool } from './mfa-config.ts';
import type { PoolConfig } from './pool-config.ts';
import { firstFactorsOf } from './sign-in-policy.ts';

/**
 * What members of a pool's configuration demand of each other, whichever operation sets the last of them. Throws
 * InvalidParameterException and FeatureUnavailableInTierException.
 */
export function requireConsistent(config: PoolConfig): void {
  const { MfaConfiguration, EmailMfaConfiguration, EmailConfiguration, UserPoolTier } = config;
  const factors = factorsOfPool(config);
  const recovery = config.AccountRecoverySetting?.RecoveryMechanisms?.map(({ Name }) => Name);
  const passwordless = firstFactorsOf(config).some((factor) => factor !== 'PASSWORD');

  const provenFirst = config.UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate;
  if (provenFirst?.some((name) => !config.AutoVerifiedAttributes?.includes(name))) {
    throw provenFirstNeedsAutoVerified();
  }
  if (MfaConfiguration !== 'OFF' && factors.length === 0) throw smsNeededForMfa();
  if (EmailMfaConfiguration !== undefined) {
    if (EmailConfiguration.EmailSendingAccount !== 'DEVELOPER') throw emailMfaNeedsDeveloperEmail();
    if (recovery?.every((name) => name === 'verified_email') ?? true) throw emailMfaNeedsOtherRecovery();
  }
  if (MfaConfiguration === 'ON' && passwordless) throw otpFirstFactorWithMfa();
  if (factors.includes('SMS_MFA') && recovery?.every((name) => name === 'verified_phone_number')) {
    throw phoneRecoveryWithSmsMfa();
  }
  if (UserPoolTier === 'LITE') {
    const features = [
      ...(passwordless ? ['Passwordless Sign-In'] : []),
      ...(EmailMfaConfiguration ? ['Email MFA'] : []),
      ...(config.Policies.PasswordPolicy?.PasswordHistorySize ? ['Password History'] : []),
      ...((functionAt({ config }, 'PreTokenGeneration')?.version ?? '1') !== '1'
        ? ['Access Token Customization']
        : []),
    ];
    if (features.length > 0) throw featuresUnavailableInTier(UserPoolTier, features);
  }
}
