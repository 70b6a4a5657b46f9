import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../packages/server/src/storage/migrations/migrate.ts';
import {
  findServerState,
  insertServerState,
} from '../../packages/server/src/storage/repositories/server-state.ts';
import { DataDirectoryInUse, openSqlite } from '../../packages/server/src/storage/sqlite.ts';
import type { Storage, Unit } from '../../packages/server/src/storage/unit.ts';

let directory: string;
let storage: Storage;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'poolkeeper-sqlite-'));
  storage = openSqlite(directory);
  await migrate(storage, 0);
});
afterEach(async () => {
  await storage.close();
  rmSync(directory, { recursive: true, force: true });
});

const put = (unit: Unit, name: string) => insertServerState.run(unit, { name, value: 'x' });
const has = (name: string) =>
  storage.read(async (unit) => (await findServerState.first(unit, { name })) !== undefined);

describe('units of work that arrive together', () => {
  it('commit together, and each sees those before it', async () => {
    const seen: boolean[] = [];
    const units = ['a', 'b', 'c'].map((name, index, all) =>
      storage.write(async (unit) => {
        const before = all[index - 1];
        if (before !== undefined) {
          seen.push((await findServerState.first(unit, { name: before })) !== undefined);
        }
        await put(unit, name);
      }),
    );
    expect(await has('a')).toBe(false);
    await Promise.all(units);
    expect(seen).toEqual([true, true]);
    expect(await has('c')).toBe(true);
  });

  it('fail alone: what one wrote before it threw is gone, what the others wrote stays', async () => {
    const results = await Promise.allSettled([
      storage.write((unit) => put(unit, 'first')),
      storage.write(async (unit) => {
        await put(unit, 'half');
        throw new Error('changed its mind');
      }),
      storage.write(async () => {
        throw new Error('never wrote');
      }),
      storage.write((unit) => put(unit, 'last')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect([await has('first'), await has('half'), await has('last')]).toEqual([true, false, true]);
  });

  it('run the effects of a unit once, after the commit, and none of one that was rolled back', async () => {
    const effects: string[] = [];
    const unit = (name: string, fails: boolean) =>
      storage.write(async (unit) => {
        await put(unit, name);
        unit.onCommit(() => effects.push(name));
        if (fails) throw new Error(name);
      });
    await Promise.allSettled([unit('kept', false), unit('thrown', true), unit('kept too', false)]);
    expect(effects).toEqual(['kept', 'kept too']);
  });

  it('are durable when they resolve: another connection reads them', async () => {
    await storage.write((unit) => put(unit, 'durable'));
    const other = new DatabaseSync(join(directory, 'poolkeeper.db'), { readOnly: true });
    expect(other.prepare('select value from server_state where name = ?').get('durable')).toEqual({
      value: 'x',
    });
    other.close();
  });
});

describe('a unit of work', () => {
  it('ends with its function: a query that escapes it throws', async () => {
    let escaped: Unit | undefined;
    await storage.write(async (unit) => {
      escaped = unit;
    });
    await expect(put(escaped as Unit, 'late')).rejects.toThrow('has ended');
  });

  it('that reads cannot write', async () => {
    await expect(storage.read((unit) => put(unit, 'no'))).rejects.toThrow(/readonly/);
  });
});

describe('the storage', () => {
  it('lets everything under way end when it closes, and takes nothing after', async () => {
    const last = storage.write((unit) => put(unit, 'last'));
    await storage.close();
    await last;
    await expect(storage.write((unit) => put(unit, 'later'))).rejects.toThrow('closed');
    storage = openSqlite(directory);
    expect(await has('last')).toBe(true);
  });

  it('belongs to one process', () => {
    expect(() => openSqlite(directory)).toThrow(DataDirectoryInUse);
  });

  it('is not opened by an older version than wrote it', async () => {
    await storage.write((unit) =>
      insertServerState.run(unit, { name: 'migration:9999-from-the-future', value: 'x' }),
    );
    await expect(migrate(storage, 0)).rejects.toThrow(/newer Poolkeeper/);
  });
});
