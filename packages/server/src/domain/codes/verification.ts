import type { CodeDeliveryDetailsType } from '@poolkeeper/model';
import { invalid } from '../../errors.ts';
import type { CodePurpose } from '../../storage/schema/attempts.ts';
import type { Unit } from '../../storage/unit.ts';
import { enqueueMessage } from '../delivery/enqueue-message.ts';
import { type AddressAttribute, channelOf, deliveryDetails } from '../delivery/masked-destination.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
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
  unit: Unit,
  pool: UserPool,
  to: {
    sub: string;
    username: string;
    purpose: CodePurpose;
    attribute: AddressAttribute;
    triggerSource: string;
  },
  address: string | undefined,
): Promise<void> {
  const { sub, username, purpose, attribute, triggerSource } = to;
  const { code, expiresAt } = await issueCode(services, unit, pool, { sub, purpose, attribute });
  await enqueueMessage(services, unit, pool, {
    sub,
    username,
    channel: channelOf(attribute),
    destination: address,
    kind: 'verification',
    triggerSource,
    purpose,
    code,
    expiresAt,
  });
}

/** Codes for each address among `changed` that the pool verifies itself; what the answer says of them. */
export async function verifyChangedAddresses(
  services: Services,
  unit: Unit,
  pool: UserPool,
  user: { sub: string; username: string },
  changed: Readonly<Record<string, string>>,
  after: Attributes,
): Promise<CodeDeliveryDetailsType[]> {
  const details: CodeDeliveryDetailsType[] = [];
  for (const attribute of ['email', 'phone_number'] as const) {
    const address = after[attribute];
    const unproven = changed[attribute] && after[`${attribute}_verified`] !== 'true';
    if (!address || !unproven || !pool.config.AutoVerifiedAttributes?.includes(attribute)) continue;
    const to = {
      ...user,
      purpose: `verify:${attribute}` as const,
      attribute,
      triggerSource: 'CustomMessage_UpdateUserAttribute',
    };
    await sendVerification(services, unit, pool, to, address);
    details.push(deliveryDetails(attribute, address));
  }
  return details;
}
