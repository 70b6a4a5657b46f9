import type { AddressAttribute } from '../delivery/masked-destination.ts';
import { askedFactors } from '../mfa/asked-factors.ts';
import { addressOf } from '../mfa/factors.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { looksLikeEmail, looksLikePhoneNumber } from '../users/attributes.ts';
import { foldName } from '../users/names.ts';
import { isVerified, type User } from '../users/user.ts';
import { recoveryOrder } from './recovery-order.ts';

export interface Address {
  readonly attribute: AddressAttribute;
  readonly address: string;
}

/** Where a user's recovery code goes: the first verified address in the pool's order that is not left to MFA. */
export function recoveryAddress(services: Services, pool: UserPool, user: User): Address | undefined {
  const ofMfa = attributeOfMfa(services, pool, user);
  for (const attribute of recoveryOrder(pool)) {
    const address = user.attributes[attribute];
    if (address && isVerified(user, attribute) && attribute !== ofMfa) return { attribute, address };
  }
  return undefined;
}

/**
 * The attribute that the user's next sign-in sends a code to: whoever holds that address alone must not get in [D].
 * None where the user could choose another factor, and in pools without an AccountRecoverySetting none on Amazon Cognito.
 */
function attributeOfMfa(services: Services, pool: UserPool, user: User): AddressAttribute | undefined {
  const { config, settings } = pool;
  if (config.AccountRecoverySetting === undefined && !settings.recovery.secondFactor) return undefined;
  const [factor, ...others] = askedFactors(services, pool, user);
  return factor === undefined || others.length > 0 ? undefined : addressOf[factor];
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
