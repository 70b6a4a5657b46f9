import type { AddressAttribute } from '../delivery/masked-destination.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { shownAddressOf } from '../users/stand-in.ts';
import { isVerified, type User } from '../users/user.ts';
import type { Address } from './recovery-address.ts';

/** Who gets no code: somebody who may not have one, or nobody, for whom a stand-in is asked. */
interface Codeless {
  readonly user: User | undefined;
  readonly sub: string;
}

/**
 * Where the code of somebody who gets none seems to go, out of the attributes that codes may go to; the same by whichever
 * of their names they are called, as for who gets one. A user keeps the address that they would have in good order. A
 * stand-in who was named by an address shows that one; another one gets an address of its own, of the kind that the pool
 * verifies [D].
 */
export function simulatedAddress(
  services: Services,
  pool: UserPool,
  { user, sub }: Codeless,
  order: readonly AddressAttribute[],
): Address {
  const own = user === undefined ? typedAddress(services, pool, sub, order) : ownAddress(user, order);
  if (own !== undefined) return own;
  const seed = services.keyring.digest('simulation', `address/${pool.id}/${sub}`);
  const letter = (index: number) => String.fromCharCode(97 + ((seed[index] as number) % 26));
  return usualAttribute(pool, order) === 'email'
    ? { attribute: 'email', address: `${letter(0)}@${letter(1)}` }
    : {
        attribute: 'phone_number',
        address: `+1${String(seed.readUInt32BE(2)).padStart(10, '0').slice(-10)}`,
      };
}

function ownAddress(user: User, order: readonly AddressAttribute[]): Address | undefined {
  const held = order.filter((attribute) => user.attributes[attribute]);
  const attribute = held.find((one) => isVerified(user, one)) ?? held[0];
  return attribute && { attribute, address: user.attributes[attribute] as string };
}

function typedAddress(
  services: Services,
  pool: UserPool,
  sub: string,
  order: readonly AddressAttribute[],
): Address | undefined {
  const typed = shownAddressOf(services, pool, sub);
  const attribute = order.find((one) => typed[one] !== undefined);
  return attribute && { attribute, address: typed[attribute] as string };
}

/** Most users have verified what the pool verifies: a stand-in with another medium would stand out. */
const usualAttribute = (pool: UserPool, order: readonly AddressAttribute[]) =>
  order.find((attribute) => pool.config.AutoVerifiedAttributes?.includes(attribute)) ??
  (order.includes('email') ? 'email' : 'phone_number');
