import type { RecoveryOptionNameType } from '@poolkeeper/model';
import type { AddressAttribute } from '../delivery/masked-destination.ts';
import type { UserPool } from '../pools/user-pool.ts';

const ATTRIBUTE: Record<Exclude<RecoveryOptionNameType, 'admin_only'>, AddressAttribute> = {
  verified_email: 'email',
  verified_phone_number: 'phone_number',
};
/** Without an AccountRecoverySetting the phone comes first, as before that setting existed. */
const LEGACY_ORDER: readonly AddressAttribute[] = ['phone_number', 'email'];

/** The attributes a code may go to, first choice first; empty when only an administrator may reset (`admin_only`). */
export function recoveryOrder(pool: UserPool): readonly AddressAttribute[] {
  const mechanisms = pool.config.AccountRecoverySetting?.RecoveryMechanisms;
  if (!mechanisms?.length) return LEGACY_ORDER;
  return [...mechanisms]
    .sort((a, b) => a.Priority - b.Priority)
    .flatMap(({ Name: name }) => (name === 'admin_only' ? [] : [ATTRIBUTE[name]]));
}
