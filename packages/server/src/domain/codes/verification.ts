import { invalid } from '../../errors.ts';
import type { CodePurpose } from '../../storage/schema/attempts.ts';
import { enqueueMessage, type OutgoingMessage } from '../delivery/enqueue-message.ts';
import { type AddressAttribute, channelOf } from '../delivery/masked-destination.ts';
import type { SendingUnit } from '../delivery/write-and-send.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { pendingMark } from '../users/address-changes.ts';
import type { Attributes } from '../users/user.ts';
import { issueCode } from './codes.ts';

/** The address that sign-up verifies: of those the pool verifies itself and the user gave, the phone before the email. */
export function addressToVerify(pool: UserPool, attributes: Attributes): AddressAttribute | undefined {
  return (['phone_number', 'email'] as const).find(
    (attribute) => pool.config.AutoVerifiedAttributes?.includes(attribute) && attributes[attribute],
  );
}

/** Throws InvalidParameterException for an attribute that no code can be sent to. */
export function requireVerifiable(attribute: string): AddressAttribute {
  if (attribute === 'email' || attribute === 'phone_number') return attribute;
  throw invalid('Only the attributes email and phone_number can be verified.');
}

/** Sends a code that proves an address, in the caller's unit. `address` undefined simulates it for a stand-in. */
export async function sendVerification(
  services: Services,
  unit: SendingUnit,
  pool: UserPool,
  to: {
    sub: string;
    username: string;
    user: OutgoingMessage['user'];
    purpose: CodePurpose;
    attribute: AddressAttribute;
    /** The address waits to become the attribute's. */
    isPending?: boolean;
    triggerSource: string;
    countsAs?: string;
  },
  address: string | undefined,
): Promise<void> {
  const { sub, username, user, purpose, attribute, triggerSource, countsAs } = to;
  const proves = to.isPending ? pendingMark(attribute) : attribute;
  const { code, expiresAt } = await issueCode(services, unit, pool, { sub, purpose, attribute: proves });
  await enqueueMessage(services, unit, pool, {
    sub,
    username,
    user,
    channel: channelOf(attribute),
    destination: address,
    countsAs,
    kind: 'verification',
    triggerSource,
    purpose,
    code,
    expiresAt,
  });
}
