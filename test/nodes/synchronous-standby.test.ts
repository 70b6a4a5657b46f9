import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openPostgres } from '../../packages/server/src/storage/postgres.ts';
import type { Storage } from '../../packages/server/src/storage/unit.ts';
import { query } from '../support/postgres-databases.ts';
import { type Postgres, startPostgres } from '../support/postgres-server.ts';

// A server of its own: for all others of the shared one, commits would wait, too.
let server: Postgres;
let storage: Storage;

beforeAll(async () => {
  server = await startPostgres();
  await query(server.url, 'create table kept (a integer)');
  storage = await openPostgres({ urls: [server.url], connections: 2 });
  await query(server.url, "alter system set synchronous_standby_names = 'nobody'");
  await query(server.url, 'select pg_reload_conf()');
});

afterAll(async () => {
  await storage?.close();
  await server?.stop();
});

const keep = () => storage.write((unit) => unit.run('insert into kept values (1)', []));
const waiting = () => query(server.url, "select pid from pg_stat_activity where wait_event = 'SyncRep'");
const isWaiting = () => vi.waitFor(async () => expect(await waiting()).toHaveLength(1), { timeout: 5000 });

test('a commit that stops waiting for its standby, with a warning, has not succeeded', async () => {
  const kept = expect(keep()).rejects.toThrow('canceling wait for synchronous replication');
  await isWaiting();
  await query(server.url, "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'");
  await kept;
});

test('a commit that is given up does not go on waiting, with its locks and its connection', async () => {
  const kept = expect(keep()).rejects.toThrow('A commit was not answered.');
  await isWaiting();
  await kept;
  await vi.waitFor(async () => expect(await waiting()).toHaveLength(0), { timeout: 5000 });
});
