import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ListUsersCommand, SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseConfigOf } from '../../packages/server/src/config/database-config.ts';
import { openExistingStorage } from '../../packages/server/src/storage/open-database.ts';
import { commandLine, flags } from '../support/command.ts';
import { type Database, openDatabase } from '../support/database.ts';
import { openHouse, PASSWORD } from '../support/house.ts';
import { expectAtHome, expectCodeWorks, moveIn } from '../support/inhabitants.ts';
import { refusal } from '../support/refusal.ts';

const POOLKEEPER_MASTER_KEY = Buffer.alloc(32, 'master').toString('base64');

const { run, killAll } = commandLine();
let database: Database;
let empty: Database;
let folder: string;
let file: string;
beforeEach(async () => {
  database = await openDatabase();
  empty = await openDatabase();
  folder = mkdtempSync(join(tmpdir(), 'poolkeeper-backup-'));
  file = join(folder, 'users.backup');
});
afterEach(async () => {
  killAll();
  await database[Symbol.asyncDispose]();
  await empty[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const poolkeeper = `"${process.execPath}" --conditions=poolkeeper-source packages/server/src/main.ts`;
const shell = (line: string) => promisify(execFile)('sh', ['-c', line]);

const open = ({ options }: Database) =>
  openHouse({ ...options, issuer: 'aws', masterKey: POOLKEEPER_MASTER_KEY });
const backUp = (from: Database, to = file) => run(['backup', '--to', to, ...flags(from.options)]);
const restore = (to: Database, from = file) => run(['restore', '--from', from, ...flags(to.options)]);

describe('poolkeeper backup and restore', () => {
  it('bring everybody to another database, from a server that runs on', async () => {
    await using house = await open(database);
    const inhabitants = await moveIn(house);
    const backup = await backUp(database);
    expect(backup).toEqual({
      code: 0,
      output: '',
      errors: expect.stringMatching(/master key is not in it.*fingerprint/),
    });
    await expectAtHome(house, inhabitants);
    expect(await restore(empty)).toMatchObject({ code: 0 });
    await using restored = await open(empty);
    await expectAtHome(restored, inhabitants);
    await expectCodeWorks(restored, inhabitants);
  });

  it('go through a pipe', async () => {
    {
      await using house = await open(database);
      await house.createPool();
    }
    const [from, to] = [database, empty].map(({ options }) => flags(options).join(' '));
    await shell(`${poolkeeper} backup --to - ${from} | ${poolkeeper} restore --from - ${to}`);
    const pools = (one: Database) => one.rows('select id, name, config, created_at from user_pools');
    expect(await pools(empty)).toEqual(await pools(database));
  });

  it('take everything as of one moment while users sign up, and nobody by half', async () => {
    await using house = await open(database);
    const poolId = await house.createPool({ AutoVerifiedAttributes: [] });
    const { ClientId } = await house.createClient(poolId);
    const acknowledged: string[] = [];
    let over = false;
    const signingUp = Array.from({ length: 4 }, async (_, client) => {
      for (let index = 0; !over; index += 1) {
        const Username = `user-${client}-${index}`;
        const UserAttributes = [{ Name: 'email', Value: `${Username}@example.com` }];
        await house.sdk.send(new SignUpCommand({ ClientId, Username, Password: PASSWORD, UserAttributes }));
        acknowledged.push(Username);
      }
    });
    while (acknowledged.length < 8) await new Promise((resolve) => setTimeout(resolve, 20));
    const before = [...acknowledged];
    expect(await backUp(database)).toMatchObject({ code: 0 });
    const after = acknowledged.length;
    over = true;
    await Promise.all(signingUp);
    expect(after).toBeGreaterThan(before.length);

    expect(await restore(empty)).toMatchObject({ code: 0 });
    const users = (await empty.rows('select username, sub from users')) as {
      username: string;
      sub: string;
    }[];
    expect(users.map(({ username }) => username)).toEqual(expect.arrayContaining(before));
    const subs = users.map(({ sub }) => sub).sort();
    expect((await empty.rows('select sub from sign_in_names')).map(({ sub }) => sub).sort()).toEqual(subs);
    const searchable = await empty.rows(`select sub from searchable_attributes where name = 'email'`);
    expect(searchable.map(({ sub }) => sub).sort()).toEqual(subs);
  });
});

describe('a snapshot', () => {
  it('sees nothing of what is written after it began', async () => {
    await using house = await open(database);
    const { storage, close } = await openExistingStorage(await databaseConfigOf(database.options), {
      beside: true,
    });
    const count = 'select count(*) as n from user_pools';
    const seen = await storage.snapshot(async (unit) => {
      const before = await unit.row(count, []);
      await house.createPool();
      return [before, await unit.row(count, []), await storage.read((now) => now.row(count, []))];
    });
    await close();
    expect(seen).toEqual([{ n: 0 }, { n: 0 }, { n: 1 }]);
  });
});

describe('a backup', () => {
  it('is for nobody else to read and holds no secret in clear', async () => {
    await using house = await open(database);
    const { tokens, secretive, codeOfBob } = await moveIn(house);
    await backUp(database);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = gunzipSync(readFileSync(file)).toString();
    const secrets = [PASSWORD, POOLKEEPER_MASTER_KEY, tokens.RefreshToken, secretive.ClientSecret as string];
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toMatch(new RegExp(`\\b${codeOfBob}\\b`));
  });

  it('takes the name of its file when it is whole, not before', async () => {
    await (await open(database))[Symbol.asyncDispose]();
    writeFileSync(file, 'the backup of yesterday');
    const { code, errors } = await backUp(database, join(folder, 'missing', 'users.backup'));
    expect([code, errors]).toEqual([1, expect.stringMatching(/^The backup cannot be written: ENOENT/)]);
    await backUp(database);
    expect(existsSync(`${file}.partial`)).toBe(false);
    expect(gunzipSync(readFileSync(file)).toString()).toMatch(/^{"format":"poolkeeper-backup"/);
  });

  it('is not made of a database that is not there', async () => {
    const { code, errors } = await backUp(empty);
    expect(code).toBe(1);
    expect(errors).toMatch(/There is no database in|holds nothing of Poolkeeper/);
    expect(existsSync(file)).toBe(false);
  });
});

describe('poolkeeper restore refuses', () => {
  const lines = () => gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
  const put = (changed: readonly string[]) => writeFileSync(file, gzipSync(`${changed.join('\n')}\n`));
  const refused = async (reason: RegExp) => {
    const { code, errors } = await restore(empty);
    expect([code, errors]).toEqual([1, expect.stringMatching(reason)]);
    // It was read before anything was written, so the database is as empty as it was.
    expect(await open(empty).then((house) => house[Symbol.asyncDispose]())).toBeUndefined();
  };
  beforeEach(async () => {
    await using house = await open(database);
    await house.createPool();
    await backUp(database);
  });

  it('a file that is none, or was cut short', async () => {
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length - 20));
    await refused(/is damaged: unexpected end of file/);
    writeFileSync(file, 'users');
    await refused(/is damaged: incorrect header check/);
    expect((await restore(empty, join(folder, 'none'))).errors).toMatch(/There is no file/);
  });

  it('one without its end, with a row less, or with another letter', async () => {
    const whole = lines();
    put(whole.slice(0, -1));
    await refused(/its end is missing/);
    put(whole.filter((line) => !line.includes('"test"')));
    await refused(/rows of user_pools are missing/);
    put(whole.map((line) => line.replace('"test"', '"rest"')));
    await refused(/checksum is another/);
  });

  it('one of a newer version', async () => {
    const [header = '', ...rest] = lines();
    put([header.replace('"0001-first-tables"', '"0001-first-tables","9999-from-the-future"'), ...rest]);
    await refused(/made by a newer Poolkeeper \(9999-from-the-future\)/);
    put([header.replace('"version":1', '"version":2'), ...rest]);
    await refused(/newer form \(2\)/);
  });

  it('a database that is not empty, or is served', async () => {
    {
      await using house = await open(empty);
      await house.createPool();
      const { code, errors } = await restore(empty);
      expect([code, errors]).toEqual([
        1,
        expect.stringMatching(/is being served|Another Poolkeeper is using/),
      ]);
    }
    const { code, errors } = await restore(empty);
    expect([code, errors]).toEqual([1, expect.stringMatching(/not empty: there are rows in/)]);
  });
});

describe('a restored database', () => {
  it('takes the place of one that a server started on and left empty', async () => {
    let inhabitants: Awaited<ReturnType<typeof moveIn>>;
    {
      await using house = await open(database);
      inhabitants = await moveIn(house);
      await backUp(database);
    }
    await (await open(empty))[Symbol.asyncDispose]();
    expect(await restore(empty)).toMatchObject({ code: 0 });
    await using restored = await open(empty);
    await expectAtHome(restored, inhabitants);
  });

  it('is brought to the newest schema when the backup is of an older one', async () => {
    {
      await using house = await open(database);
      await house.createPool();
      await backUp(database);
    }
    const lines = gunzipSync(readFileSync(file)).toString().split('\n');
    const [header = '', ...rest] = lines;
    const older = [
      header.replace(/"migrations":\[[^\]]*\]/, '"migrations":["0001-first-tables"]'),
      ...rest.filter((line) => !/"(?:access_keys|deleted_pools)"|"sha256"/.test(line)),
    ].join('\n');
    const sha256 = createHash('sha256').update(older).digest('hex');
    writeFileSync(file, gzipSync(`${older}${JSON.stringify({ sha256 })}\n`));
    expect(await restore(empty)).toMatchObject({ code: 0 });
    await using restored = await open(empty);
    const [pool] = (await empty.rows('select id from user_pools')) as { id: string }[];
    expect((await restored.sdk.send(new ListUsersCommand({ UserPoolId: pool?.id }))).Users).toEqual([]);
    expect(await empty.rows('select id from access_keys')).toEqual([]);
  });

  it('is not served as long as it is half of one', async () => {
    {
      await using house = await open(database);
      await house.createPool();
      await backUp(database);
    }
    const whole = readFileSync(file);
    const cut = gzipSync(gunzipSync(whole).subarray(0, -40));
    writeFileSync(file, cut);
    const piped = shell(`${poolkeeper} restore --from - ${flags(empty.options).join(' ')} < ${file}`);
    expect(await refusal(piped)).toMatch(/on standard input is damaged/);
    expect(await refusal(open(empty))).toMatch(/restore of this database was interrupted/);
    expect((await backUp(empty, join(folder, 'half'))).errors).toMatch(/may hold only a part/);
    writeFileSync(file, whole);
    expect((await restore(empty)).errors).toMatch(/interrupted restore left. Empty it first/);
  });
});
