import type { RecoveryOptionNameType } from '@poolkeeper/model';
import type { AddressAttribute } from '../delivery/masked-destination.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { looksLikeEmail, looksLikePhoneNumber } from '../users/attributes.ts';
import { foldName } from '../users/names.ts';
import { isVerified, type User } from '../users/user.ts';

export interface Address {
  readonly attribute: AddressAttribute;
  readonly address: string;
}

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

/** Where a user's recovery code goes: the first verified address in the pool's order. */
export function recoveryAddress(pool: UserPool, user: User): Address | undefined {
  for (const attribute of recoveryOrder(pool)) {
    const address = user.attributes[attribute];
    if (address && isVerified(user, attribute)) return { attribute, address };
  }
  return undefined;
}

/**
 * Where the code of somebody who does not exist seems to go, out of the attributes that codes may go to. An address that
 * was typed shows itself, as it would for a user of that name; any other name gets an address that stays the same for it.
 */
export function simulatedAddress(
  services: Services,
  pool: UserPool,
  typed: string,
  order: readonly AddressAttribute[],
): Address {
  const name = foldName(pool, typed);
  if (order.includes('email') && looksLikeEmail(name)) return { attribute: 'email', address: name };
  if (order.includes('phone_number') && looksLikePhoneNumber(name)) {
    return { attribute: 'phone_number', address: name };
  }
  const seed = services.keyring.digest('simulation', `address/${pool.id}/${name}`);
  const letter = (index: number) => String.fromCharCode(97 + ((seed[index] as number) % 26));
  const attribute = order.includes('email') ? 'email' : 'phone_number';
  return attribute === 'email'
    ? { attribute, address: `${letter(0)}@${letter(1)}` }
    : { attribute, address: `+1${String(seed.readUInt32BE(2)).padStart(10, '0').slice(-10)}` };
}
