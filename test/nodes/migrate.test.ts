import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseConfigOf } from '../../packages/server/src/config/database-config.ts';
import type { StartOptions } from '../../packages/server/src/index.ts';
import { jsonOf } from '../../packages/server/src/storage/copy/row-codec.ts';
import { copiedTables, readTable } from '../../packages/server/src/storage/copy/table.ts';
import { findCopyMark, findServedMark, putCopyMark } from '../../packages/server/src/storage/marks.ts';
import { openExistingStorage } from '../../packages/server/src/storage/open-database.ts';
import { seed } from '../bench/seed.ts';
import { commandLine } from '../support/command.ts';
import { type Database, openDatabase } from '../support/database.ts';
import { openHouse } from '../support/house.ts';
import { expectAtHome, expectCodeWorks, moveIn } from '../support/inhabitants.ts';
import { refusal } from '../support/refusal.ts';

const POOLKEEPER_MASTER_KEY = Buffer.alloc(32, 'master').toString('base64');

const { run, spawn, killAll } = commandLine();
let postgres: Database;
let folder: string;
beforeEach(async () => {
  postgres = await openDatabase();
  folder = mkdtempSync(join(tmpdir(), 'poolkeeper-migrate-'));
});
afterEach(async () => {
  killAll();
  await postgres[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const inFolder = (name = 'first'): StartOptions => ({ data: join(folder, name) });
const inPostgres = (): StartOptions => ({ ...inFolder('keys'), databaseUrl: postgres.options.databaseUrl });
const open = (options: StartOptions) =>
  openHouse({ ...options, issuer: 'aws', masterKey: POOLKEEPER_MASTER_KEY });
const start = async (options: StartOptions) => (await open(options))[Symbol.asyncDispose]();

const command = (from: 'sqlite' | 'postgres', data: string) => [
  ...['migrate', '--from', from, '--to', from === 'sqlite' ? 'postgres' : 'sqlite'],
  ...['--data', data, '--database-url', String(postgres.options.databaseUrl)],
];
const toPostgres = (data = join(folder, 'first')) => command('sqlite', data);
const toSqlite = (data = join(folder, 'second')) => command('postgres', data);

/** Every row of every table that goes along. */
async function everything(options: StartOptions) {
  const { storage, close } = await openExistingStorage(await databaseConfigOf(options), { beside: true });
  try {
    return await storage.snapshot(async (unit) => {
      const tables: Record<string, unknown[]> = {};
      for (const table of copiedTables) {
        const rows = [];
        for await (const batch of readTable(unit, table)) rows.push(...batch.rows.map(jsonOf));
        tables[table.name] = rows;
      }
      return tables;
    });
  } finally {
    await close();
  }
}

describe('poolkeeper migrate', () => {
  it('moves everybody to PostgreSQL and back, and leaves no two places to start at', async () => {
    await using stack = new AsyncDisposableStack();
    const first = await open(inFolder());
    const inhabitants = await moveIn(first);
    await first[Symbol.asyncDispose]();

    const { code, errors } = await run(toPostgres());
    expect([code, errors]).toEqual([0, expect.stringMatching(/users +4 rows on both sides/)]);
    expect(await refusal(open(inFolder()))).toMatch(/were moved to postgres on 20.*--keep-source/);
    const second = await open(inPostgres());
    await expectAtHome(second, inhabitants);
    await second[Symbol.asyncDispose]();

    expect(await run(toSqlite())).toMatchObject({ code: 0 });
    expect(await refusal(open(inPostgres()))).toMatch(/were moved to sqlite/);
    const third = stack.use(await open(inFolder('second')));
    await expectAtHome(third, inhabitants);
    await expectCodeWorks(third, inhabitants);
  });

  it('goes on where it was killed: nothing is lost and nothing comes twice', async () => {
    const data = join(folder, 'first');
    await seed(data, 12_000);
    const before = await everything({ data });
    const target = inPostgres();
    let stoppedAt: string | undefined;
    for (const table of ['users', 'users', 'sign_in_names']) {
      const migration = spawn(toPostgres());
      stoppedAt = await reached(target, table, stoppedAt);
      migration.child.kill('SIGKILL');
      await migration.end();
      expect(await refusal(open(target))).toMatch(/migration into this database was interrupted/);
    }
    const { code, errors } = await run(toPostgres());
    expect([code, errors]).toEqual([0, expect.stringMatching(/Goes on after [1-9]/)]);
    expect(await everything(target)).toEqual(before);
    expect(await run(toSqlite())).toMatchObject({ code: 0 });
    expect(await everything(inFolder('second'))).toEqual(before);
  }, 90_000);

  it('ends what was killed after the last row, when servers already start on neither', async () => {
    await start(inFolder());
    expect(await run(toPostgres())).toMatchObject({ code: 0 });
    const source = await openExistingStorage(await databaseConfigOf(inFolder()));
    const served = await source.storage.read(findServedMark);
    await source.close();
    const target = await openExistingStorage(await databaseConfigOf(inPostgres()), { beside: true });
    const mark = { by: 'migrate', served, table: 'server_state', after: ['~'] } as const;
    await target.storage.write((unit) => putCopyMark(unit, mark));
    await target.close();
    expect(await run(toPostgres())).toMatchObject({ code: 0 });
    await start(inPostgres());
  });

  it('begins anew when the source was served in between', async () => {
    const data = join(folder, 'first');
    await seed(data, 5000);
    const migration = spawn(toPostgres());
    await reached(inPostgres(), 'users');
    migration.child.kill('SIGKILL');
    await migration.end();
    await (await openHouse({ data }))[Symbol.asyncDispose]();
    const { code, errors } = await run(toPostgres());
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/source was started since.*Empty the target \(drop/),
    ]);
  });

  it('refuses while a server uses either of the two', async () => {
    await start(inFolder());
    {
      await using _served = await open(inFolder());
      expect((await run(toPostgres())).errors).toMatch(/Another Poolkeeper is using/);
    }
    await using _served = await open(inPostgres());
    expect((await run(toPostgres())).errors).toMatch(/is being served/);
    expect((await run(toSqlite())).errors).toMatch(/is being served/);
  });

  it('refuses a target that is not empty, and a source that was moved before', async () => {
    for (const options of [inFolder(), inPostgres()]) {
      await using house = await open(options);
      await house.createPool();
    }
    expect((await run(toPostgres())).errors).toMatch(/not empty: there are rows in user_pools/);
    expect(await run(toSqlite())).toMatchObject({ code: 0 });
    expect((await run(toSqlite(join(folder, 'third')))).errors).toMatch(/were moved to sqlite.*once more/);
  });

  it('leaves the source in service with --keep-source, or gives it back', async () => {
    await start(inFolder());
    expect(await run([...toPostgres(), '--keep-source'])).toMatchObject({ code: 0 });
    await start(inFolder());
    expect(await run(toSqlite())).toMatchObject({ code: 0 });
    expect(await refusal(open(inPostgres()))).toMatch(/were moved/);
    const giveBack = ['migrate', '--from', 'postgres', '--keep-source'];
    const { code, errors } = await run([...giveBack, '--database-url', String(inPostgres().databaseUrl)]);
    expect([code, errors]).toEqual([0, expect.stringMatching(/start on it again/)]);
    await start(inPostgres());
  });
});

/** Resolves once a migration is in the middle of a table and further than `before`, to where that is. */
async function reached(target: StartOptions, table: string, before?: string): Promise<string> {
  const config = await databaseConfigOf(target);
  while (true) {
    await sleep(5);
    const opened = await openExistingStorage(config, { applicationName: 'test' }).catch(() => undefined);
    if (opened === undefined) continue;
    await using _closing = { [Symbol.asyncDispose]: opened.close };
    while (true) {
      const mark = await opened.storage.read(findCopyMark);
      const place = JSON.stringify(mark);
      if (mark?.table === table && place !== before) return place;
    }
  }
}
