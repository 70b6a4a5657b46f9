import type { MFAOptionType } from '@poolkeeper/model';
import { updateUserFactors } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AddressAttribute } from '../delivery/masked-destination.ts';
import { factorsOfPool, type SecondFactor } from '../pools/mfa-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';

/** What a user has set up as second factors. Stored as one sealed value: it holds the authenticator app's seed. */
export interface Factors {
  /** Those the user, or an administrator, switched on (UserMFASettingList). */
  readonly enabled: readonly SecondFactor[];
  /** One of `enabled` (PreferredMfaSetting). */
  readonly preferred?: SecondFactor;
  /** SMS_MFA switched on by the older SetUserSettings, which shows as MFAOptions and nowhere else. */
  readonly smsByOlderSetting?: boolean;
  /** The verified authenticator app. */
  readonly token?: SoftwareToken;
  /** Base64 of the seed that AssociateSoftwareToken handed out last; it counts once VerifySoftwareToken saw its code. */
  readonly pendingSeed?: string;
  readonly recoveryCodes?: RecoveryCodes;
}

export interface SoftwareToken {
  /** Base64. */
  readonly seed: string;
  /** The time step of the last code that was accepted: neither it nor an earlier one is good again. */
  readonly lastStep: number;
  /** FriendlyDeviceName. */
  readonly name?: string;
}

export interface RecoveryCodes {
  /** Base64 of the keyed hashes of the codes that are still good. */
  readonly digests: readonly string[];
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
}

const NONE: Factors = { enabled: [] };
const context = (user: { poolId: string; sub: string }) => `users.factors/${user.poolId}/${user.sub}`;

export function factorsOf(services: Services, user: User): Factors {
  if (user.sealedFactors === null) return NONE;
  return JSON.parse(services.keyring.open(context(user), user.sealedFactors).toString());
}

/** To be called in a unit that has read, and thereby locked, the user. */
export async function storeFactors(
  services: Services,
  unit: Unit,
  user: { poolId: string; sub: string },
  factors: Factors,
): Promise<void> {
  const { poolId, sub } = user;
  const sealedFactors = services.keyring.seal(context(user), JSON.stringify(factors));
  await updateUserFactors.run(unit, { poolId, sub, sealedFactors });
}

/** The attribute that a factor's codes go to; an authenticator app has none. */
export const addressOf = {
  SMS_MFA: 'phone_number',
  EMAIL_OTP: 'email',
  SOFTWARE_TOKEN_MFA: undefined,
} as const satisfies { readonly [Factor in SecondFactor]: AddressAttribute | undefined };

/** The factors of a pool that a user could answer a challenge with: the address is there, or the app is verified. */
export function usableFactors(pool: UserPool, user: User, factors: Factors): SecondFactor[] {
  return factorsOfPool(pool.config).filter((factor) => {
    const address = addressOf[factor];
    return address === undefined ? factors.token !== undefined : !!user.attributes[address];
  });
}

/** MFA members of GetUser and AdminGetUser; none of them is there for a user without factors. */
export function shownFactors({ enabled, preferred, smsByOlderSetting }: Factors) {
  const listed = smsByOlderSetting ? enabled.filter((factor) => factor !== 'SMS_MFA') : enabled;
  return {
    ...(smsByOlderSetting && { MFAOptions: OLDER_SETTING }),
    ...(preferred && { PreferredMfaSetting: preferred }),
    ...(listed.length > 0 && { UserMFASettingList: listed }),
  };
}

const OLDER_SETTING: MFAOptionType[] = [{ AttributeName: 'phone_number', DeliveryMedium: 'SMS' }];
