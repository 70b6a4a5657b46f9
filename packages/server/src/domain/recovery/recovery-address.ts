import { addressToVerify } from '../codes/verification.ts';
import type { AddressAttribute } from '../delivery/masked-destination.ts';
import { askedFactors } from '../mfa/asked-factors.ts';
import { addressOf } from '../mfa/factors.ts';
import { FURTHER_STATES, type FurtherState } from '../pools/settings.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { previousAddressOf } from '../users/previous-address.ts';
import { isVerified, type User } from '../users/user.ts';
import { recoveryOrder } from './recovery-order.ts';

export interface Address {
  readonly attribute: AddressAttribute;
  readonly address: string;
}

/** Why a code may go to an address, or may not. */
export type ChannelReason =
  | 'verified'
  | 'previous-address'
  | 'invited'
  | 'signed-up'
  | 'absent'
  | 'not-verified'
  | 'not-in-AccountRecoverySetting'
  | 'not-chosen'
  | 'second-factor'
  | 'user-disabled'
  | 'user-status'
  | 'no-user';

export interface RecoveryChannel {
  readonly attribute: AddressAttribute;
  readonly address: string | undefined;
  readonly eligible: boolean;
  readonly reason: ChannelReason;
}

interface Wish {
  /** The only attribute to be considered; undefined: all that the pool recovers by. */
  readonly chosen?: AddressAttribute | undefined;
  /** Whether the user asks, and not an administrator: `recovery.states` is for them. */
  readonly bySelf?: boolean;
}

/** Both ways that a recovery code could go, in the pool's order, and which of them it may. */
export function recoveryChannels(
  services: Services,
  pool: UserPool,
  user: User,
  { chosen, bySelf = false }: Wish = {},
): RecoveryChannel[] {
  const order = recoveryOrder(pool);
  const ofMfa = attributeOfMfa(services, pool, user);
  const others = (['email', 'phone_number'] as const).filter((attribute) => !order.includes(attribute));
  return [...order, ...others].map((attribute) => {
    const { address, reason, eligible } = addressBehind(services, pool, user, attribute, bySelf);
    const out = (because: ChannelReason) => ({ attribute, address, eligible: false, reason: because });
    if (!user.enabled) return out('user-disabled');
    if (!mayRecover(pool, user, bySelf)) return out('user-status');
    if (!order.includes(attribute)) return out('not-in-AccountRecoverySetting');
    if (!eligible) return out(reason);
    if (attribute === ofMfa) return out('second-factor');
    if (chosen !== undefined && attribute !== chosen) return out('not-chosen');
    return { attribute, address, eligible, reason };
  });
}

/** Where a recovery code goes: the first way that is open. */
export function eligibleAddress(channels: readonly RecoveryChannel[]): Address | undefined {
  for (const { eligible, attribute, address } of channels) {
    if (eligible && address !== undefined) return { attribute, address };
  }
  return undefined;
}

/** FORCE_CHANGE_PASSWORD recovers where the pool's own settings let it, and never for an administrator. */
export const mayRecover = (pool: UserPool, { status }: User, bySelf: boolean): boolean =>
  status !== 'FORCE_CHANGE_PASSWORD' || (bySelf && pool.settings.recovery.states.includes(status));

function addressBehind(
  services: Services,
  pool: UserPool,
  user: User,
  attribute: AddressAttribute,
  bySelf: boolean,
): Pick<RecoveryChannel, 'address' | 'reason' | 'eligible'> {
  const address = user.attributes[attribute];
  if (address && isVerified(user, attribute)) return { address, reason: 'verified', eligible: true };
  if (bySelf && isProvable(pool, user, attribute)) {
    const reason = user.status === 'UNCONFIRMED' ? 'signed-up' : 'invited';
    return { address, reason, eligible: true };
  }
  const { previousAddressGrace: grace } = pool.settings.recovery;
  const previous = grace > 0 && previousAddressOf(user, attribute, services.clock.now());
  if (previous) return { address: previous, reason: 'previous-address', eligible: true };
  return { address: address || undefined, reason: address ? 'not-verified' : 'absent', eligible: false };
}

/**
 * Whether a reset by a code to this address would prove it, for the user is in a state of `recovery.states` and the
 * address is the one that their sign-up code or their invitation goes to. One that the user put in its place later is
 * not: whoever was in the account for a minute could have.
 */
export function isProvable(pool: UserPool, user: User, attribute: AddressAttribute): boolean {
  const { status, attributes, invitedTo } = user;
  if (!isFurther(status) || !pool.settings.recovery.states.includes(status)) return false;
  return status === 'UNCONFIRMED'
    ? addressToVerify(pool, attributes) === attribute
    : attributes[attribute] !== undefined && attributes[attribute] === invitedTo[attribute];
}

const isFurther = (status: string): status is FurtherState =>
  (FURTHER_STATES as readonly string[]).includes(status);

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
