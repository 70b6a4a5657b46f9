import type { CodeDeliveryDetailsType } from '@poolkeeper/model';
import {
  attemptLimitExceeded,
  cannotResetInState,
  channelNotOffered,
  contactAdministrator,
  noEligibleAddress,
  userDisabled,
  userDisabledAtReset,
} from '../../errors.ts';
import { type IssuedCode, issueCode, issueCodeWithinLimit } from '../codes/codes.ts';
import { enqueueMessage } from '../delivery/enqueue-message.ts';
import { type AddressAttribute, channelOf, deliveryDetails } from '../delivery/masked-destination.ts';
import { type SendingUnit, writeAndSend } from '../delivery/write-and-send.ts';
import { countedAs } from '../limits/message-caps.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { Metadata } from '../triggers/event.ts';
import { userForAdmin, userOrStandIn } from '../users/find-user.ts';
import { migrateUser } from '../users/migrate-user.ts';
import { updateUser } from '../users/update-user.ts';
import type { User } from '../users/user.ts';
import { metadataForFunctions } from './own-metadata.ts';
import { type Address, eligibleAddress, mayRecover, recoveryChannels } from './recovery-address.ts';
import { recoveryOrder } from './recovery-order.ts';
import { channelsFor, recordRecovery, withRecord } from './recovery-record.ts';
import { sendResetFactor } from './reset-factor.ts';
import { simulatedAddress } from './simulated-address.ts';

/**
 * Sends a password reset code to a verified address of the user, in one unit of work: who, where to, attempt, code and
 * message; and the second factor's code where the pool's resets take one. Where the client hides who exists, everybody
 * else gets the same answer after the same work, and no message.
 * Before it, the pool's UserMigration function may bring along whom nobody knows here.
 * `metadata` chooses the way in a pool with `recovery.chooseChannel`.
 * Throws NotAuthorizedException, InvalidParameterException, UserNotFoundException or LimitExceededException.
 */
export async function beginRecovery(
  services: Services,
  pool: UserPool,
  client: AppClient,
  name: string,
  metadata: Metadata | undefined,
): Promise<CodeDeliveryDetailsType> {
  const request = { operation: 'ForgotPassword', client, name } as const;
  return withRecord(services, pool, request, async () => {
    const order = recoveryOrder(pool);
    if (order.length === 0) throw contactAdministrator();
    const chosen = chosenAttribute(pool, order, metadata?.['channel']);
    const sender = { clientId: client.id, clientMetadata: metadataForFunctions(pool, metadata) };
    const { clientMetadata } = sender;
    await migrateUser(services, pool, client, name, {
      source: 'UserMigration_ForgotPassword',
      clientMetadata,
    });
    return writeAndSend(services, pool, sender, async (unit) => {
      const { user, sub, username } = await userOrStandIn(services, unit, pool, client, name);
      const channels = channelsFor(services, pool, user, { chosen, bySelf: true });
      const address = eligibleAddress(channels);
      if (user && address === undefined) requireHidden(pool, client, user);
      const shown = address ?? simulatedAddress(services, pool, { user, sub }, chosen ? [chosen] : order);
      const holder = { sub, purpose: 'reset-password' as const, attribute: shown.attribute };
      const { issued, attempts } = await issueCodeWithinLimit(services, unit, pool, holder);
      const facts = { user, sub, channels, attempts };
      if (issued === undefined) {
        const error = attemptLimitExceeded();
        recordRecovery(services, unit, pool, request, { ...facts, outcome: 'limited', error });
        // Thrown here, it would take back the attempt that was counted.
        return error;
      }
      const countsAs = countedAs({ user, sub }, name, shown.address);
      const to = { sub, username, shown, user: address && user, countsAs };
      const messageId = await sendCodes(services, unit, pool, to, issued);
      const outcome = address ? 'sent' : 'simulated';
      recordRecovery(services, unit, pool, request, { ...facts, outcome, messageId });
      return deliveryDetails(shown.attribute, shown.address);
    });
  });
}

/**
 * AdminResetUserPassword: the same message, outside the user's own limit, and the old password stops signing in at once.
 * Throws NotAuthorizedException, InvalidParameterException or UserNotFoundException.
 */
export async function beginRecoveryFor(
  services: Services,
  pool: UserPool,
  name: string,
  clientMetadata: Metadata | undefined,
): Promise<void> {
  const request = { operation: 'AdminResetUserPassword', client: undefined, name } as const;
  await withRecord(services, pool, request, async () => {
    if (recoveryOrder(pool).length === 0) throw contactAdministrator();
    await writeAndSend(services, pool, { clientId: undefined, clientMetadata }, async (unit) => {
      const user = await userForAdmin(unit, pool, name);
      if (!user.enabled) throw userDisabledAtReset();
      if (!mayRecover(pool, user, false)) throw cannotResetInState();
      const channels = recoveryChannels(services, pool, user);
      const shown = eligibleAddress(channels);
      if (shown === undefined) throw noEligibleAddress();
      const { sub, username } = user;
      const holder = { sub, purpose: 'reset-password' as const, attribute: shown.attribute };
      const issued = await issueCode(services, unit, pool, holder);
      const messageId = await sendCodes(services, unit, pool, { sub, username, shown, user }, issued);
      await updateUser(unit, pool, user, { status: 'RESET_REQUIRED' }, { now: services.clock.now() });
      recordRecovery(services, unit, pool, request, { user, sub, channels, outcome: 'sent', messageId });
    });
  });
}

/** Of the pool's ways the one that a request asks for; undefined where it does not or may not ask. */
function chosenAttribute(
  pool: UserPool,
  order: readonly AddressAttribute[],
  channel: string | undefined,
): AddressAttribute | undefined {
  if (!pool.settings.recovery.chooseChannel || channel === undefined) return undefined;
  const chosen = order.find((attribute) => channelOf(attribute) === channel);
  if (chosen === undefined) throw channelNotOffered(order.map(channelOf));
  return chosen;
}

/** Throws what a user who gets no code is told, unless the client hides that there is one. */
function requireHidden(pool: UserPool, client: AppClient, user: User): void {
  if (!user.enabled) {
    if (client.hidesUsers) return;
    throw userDisabled();
  }
  if (!mayRecover(pool, user, true)) throw cannotResetInState();
  if (!client.hidesUsers) throw noEligibleAddress();
}

/** `user` undefined simulates it. Resolves to the id of the message with the reset code. */
async function sendCodes(
  services: Services,
  unit: SendingUnit,
  pool: UserPool,
  to: { sub: string; username: string; shown: Address; user: User | undefined; countsAs?: string },
  issued: IssuedCode,
): Promise<string> {
  const { sub, username, user } = to;
  const { attribute, address } = to.shown;
  const id = await enqueueMessage(services, unit, pool, {
    sub,
    username,
    user,
    channel: channelOf(attribute),
    destination: user && address,
    countsAs: to.countsAs,
    kind: 'password-reset',
    triggerSource: 'CustomMessage_ForgotPassword',
    purpose: 'reset-password',
    code: issued.code,
    expiresAt: issued.expiresAt,
  });
  await sendResetFactor(services, unit, pool, { sub, username, user, resetAttribute: attribute });
  return id;
}
