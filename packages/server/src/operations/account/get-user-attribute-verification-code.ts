import { attemptAllowed } from '../../domain/codes/attempt-limit.ts';
import { requireVerifiable, sendVerification } from '../../domain/codes/verification.ts';
import { deliveryDetails } from '../../domain/delivery/masked-destination.ts';
import { writeAndSend } from '../../domain/delivery/write-and-send.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { keepWaiting, pendingAddressOf } from '../../domain/users/address-changes.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { attemptLimitExceeded, invalid } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const getUserAttributeVerificationCode: Operation<'GetUserAttributeVerificationCode'> = async (
  services,
  input,
) => {
  const { user, pool, client } = await signedInUser(services, input.AccessToken);
  const attribute = requireVerifiable(input.AttributeName);
  const sender = { clientId: client.id, clientMetadata: input.ClientMetadata };
  const address = await writeAndSend(services, pool, sender, async (unit) => {
    const now = services.clock.now();
    const current = await userForAdmin(unit, pool, user.sub);
    const pending = pendingAddressOf(current, attribute, now);
    const value = pending ?? current.attributes[attribute];
    if (!value) throw invalid(`The user has no attribute ${attribute}.`);
    if (!(await attemptAllowed(unit, pool, user.sub, 'get-attribute-code', now))) return undefined;
    if (pending !== undefined) await keepWaiting(unit, current, attribute, pending, now);
    const to = {
      sub: current.sub,
      username: current.username,
      user: current,
      purpose: `verify:${attribute}` as const,
      attribute,
      isPending: pending !== undefined,
      triggerSource: 'CustomMessage_VerifyUserAttribute',
    };
    await sendVerification(services, unit, pool, to, value);
    return value;
  });
  if (address === undefined) throw attemptLimitExceeded();
  return { CodeDeliveryDetails: deliveryDetails(attribute, address) };
};
