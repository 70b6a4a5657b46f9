import { updateUserInvitedTo } from '../../storage/repositories/users.ts';
import { temporaryUntil } from '../passwords/temporary-password.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { enqueueMessage } from './enqueue-message.ts';
import type { MessageChannel } from './message.ts';
import type { SendingUnit } from './write-and-send.ts';

/**
 * Tells a new user their username, and their temporary password if they have one, by each medium asked for (SMS when
 * none is) that has an address. It is remembered where to: `recovery.states` lets them recover there.
 */
export async function sendInvitation(
  services: Services,
  unit: SendingUnit,
  pool: UserPool,
  user: User,
  password: string | undefined,
  mediums: readonly MessageChannel[] | undefined,
): Promise<void> {
  const shownName = pool.config.UsernameAttributes
    ? (user.attributes['email'] ?? user.attributes['phone_number'] ?? user.username)
    : user.username;
  const invitedTo: Record<string, string> = {};
  for (const channel of new Set(mediums?.length ? mediums : (['SMS'] as const))) {
    const attribute = channel === 'EMAIL' ? 'email' : 'phone_number';
    const destination = user.attributes[attribute];
    if (!destination) continue;
    invitedTo[attribute] = destination;
    await enqueueMessage(services, unit, pool, {
      sub: user.sub,
      username: shownName,
      user,
      channel,
      destination,
      kind: password === undefined ? 'welcome' : 'invitation',
      triggerSource: 'CustomMessage_AdminCreateUser',
      code: password ?? '',
      purpose: undefined,
      // By it the outbox knows the message of the password that the user has.
      expiresAt: user.temporaryUntil ?? temporaryUntil(pool, services.clock.now()),
    });
  }
  updateUserInvitedTo.send(unit, { poolId: pool.id, sub: user.sub, invitedTo: JSON.stringify(invitedTo) });
}
