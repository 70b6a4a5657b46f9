import { newOrderedId } from '../../packages/server/src/platform/random.ts';
import { insertMessage } from '../../packages/server/src/storage/repositories/messages.ts';
import type { Storage } from '../../packages/server/src/storage/unit.ts';

const DAY = 86_400_000;
const MESSAGES = 100_000;
const BATCH = 1000;

/** Messages that wait, for what takes from a backlog. Only while no server runs: it would send them. */
export async function addBacklog(storage: Storage, poolId: string): Promise<void> {
  const now = Date.now();
  for (let done = 0; done < MESSAGES; done += BATCH) {
    await storage.write(async (unit) => {
      for (let index = 0; index < BATCH; index += 1) {
        insertMessage.send(unit, {
          poolId,
          id: newOrderedId(now),
          sub: 'nobody',
          username: 'nobody',
          channel: 'EMAIL',
          destination: 'nobody@example.com',
          triggerSource: 'CustomMessage_ForgotPassword',
          sealedContent: new Uint8Array(200),
          status: 'queued',
          dueAt: now + done + index,
          expiresAt: now + 2000 * DAY,
          createdAt: now,
          sentAt: null,
          lane: 'EMAIL',
        });
      }
    });
  }
}

export const removeBacklog = (storage: Storage): Promise<unknown> =>
  storage.write((unit) => unit.run('delete from messages where due_at is not null', []));
