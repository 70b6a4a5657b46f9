import { readFileSync } from 'node:fs';
import { newOrderedId } from '../../packages/server/src/platform/random.ts';
import { countAttemptAndPutCode } from '../../packages/server/src/storage/repositories/attempts.ts';
import { insertMessage } from '../../packages/server/src/storage/repositories/messages.ts';
import { insertRecovery } from '../../packages/server/src/storage/repositories/recoveries.ts';
import { findUserByName } from '../../packages/server/src/storage/repositories/users.ts';
import { openSqlite } from '../../packages/server/src/storage/sqlite.ts';
import type { Target } from './measure.ts';

/**
 * The other floor of ForgotPassword: its statements made durable, 64 units at a time as the load brings them, with no
 * request around them. Arguments: data folder, seconds, file with `{ poolId, names }`. Prints one line of JSON.
 */
const [data, seconds, file] = process.argv.slice(2) as [string, string, string];
const { poolId, names } = JSON.parse(readFileSync(file, 'utf8')) as Target;
const HOUR = 3_600_000;
const digest = Buffer.alloc(32, 1);
/** As long as what a record says. */
const details = 'x'.repeat(330);
/** About as long as a sealed message with Cognito's default text. */
const sealedContent = Buffer.alloc(200, 1);
const storage = openSqlite(data);

const forgot = (name: string) =>
  storage.write(async (unit) => {
    const user = await findUserByName.first(unit, { poolId, name });
    if (user === undefined) throw new Error(`${name} was not seeded.`);
    const now = Date.now();
    const code = { digest, attribute: 'email', codeExpiresAt: now + HOUR };
    const key = { poolId, sub: user.sub };
    const limit = 2_000_000_000;
    await countAttemptAndPutCode.first(unit, {
      ...key,
      ...code,
      action: 'reset-password',
      now,
      windowEnd: now + HOUR,
      limit,
    });
    await insertMessage.run(unit, {
      ...key,
      id: newOrderedId(now),
      username: user.username,
      channel: 'EMAIL',
      destination: `${name}@example.com`,
      triggerSource: 'CustomMessage_ForgotPassword',
      sealedContent,
      status: 'sent',
      dueAt: null,
      expiresAt: now + HOUR,
      createdAt: now,
      sentAt: now,
      lane: 'EMAIL',
    });
    insertRecovery.send(unit, {
      ...key,
      id: newOrderedId(now),
      operation: 'ForgotPassword',
      clientId: 'abcdefghijklmnopqrstuvwxyz',
      username: user.username,
      outcome: 'sent',
      details,
      now,
      expiresAt: now + 168 * HOUR,
    });
  });

const started = performance.now();
let done = 0;
await Promise.all(
  Array.from({ length: 64 }, async () => {
    while (performance.now() - started < Number(seconds) * 1000) {
      const next = done;
      done += 1;
      await forgot(names[(next * 7919) % names.length] as string);
    }
  }),
);
const perSecond = (done * 1000) / (performance.now() - started);
await storage.close();
console.log(JSON.stringify({ perSecond }));
