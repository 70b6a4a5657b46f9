import { DAY } from '../../platform/duration.ts';
import { dropCode, dropCodesSentTo } from '../../storage/repositories/attempts.ts';
import { updateUserAddressChanges } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AddressAttribute } from '../delivery/masked-destination.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { previousAddressOf } from './previous-address.ts';
import { type AddressChanges, type Attributes, isVerified, type PassingAddress, type User } from './user.ts';

export const addressAttributes = ['email', 'phone_number'] as const satisfies readonly AddressAttribute[];

/** New addresses that wait to be proven; undefined takes one back. */
export type PendingAddresses = ReadonlyMap<AddressAttribute, PassingAddress | undefined>;

const changes = (user: User, after: Attributes, attribute: AddressAttribute) =>
  after[attribute] !== user.attributes[attribute];
const living = (passing: PassingAddress | undefined, now: number) =>
  passing !== undefined && passing.until > now ? passing : undefined;

/** Whether the attribute keeps its value until a new one is proven. */
export function isProvenFirst(pool: UserPool, attribute: string): boolean {
  const { AttributesRequireVerificationBeforeUpdate: names } = pool.config.UserAttributeUpdateSettings;
  return names?.some((name) => name === attribute) ?? false;
}

/** The attribute of a code that went to the address which waits, so that it proves this one and never the other. */
export const pendingMark = (attribute: AddressAttribute) => `pending:${attribute}`;

export const pendingAddressOf = (user: User, attribute: AddressAttribute, now: number): string | undefined =>
  living(user.addressChanges[attribute]?.pending, now)?.address;

/** An address that waits does so for as long as the code that went to it last. */
export const waitingAddress = (address: string, now: number): PassingAddress => ({
  address,
  until: now + DAY,
});

/** Lets an address wait on for a new code. */
export const keepWaiting = (
  unit: Unit,
  user: User,
  attribute: AddressAttribute,
  address: string,
  now: number,
): Promise<void> =>
  storeAddressChanges(unit, user, user.attributes, {
    pending: new Map([[attribute, waitingAddress(address, now)]]),
    previousUntil: undefined,
    now,
  });

/**
 * The user's attributes after a code has proven what it went to, told by the attribute that it was made for. Undefined
 * when that is no longer there.
 */
export function provenAttributes(
  { attributes, addressChanges }: User,
  attribute: AddressAttribute,
  madeFor: string,
): Attributes | undefined {
  const isPending = madeFor === pendingMark(attribute);
  const address = isPending ? addressChanges[attribute]?.pending?.address : attributes[attribute];
  if (!address) return undefined;
  return { ...attributes, [attribute]: address, [`${attribute}_verified`]: 'true' };
}

/**
 * Stores what a change of attributes makes of the addresses that are to come and that were. One that waited is gone, and
 * its code with it, when the attribute changes or another takes its place.
 */
export async function storeAddressChanges(
  unit: Unit,
  user: User,
  after: Attributes,
  change: { pending?: PendingAddresses; previousUntil: number | undefined; now: number },
): Promise<void> {
  const owner = { poolId: user.poolId, sub: user.sub };
  const next: { [Attribute in AddressAttribute]?: AddressChanges[Attribute] } = {};
  for (const attribute of addressAttributes) {
    const pending = nextPending(user, after, attribute, change);
    const isOver = change.pending?.has(attribute) || changes(user, after, attribute);
    if (isOver && pendingAddressOf(user, attribute, change.now) !== undefined) {
      await dropCode.run(unit, { ...owner, action: `verify:${attribute}` });
    }
    const previous = nextPrevious(user, after, attribute, change);
    // A reset code may be on its way to it.
    if (!previous && previousAddressOf(user, attribute, change.now) !== undefined) {
      await dropCodesSentTo.run(unit, { ...owner, attribute });
    }
    if (pending || previous) next[attribute] = { ...(pending && { pending }), ...(previous && { previous }) };
  }
  const json = Object.keys(next).length > 0 ? JSON.stringify(next) : null;
  const stored = Object.keys(user.addressChanges).length > 0 ? JSON.stringify(user.addressChanges) : null;
  if (json !== stored) await updateUserAddressChanges.run(unit, { ...owner, addressChanges: json });
}

function nextPending(
  user: User,
  after: Attributes,
  attribute: AddressAttribute,
  { pending, now }: { pending?: PendingAddresses; now: number },
): PassingAddress | undefined {
  if (pending?.has(attribute)) return pending.get(attribute);
  if (changes(user, after, attribute)) return undefined;
  return living(user.addressChanges[attribute]?.pending, now);
}

function nextPrevious(
  user: User,
  after: Attributes,
  attribute: AddressAttribute,
  { previousUntil, now }: { previousUntil: number | undefined; now: number },
): PassingAddress | undefined {
  if (isVerified({ attributes: after }, attribute)) return undefined;
  const former = living(user.addressChanges[attribute]?.previous, now);
  if (!changes(user, after, attribute)) return former;
  if (previousUntil === undefined) return undefined;
  const address = user.attributes[attribute];
  // One unverified address after another: the last one that was proven stays the previous one, for its own time.
  if (!address || !isVerified(user, attribute)) return former;
  return previousUntil > now ? { address, until: previousUntil } : undefined;
}
