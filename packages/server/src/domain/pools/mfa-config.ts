import type { PoolConfig } from './pool-config.ts';

/** What can be asked for after the password, as UserMFASettingList and ChallengeName name it. */
export type SecondFactor = 'SMS_MFA' | 'EMAIL_OTP' | 'SOFTWARE_TOKEN_MFA';

/** The second factors that are on in a pool. SMS is, for as long as the pool can send SMS messages [D]. */
export function factorsOfPool(config: PoolConfig): readonly SecondFactor[] {
  if (config.MfaConfiguration === 'OFF') return [];
  return [
    ...(config.SmsConfiguration ? (['SMS_MFA'] as const) : []),
    ...(config.SoftwareTokenMfaConfiguration?.Enabled ? (['SOFTWARE_TOKEN_MFA'] as const) : []),
    ...(config.EmailMfaConfiguration ? (['EMAIL_OTP'] as const) : []),
  ];
}
