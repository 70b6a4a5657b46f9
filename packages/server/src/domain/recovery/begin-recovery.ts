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
import { type Address, recoveryAddress, recoveryOrder, simulatedAddress } from './recovery-address.ts';

/**
 * Sends a password reset code to a verified address of the user, in one unit of work: who, where to, attempt, code and
 * message. Where the client hides who exists, everybody else gets the same answer after the same work, and no message.
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
    const address = user && eligibleAddress(pool, client, user);
    const shown = address ?? simulatedAddress(services, pool, name, order);
    const holder = { sub, purpose: 'reset-password' as const, attribute: shown.attribute };
    const issued = await issueCodeWithinLimit(services, unit, pool, holder);
    if (issued === undefined) return undefined;
    await sendCode(services, unit, pool, { sub, username, shown, real: address !== undefined }, issued);
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
  const shown = recoveryAddress(pool, user);
  if (shown === undefined) throw noEligibleAddress();
  const { sub, username } = user;
  const holder = { sub, purpose: 'reset-password' as const, attribute: shown.attribute };
  const issued = await issueCode(services, unit, pool, holder);
  await sendCode(services, unit, pool, { sub, username, shown, real: true }, issued);
}

/** Throws unless the user's state allows a reset by code. FORCE_CHANGE_PASSWORD does not, whoever asks. */
export function requireResettable(user: User): void {
  if (user.status === 'FORCE_CHANGE_PASSWORD') throw cannotResetInState();
}

function eligibleAddress(pool: UserPool, client: AppClient, user: User): Address | undefined {
  if (!user.enabled) {
    if (client.hidesUsers) return undefined;
    throw userDisabled();
  }
  requireResettable(user);
  const address = recoveryAddress(pool, user);
  if (address === undefined && !client.hidesUsers) throw noEligibleAddress();
  return address;
}

async function sendCode(
  services: Services,
  unit: Unit,
  pool: UserPool,
  to: { sub: string; username: string; shown: Address; real: boolean },
  issued: IssuedCode,
): Promise<void> {
  const { attribute, address } = to.shown;
  await enqueueMessage(services, unit, pool, {
    sub: to.sub,
    username: to.username,
    channel: channelOf(attribute),
    destination: to.real ? address : undefined,
    kind: 'password-reset',
    triggerSource: 'CustomMessage_ForgotPassword',
    purpose: 'reset-password',
    code: issued.code,
    expiresAt: issued.expiresAt,
  });
}
