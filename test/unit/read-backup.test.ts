import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackupDamaged } from '../../packages/server/src/storage/copy/backup-format.ts';
import { readBackup } from '../../packages/server/src/storage/copy/read-backup.ts';
import { BATCH } from '../../packages/server/src/storage/copy/table.ts';
import { writeBackup } from '../../packages/server/src/storage/copy/write-backup.ts';
import { migrate } from '../../packages/server/src/storage/migrations/migrate.ts';
import { openSqlite } from '../../packages/server/src/storage/sqlite.ts';
import type { Storage } from '../../packages/server/src/storage/unit.ts';

const ROWS = 2 * BATCH + 7;

let directory: string;
let storage: Storage;
let whole: Buffer;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'poolkeeper-backup-'));
  storage = openSqlite(directory);
  await migrate(storage, 0);
  await storage.write(async (unit) => {
    for (let index = 0; index < ROWS; index += 1) {
      const name = `user \u2028 ${index}`;
      await unit.run('insert into sign_in_names values (?, ?, ?, ?)', ['pool', name, 'username', `${index}`]);
    }
  });
  const stream = new PassThrough();
  const [bytes] = await Promise.all([buffer(stream), writeBackup(storage, stream, 'now', () => {})]);
  whole = bytes;
});
afterAll(async () => {
  await storage.close();
  rmSync(directory, { recursive: true, force: true });
});

const read = (bytes: Uint8Array) => readBackup(Readable.from([bytes]), {});

describe('a backup', () => {
  it('is read in batches, each row once and in the order of the key', async () => {
    const batches: number[] = [];
    const names: unknown[] = [];
    await readBackup(Readable.from(chunked(whole, 100)), {
      async rows({ table }, rows) {
        if (table !== 'sign_in_names') return;
        batches.push(rows.length);
        names.push(...rows.map(([, name]) => name));
      },
    });
    expect(batches).toEqual([BATCH, BATCH, 7]);
    expect(names).toEqual([...Array(ROWS).keys()].map((index) => `user \u2028 ${index}`).sort());
  });

  it('is refused when any byte of it is another, or the rest is missing', async () => {
    const text = gunzipSync(whole);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 2), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const altered = Buffer.from(text);
        altered[at] = (altered[at] as number) ^ by;
        await expect(read(gzipSync(altered, { level: 1 }))).rejects.toThrow();
        await expect(read(gzipSync(text.subarray(0, at), { level: 1 }))).rejects.toThrow(BackupDamaged);
        await expect(read(whole.subarray(0, (at * whole.length) / text.length))).rejects.toThrow(
          BackupDamaged,
        );
      }),
      { numRuns: 60 },
    );
    await expect(read(gzipSync(Buffer.concat([text, Buffer.from('{}\n')])))).rejects.toThrow(
      'follows its end',
    );
  });

  it('ends with an error when it cannot be written', async () => {
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) });
    await expect(writeBackup(storage, full, 'now', () => {})).rejects.toThrow('disk full');
  });
});

function* chunked(bytes: Buffer, size: number) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
