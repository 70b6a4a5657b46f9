import { attemptAllowed } from '../../domain/codes/attempt-limit.ts';
import { addressToVerify, sendVerification } from '../../domain/codes/verification.ts';
import { deliveryDetails } from '../../domain/delivery/masked-destination.ts';
import { writeAndSend } from '../../domain/delivery/write-and-send.ts';
import { countedAs } from '../../domain/limits/message-caps.ts';
import { simulatedAddress } from '../../domain/recovery/simulated-address.ts';
import { authenticateClient } from '../../domain/users/authenticate-client.ts';
import { userOrStandIn } from '../../domain/users/find-user.ts';
import { alreadyConfirmed, attemptLimitExceeded, cannotResend, userDisabled } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const resendConfirmationCode: Operation<'ResendConfirmationCode'> = async (services, input) => {
  const { client, pool } = await authenticateClient(services, input);
  const verifiable = pool.config.AutoVerifiedAttributes;
  if (!verifiable?.length) throw cannotResend();
  const sender = { clientId: client.id, clientMetadata: input.ClientMetadata };
  const details = await writeAndSend(services, pool, sender, async (unit) => {
    const { user, sub, username } = await userOrStandIn(services, unit, pool, client, input.Username);
    if (user && !user.enabled && !client.hidesUsers) throw userDisabled();
    if (user && user.status !== 'UNCONFIRMED' && !client.hidesUsers) throw alreadyConfirmed();
    const real = user !== undefined && user.status === 'UNCONFIRMED' && user.enabled;
    const attribute = real ? addressToVerify(pool, user.attributes) : undefined;
    if (real && attribute === undefined && !client.hidesUsers) throw cannotResend();
    if (!(await attemptAllowed(unit, pool, sub, 'resend-code', services.clock.now()))) return undefined;
    const simulated = simulatedAddress(services, pool, { user, sub }, verifiable);
    const address = attribute && user?.attributes[attribute];
    const shown = attribute && address ? { attribute, address } : simulated;
    const to = {
      sub,
      username,
      user: address === undefined ? undefined : user,
      purpose: 'confirm-sign-up' as const,
      attribute: shown.attribute,
      triggerSource: 'CustomMessage_ResendCode',
      countsAs: countedAs({ user, sub }, input.Username, shown.address),
    };
    await sendVerification(services, unit, pool, to, address);
    return deliveryDetails(shown.attribute, shown.address);
  });
  if (details === undefined) throw attemptLimitExceeded();
  return { CodeDeliveryDetails: details };
};
