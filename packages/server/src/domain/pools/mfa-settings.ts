import type { GetUserPoolMfaConfigResponse, SetUserPoolMfaConfigRequest } from '@poolkeeper/model';
import { mfaFactorMissing, mfaOffWithFactor, notObeyedYet, smsNeededForMfa } from '../../errors.ts';
import { requireConsistent } from './consistency.ts';
import { factorsOfPool } from './mfa-config.ts';
import type { PoolConfig } from './pool-config.ts';
import { smsConfigOf } from './sms-config.ts';

/**
 * `current` after SetUserPoolMfaConfig: the MFA state is replaced whole, and what the request leaves out is off. How a
 * pool sends SMS messages stays, for other messages are sent so too. Throws InvalidParameterException.
 */
export function withMfaConfig(current: PoolConfig, input: SetUserPoolMfaConfigRequest): PoolConfig {
  const { SmsMfaConfiguration: sms, EmailMfaConfiguration: email } = input;
  const token = input.SoftwareTokenMfaConfiguration;
  const MfaConfiguration = input.MfaConfiguration ?? 'OFF';
  if (Object.values(input.WebAuthnConfiguration ?? {}).some((member) => member !== undefined)) {
    throw notObeyedYet('WebAuthnConfiguration');
  }
  if (MfaConfiguration === 'OFF') {
    // That a block is there decides, not what it says (measured on AWS).
    if (sms ?? email ?? token) throw mfaOffWithFactor();
  } else if (!sms && !email && !token?.Enabled) throw mfaFactorMissing();
  const { EmailMfaConfiguration: _, SoftwareTokenMfaConfiguration: __, ...kept } = current;
  const config: PoolConfig = {
    ...kept,
    MfaConfiguration,
    ...(sms?.SmsConfiguration && { SmsConfiguration: smsConfigOf(sms.SmsConfiguration) }),
    ...(sms?.SmsAuthenticationMessage && { SmsAuthenticationMessage: sms.SmsAuthenticationMessage }),
    ...(email && { EmailMfaConfiguration: email }),
    ...(token?.Enabled && { SoftwareTokenMfaConfiguration: { Enabled: true } }),
  };
  if (sms && !config.SmsConfiguration) throw smsNeededForMfa();
  requireConsistent(config);
  return config;
}

/** What GetUserPoolMfaConfig and SetUserPoolMfaConfig answer: a block for each factor that is on. */
export function shownMfaConfig(config: PoolConfig): GetUserPoolMfaConfigResponse {
  const { MfaConfiguration, SmsAuthenticationMessage, SmsConfiguration } = config;
  const { EmailMfaConfiguration, SoftwareTokenMfaConfiguration } = config;
  return {
    MfaConfiguration,
    ...(factorsOfPool(config).includes('SMS_MFA') && {
      SmsMfaConfiguration: { SmsAuthenticationMessage, SmsConfiguration },
    }),
    SoftwareTokenMfaConfiguration,
    EmailMfaConfiguration,
  };
}
