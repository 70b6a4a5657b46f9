import type { CodeDeliveryDetailsType } from '@poolkeeper/model';
import { attemptLimitExceeded } from '../../errors.ts';
import { attemptAllowed } from '../codes/attempt-limit.ts';
import { sendVerification } from '../codes/verification.ts';
import { type AddressAttribute, deliveryDetails } from '../delivery/masked-destination.ts';
import type { SendingUnit } from '../delivery/write-and-send.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { addressAttributes, isProvenFirst, waitingAddress } from './address-changes.ts';
import { changedAttributes, requireNameToSignIn } from './attributes.ts';
import { previousUntil } from './previous-address.ts';
import { updateUser } from './update-user.ts';
import type { Attributes, User } from './user.ts';

/** Of checked attributes by name; an empty text takes the attribute away. */
type AttributeChanges = Readonly<Record<string, string>>;

interface Change {
  readonly attributes: Attributes;
  /** Addresses that were asked for, and take the attribute's place once they are proven. */
  readonly awaited: ReadonlyMap<AddressAttribute, string>;
}

/**
 * What the user has after a change. An address that the pool wants proven first is kept apart, unless an administrator
 * says in the same request that it is verified [D].
 */
function plannedChange(pool: UserPool, current: Attributes, changes: AttributeChanges): Change {
  const awaited = new Map<AddressAttribute, string>();
  for (const attribute of addressAttributes) {
    const address = changes[attribute];
    if (!address || address === current[attribute] || changes[`${attribute}_verified`] === 'true') continue;
    if (isProvenFirst(pool, attribute)) awaited.set(attribute, address);
  }
  const attributes: Record<string, string> = { ...changedAttributes(pool, current, changes) };
  for (const attribute of awaited.keys()) {
    for (const name of [attribute, `${attribute}_verified`]) {
      if (current[name] === undefined) delete attributes[name];
      else attributes[name] = current[name];
    }
  }
  requireNameToSignIn(pool, attributes);
  return { attributes, awaited };
}

/**
 * Changes a user's attributes, and sends codes to the addresses among them that the pool verifies; returns what the
 * answer says of those. Throws InvalidParameterException, AliasExistsException, and LimitExceededException to a user
 * whose changes have sent too many codes: nothing is changed then.
 */
export async function changeAttributes(
  services: Services,
  unit: SendingUnit,
  pool: UserPool,
  user: User,
  changes: AttributeChanges,
  by: 'user' | 'admin',
): Promise<CodeDeliveryDetailsType[]> {
  const now = services.clock.now();
  const { attributes, awaited } = plannedChange(pool, user.attributes, changes);
  const unproven = addressAttributes.flatMap((attribute) => {
    const address = awaited.get(attribute) ?? addressToProve(pool, user.attributes, attributes, attribute);
    return address === undefined ? [] : [{ attribute, address }];
  });
  if (by === 'user' && unproven.length > 0) {
    const allowed = await attemptAllowed(unit, pool, user.sub, 'send:attribute-code', now);
    if (!allowed) throw attemptLimitExceeded();
  }
  const named = addressAttributes.filter((attribute) => changes[attribute] !== undefined);
  const pending = new Map(
    named.map((attribute) => {
      const address = awaited.get(attribute);
      return [attribute, address === undefined ? undefined : waitingAddress(address, now)] as const;
    }),
  );
  const options = { now, previousUntil: previousUntil(pool, by, now) };
  await updateUser(unit, pool, user, { attributes, pending }, options);
  for (const { attribute, address } of unproven) {
    const to = {
      sub: user.sub,
      username: user.username,
      user: { ...user, attributes },
      purpose: `verify:${attribute}` as const,
      attribute,
      isPending: awaited.has(attribute),
      triggerSource: 'CustomMessage_UpdateUserAttribute',
    };
    await sendVerification(services, unit, pool, to, address);
  }
  return unproven.map(({ attribute, address }) => deliveryDetails(attribute, address));
}

/** An address that has changed, where the pool verifies such; one that is said again gets no second code [Q]. */
function addressToProve(
  pool: UserPool,
  before: Attributes,
  after: Attributes,
  attribute: AddressAttribute,
): string | undefined {
  if (!pool.config.AutoVerifiedAttributes?.includes(attribute)) return undefined;
  if (after[attribute] === before[attribute] || after[`${attribute}_verified`] === 'true') return undefined;
  return after[attribute];
}
