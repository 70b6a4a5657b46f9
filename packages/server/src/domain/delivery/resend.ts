import { messageNotFound, messageNotSentAgain, ServiceError } from '../../errors.ts';
import { buryMessage, resendMessage } from '../../storage/repositories/message-outcomes.ts';
import { findMessage, laneOf, type MessageRow } from '../../storage/repositories/messages.ts';
import { findUser } from '../../storage/repositories/users.ts';
import type { Services } from '../services.ts';
import { isStillTrue, openContent, withoutSecrets } from './deliver.ts';

/**
 * Queues a message again that failed, and resolves to it. Throws a ServiceError where it did not fail, or its code is
 * used, replaced or expired.
 */
export async function resend(services: Services, poolId: string, id: string): Promise<MessageRow> {
  const { storage, keyring, clock } = services;
  const key = { poolId, id };
  const found = await storage.read((unit) => findMessage.first(unit, key));
  // Who asks for a message that went nowhere learns no more than of one that there never was.
  if (found === undefined || found.status === 'simulated') throw messageNotFound(id);
  const sent = await storage.write(async (unit): Promise<MessageRow | ServiceError> => {
    // First, as everybody who changes what hangs on a user does.
    await findUser.first(unit, { poolId, sub: found.sub });
    const row = await findMessage.first(unit, key);
    if (row === undefined) return messageNotFound(id);
    if (row.status !== 'failed') return messageNotSentAgain(`It is ${row.status}.`);
    const now = clock.now();
    if (row.expires_at <= now) return messageNotSentAgain('Its code has expired.');
    if (row.lane !== 'DEAD') return messageNotSentAgain(row.last_error ?? 'Its content was not kept.');
    const lane = laneOf(row.channel, row.trigger_source);
    if (!(await isStillTrue(unit, keyring, row, openContent(keyring, row)))) {
      await buryMessage.run(unit, { ...key, lane, sealedContent: withoutSecrets(keyring, row) });
      return messageNotSentAgain('Its code was used or replaced, or its user deleted.');
    }
    if ((await resendMessage.run(unit, { ...key, lane, now })) === 0) {
      return messageNotSentAgain('Somebody else was faster.');
    }
    unit.onCommit(services.messageQueued);
    return { ...row, status: 'queued', lane, attempts: 0, due_at: now, last_error: null };
  });
  // Returned and not thrown: what was removed stays removed.
  if (sent instanceof ServiceError) throw sent;
  return sent;
}
