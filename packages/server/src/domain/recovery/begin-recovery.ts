import type { CodeDeliveryDetailsType } from '@poolkeeper/model';
import {
  attemptLimitExceeded,
  cannotResetInState,
  contactAdministrator,
  noEligibleAddress,
  userDisabled,
} from '../../errors.ts';
import type { Unit } from '../../storage/unit.ts';
import { type IssuedCode, issueCode, issueCodeWithinLimit } from '../codes/codes.ts';
import { enqueueMessage } from '../delivery/enqueue-message.ts';
import { channelOf, deliveryDetails } from '../delivery/masked-destination.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { userOrStandIn } from '../users/find-user.ts';
import type { User } from '../users/user.ts';
import { type Address, recoveryAddress, simulatedAddress } from './recovery-address.ts';
import { recoveryOrder } from './recovery-order.ts';
import { sendResetFactor } from './reset-factor.ts';

/**
 * Sends a password reset code to a verified address of the user, in one unit of work: who, where to, attempt, code and
 * message; and the second factor's code where the pool's resets take one. Where the client hides who exists, everybody else gets the same answer after the same work, and no message.
 * Throws NotAuthorizedException, InvalidParameterException, UserNotFoundException or LimitExceededException.
 */
export async function beginRecovery(
  services: Services,
  pool: UserPool,
  client: AppClient,
  name: string,
): Promise<CodeDeliveryDetailsType> {
  const order = recoveryOrder(pool);
  if (order.length === 0) throw contactAdministrator();
  const details = await services.storage.write(async (unit) => {
    const { user, sub, username } = await userOrStandIn(services, unit, pool, client, name);
    const address = user && eligibleAddress(services, pool, client, user);
    const shown = address ?? simulatedAddress(services, pool, name, order);
    const holder = { sub, purpose: 'reset-password' as const, attribute: shown.attribute };
    const issued = await issueCodeWithinLimit(services, unit, pool, holder);
    if (issued === undefined) return undefined;
    await sendCodes(services, unit, pool, { sub, username, shown, user: address && user }, issued);
    return deliveryDetails(shown.attribute, shown.address);
  });
  if (details === undefined) throw attemptLimitExceeded();
  return details;
}

/** AdminResetUserPassword's half: the same message, outside the user's own limit. */
export async function sendRecoveryCode(
  services: Services,
  unit: Unit,
  pool: UserPool,
  user: User,
): Promise<void> {
  const shown = recoveryAddress(services, pool, user);
  if (shown === undefined) throw noEligibleAddress();
  const { sub, username } = user;
  const holder = { sub, purpose: 'reset-password' as const, attribute: shown.attribute };
  const issued = await issueCode(services, unit, pool, holder);
  await sendCodes(services, unit, pool, { sub, username, shown, user }, issued);
}

/** Throws unless the user's state allows a reset by code. FORCE_CHANGE_PASSWORD does not, whoever asks. */
export function requireResettable(user: User): void {
  if (user.status === 'FORCE_CHANGE_PASSWORD') throw cannotResetInState();
}

function eligibleAddress(
  services: Services,
  pool: UserPool,
  client: AppClient,
  user: User,
): Address | undefined {
  if (!user.enabled) {
    if (client.hidesUsers) return undefined;
    throw userDisabled();
  }
  requireResettable(user);
  const address = recoveryAddress(services, pool, user);
  if (address === undefined && !client.hidesUsers) throw noEligibleAddress();
  return address;
}

/** `user` undefined simulates it. */
async function sendCodes(
  services: Services,
  unit: Unit,
  pool: UserPool,
  to: { sub: string; username: string; shown: Address; user: User | undefined },
  issued: IssuedCode,
): Promise<void> {
  const { sub, username, user } = to;
  const { attribute, address } = to.shown;
  await enqueueMessage(services, unit, pool, {
    sub,
    username,
    channel: channelOf(attribute),
    destination: user && address,
    kind: 'password-reset',
    triggerSource: 'CustomMessage_ForgotPassword',
    purpose: 'reset-password',
    code: issued.code,
    expiresAt: issued.expiresAt,
  });
  await sendResetFactor(services, unit, pool, { sub, username, user, resetAttribute: attribute });
}
