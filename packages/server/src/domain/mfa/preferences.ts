import type { Inputs, MFAOptionType } from '@poolkeeper/model';
import {
  cannotTurnOn,
  notObeyedYet,
  onlyPhoneNumberAsMfaOption,
  preferredNotEnabled,
  severalPreferred,
} from '../../errors.ts';
import type { SecondFactor } from '../pools/mfa-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { User } from '../users/user.ts';
import type { Change } from './change-factors.ts';
import { type Factors, usableFactors } from './factors.ts';

/** The members of SetUserMFAPreference, in the order that UserMFASettingList has. */
const SETTINGS = {
  SMS_MFA: 'SMSMfaSettings',
  SOFTWARE_TOKEN_MFA: 'SoftwareTokenMfaSettings',
  EMAIL_OTP: 'EmailMfaSettings',
} as const satisfies { readonly [Factor in SecondFactor]: keyof Inputs['SetUserMFAPreference'] };
const FACTORS = Object.keys(SETTINGS) as SecondFactor[];

type Settings = Pick<Inputs['SetUserMFAPreference'], (typeof SETTINGS)[SecondFactor] | 'WebAuthnMfaSettings'>;

/**
 * What SetUserMFAPreference asks for. A factor that it does not name stays as it is; of one that it names, what is left
 * out is false, for some SDKs send no false (Go's). Throws InvalidParameterException for what contradicts itself, and
 * the change does for a factor that the user could not answer a challenge with.
 */
export function preferenceChange(pool: UserPool, settings: Settings): Change {
  if (settings.WebAuthnMfaSettings?.Enabled) throw notObeyedYet('WebAuthnMfaSettings.Enabled');
  const wanted = FACTORS.flatMap((factor) => {
    const given = settings[SETTINGS[factor]];
    return given ? [{ factor, on: given.Enabled ?? false, preferred: given.PreferredMfa ?? false }] : [];
  });
  const preferred = wanted.filter((one) => one.preferred);
  for (const { factor, on } of preferred) if (!on) throw preferredNotEnabled(factor);
  if (preferred.length > 1) throw severalPreferred();
  return (factors, user) => {
    for (const { factor, on } of wanted) if (on) requireUsable(pool, user, factors, factor);
    return wanted.reduce(
      (current, { factor, on, preferred }) =>
        on ? switchedOn(current, factor, preferred) : switchedOff(current, factor),
      factors,
    );
  };
}

/** What the older SetUserSettings asks for, which knows SMS alone: on with its one option, off with none. */
export function olderSettingChange(pool: UserPool, options: readonly MFAOptionType[]): Change {
  const [option] = options;
  if (option === undefined) return (factors) => switchedOff(factors, 'SMS_MFA');
  const isSms = option.DeliveryMedium === 'SMS' && option.AttributeName === 'phone_number';
  if (options.length > 1 || !isSms) throw onlyPhoneNumberAsMfaOption();
  return (factors, user) => {
    requireUsable(pool, user, factors, 'SMS_MFA');
    // What SetUserMFAPreference switched on already stays in its list, and preferred.
    if (factors.enabled.includes('SMS_MFA')) return factors;
    return { ...switchedOn(factors, 'SMS_MFA', false), smsByOlderSetting: true };
  };
}

function requireUsable(pool: UserPool, user: User, factors: Factors, factor: SecondFactor): void {
  if (!usableFactors(pool, user, factors).includes(factor)) throw cannotTurnOn(factor);
}

/** Without PreferredMfa a factor is no longer the preferred one, if it was. */
function switchedOn(factors: Factors, factor: SecondFactor, preferred: boolean): Factors {
  const others = switchedOff(factors, factor);
  const enabled = FACTORS.filter((one) => one === factor || others.enabled.includes(one));
  return { ...others, enabled, ...(preferred && { preferred: factor }) };
}

export function switchedOff(factors: Factors, factor: SecondFactor): Factors {
  const { preferred, smsByOlderSetting, ...others } = factors;
  return {
    ...others,
    enabled: others.enabled.filter((one) => one !== factor),
    ...(preferred !== undefined && preferred !== factor && { preferred }),
    ...(smsByOlderSetting && factor !== 'SMS_MFA' && { smsByOlderSetting }),
  };
}
