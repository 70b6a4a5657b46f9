import { newId, newOrderedId } from '../../packages/server/src/platform/random.ts';
import { openPostgres } from '../../packages/server/src/storage/postgres.ts';
import { countAttemptAndPutCode } from '../../packages/server/src/storage/repositories/attempts.ts';
import { purgeExpired, purges } from '../../packages/server/src/storage/repositories/expired.ts';
import {
  claimMessages,
  upcomingMessages,
} from '../../packages/server/src/storage/repositories/message-claims.ts';
import { insertMessage } from '../../packages/server/src/storage/repositories/messages.ts';
import { insertSearchableAttribute } from '../../packages/server/src/storage/repositories/searchable-attributes.ts';
import { insertSession } from '../../packages/server/src/storage/repositories/sessions.ts';
import { insertSignInName } from '../../packages/server/src/storage/repositories/sign-in-names.ts';
import {
  findUser,
  findUserByName,
  insertUser,
} from '../../packages/server/src/storage/repositories/users.ts';
import { openSqlite } from '../../packages/server/src/storage/sqlite.ts';
import type { Target } from '../bench/measure.ts';
import { addBacklog, removeBacklog } from './backlog.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CLAIM = { lane: 'EMAIL', places: 10, ofPool: () => 10, after: '' } as const;
const bytes = (length: number) => new Uint8Array(length).fill(1);

/** `works` run many at once, `turns` one after the other, as janitor and outbox do. */
export async function openStatements(where: string, { poolId, clientId, names }: Target) {
  const storage = where.startsWith('postgres')
    ? await openPostgres({ urls: [where], connections: 16 })
    : openSqlite(where);
  const anyName = () => names[Math.floor(Math.random() * names.length)] as string;
  const find = async (name: string) => {
    const user = await storage.read((unit) => findUserByName.first(unit, { poolId, name }));
    if (user === undefined) throw new Error(`${name} is not there.`);
    return user;
  };

  const works: Record<string, () => Promise<unknown>> = {
    'finding a user': () => find(anyName()),
    ForgotPassword: () =>
      storage.write(async (unit) => {
        const name = anyName();
        const user = await findUserByName.first(unit, { poolId, name });
        if (user === undefined) throw new Error(`${name} is not there.`);
        const now = Date.now();
        const key = { poolId, sub: user.sub };
        await countAttemptAndPutCode.first(unit, {
          ...key,
          action: 'reset-password',
          now,
          windowEnd: now + HOUR,
          limit: 2_000_000_000,
          digest: bytes(32),
          attribute: 'email',
          codeExpiresAt: now + HOUR,
        });
        insertMessage.send(unit, {
          ...key,
          id: newOrderedId(now),
          username: user.username,
          channel: 'EMAIL',
          destination: 'somebody.somewhere@example.com',
          triggerSource: 'CustomMessage_ForgotPassword',
          sealedContent: bytes(200),
          status: 'sent',
          dueAt: null,
          expiresAt: now + HOUR,
          createdAt: now,
          sentAt: now,
          lane: 'EMAIL',
        });
      }),
    'a sign-in': async () => {
      const user = await find(anyName());
      await storage.write(async (unit) => {
        await findUser.first(unit, { poolId, sub: user.sub });
        const now = Date.now();
        await insertSession.run(unit, {
          poolId,
          id: newId(),
          sub: user.sub,
          clientId,
          refreshDigest: bytes(32),
          authTime: Math.floor(now / 1000),
          now,
          expiresAt: now + 30 * DAY,
        });
      });
    },
    'creating a user': () =>
      storage.write(async (unit) => {
        const sub = newId();
        const owner = { poolId, sub };
        const [username, email] = [`made-${sub}`, `made.${sub}@example.com`];
        await insertSignInName.run(unit, { ...owner, name: username, kind: 'username' });
        await insertUser.run(unit, {
          ...owner,
          username,
          status: 'CONFIRMED',
          attributes: JSON.stringify({ email, email_verified: 'true', name: 'Somebody Made' }),
          passwordHash: 'x'.repeat(97),
          sealedVerifier: bytes(430),
          temporaryUntil: null,
          now: Date.now(),
        });
        await insertSignInName.run(unit, { ...owner, name: email, kind: 'email' });
        await insertSearchableAttribute.run(unit, { ...owner, name: 'email', value: email });
        await insertSearchableAttribute.run(unit, { ...owner, name: 'name', value: 'Somebody Made' });
      }),
  };

  const turns: Record<string, () => Promise<unknown>> = {
    "outbox: the next message's time": () => storage.read((unit) => upcomingMessages(unit)),
    'outbox: taking ten of a backlog': () => {
      const now = Date.now() + 1900 * DAY;
      return storage.write((unit) => claimMessages(unit, { ...CLAIM, now, leaseEnd: now + 1 }));
    },
  };
  for (const purge of purges) {
    const clean = (now: number) => storage.write((unit) => purgeExpired(unit, purge, now));
    turns[`janitor: nothing to remove in ${purge.table}`] = () => clean(Date.now() - 30 * DAY);
    turns[`janitor: removing 1,000 from ${purge.table}`] = () => clean(Date.now() + 40 * DAY);
  }
  await addBacklog(storage, poolId);
  const close = async () => {
    await removeBacklog(storage);
    await storage.close();
  };
  return { works, turns, close };
}
