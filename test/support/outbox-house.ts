import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { expect, vi } from 'vitest';
import type { Dispatch } from '../../packages/server/src/outbox/dispatch.ts';
import { createOutbox, type Outbox, type OutboxOptions } from '../../packages/server/src/outbox/outbox.ts';
import { adjustableClock } from '../../packages/server/src/platform/clock.ts';
import { HOUR } from '../../packages/server/src/platform/duration.ts';
import { migrate } from '../../packages/server/src/storage/migrations/migrate.ts';
import {
  insertMessage,
  laneOf,
  listMessages,
  type MessageRow,
} from '../../packages/server/src/storage/repositories/messages.ts';
import type { MessageStatus, SendingLane } from '../../packages/server/src/storage/schema/messages.ts';
import { openSqlite, sqliteFile } from '../../packages/server/src/storage/sqlite.ts';
import type { Storage } from '../../packages/server/src/storage/unit.ts';

export type Deliver = (message: MessageRow) => Promise<unknown>;

/** Outboxes on a database of their own, and what they said of their work. */
export async function openOutboxHouse() {
  const directory = mkdtempSync(join(tmpdir(), 'poolkeeper-outbox-'));
  const storage = openSqlite(directory);
  const clock = adjustableClock();
  const outboxes: Outbox[] = [];
  const outcomes: string[] = [];
  const lines: string[] = [];
  const rests: Partial<Record<SendingLane, number>> = {};
  await migrate(storage, clock.now());

  const rows = () =>
    storage.read((unit) => listMessages(unit, { to: undefined, userPoolId: undefined, limit: 1000 }));

  async function row(id: string): Promise<MessageRow> {
    const found = (await rows()).find((message) => message.id === id);
    if (found === undefined) throw new Error(`No message ${id}.`);
    return found;
  }

  return {
    storage,
    clock,
    outcomes,
    /** Of the log. */
    lines,
    rows,
    row,
    /** How SQLite would find what a query asks for. */
    planOf(query: string): string[] {
      const database = new DatabaseSync(sqliteFile(directory), { readOnly: true });
      try {
        return database
          .prepare(`explain query plan ${query}`)
          .all()
          .map((step) => `${step['detail']} `);
      } finally {
        database.close();
      }
    },
    /** For how long lanes are left alone, ms. */
    rests,

    open(
      deliver: Deliver,
      over: Storage = storage,
      more: Partial<Pick<OutboxOptions, 'closing' | 'restOf'>> = {},
    ): Outbox {
      const outbox = createOutbox({
        storage: over,
        clock,
        log: pino({ level: 'debug' }, { write: (line) => lines.push(line) }),
        deliver: async (message) => {
          const dispatches = await deliver(message);
          return Array.isArray(dispatches) ? (dispatches as Dispatch[]) : [];
        },
        remainder: () => Buffer.from('erased'),
        restOf: (lane) => rests[lane] ?? 0,
        onOutcome: (_, { outcome }) => outcomes.push(outcome),
        ...more,
      });
      outboxes.push(outbox);
      return outbox;
    },

    /** Whose messages get their turns. */
    makePools: (...ids: string[]) =>
      storage.write(async (unit) => {
        for (const id of ids) {
          await unit.run(
            `insert into user_pools (id, name, config, settings, created_at, updated_at) values (?, 'p', '{}', '{}', 0, 0)`,
            [id],
          );
        }
      }),

    queue: (
      ids: readonly string[],
      lifetime = HOUR,
      {
        poolId = 'us-east-1_Pool',
        triggerSource = 'CustomMessage_ForgotPassword',
        channel = 'EMAIL' as 'EMAIL' | 'SMS',
        status = 'queued' as MessageStatus,
      } = {},
    ) =>
      storage.write(async (unit) => {
        const now = clock.now();
        await unit.run(
          `insert or ignore into user_pools (id, name, config, settings, created_at, updated_at) values (?, 'test', '{}', '{}', 0, 0)`,
          [poolId],
        );
        for (const id of ids) {
          await insertMessage.run(unit, {
            poolId,
            id,
            sub: 'sub',
            username: 'alice',
            channel,
            destination: 'alice@example.com',
            triggerSource,
            sealedContent: Buffer.from('sealed'),
            status,
            dueAt: now,
            expiresAt: now + lifetime,
            createdAt: now,
            sentAt: null,
            lane: laneOf(channel, triggerSource),
          });
        }
      }),

    /** Waits until a message is so. */
    reaches: (id: string, expected: Partial<MessageRow>) =>
      vi.waitFor(async () => expect(await row(id)).toMatchObject(expected), { timeout: 5000, interval: 20 }),

    async [Symbol.asyncDispose]() {
      await Promise.all(outboxes.map((outbox) => outbox.close()));
      await storage.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type OutboxHouse = Awaited<ReturnType<typeof openOutboxHouse>>;

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
