import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseConfigOf } from '../../packages/server/src/config/database-config.ts';
import { createKeyring } from '../../packages/server/src/platform/keyring.ts';
import { masterKeyOf } from '../../packages/server/src/platform/master-key.ts';
import { rewrapDataKey } from '../../packages/server/src/storage/data-key.ts';
import { createServerState } from '../../packages/server/src/storage/migrations/migrate.ts';
import {
  openDatabase as openDatabaseOf,
  openExistingStorage,
  openStorage,
} from '../../packages/server/src/storage/open-database.ts';
import { insertServerState } from '../../packages/server/src/storage/repositories/server-state.ts';
import { commandLine, flags } from '../support/command.ts';
import { type Database, openDatabase } from '../support/database.ts';
import { openHouse } from '../support/house.ts';
import { expectAtHome, expectCodeWorks, moveIn } from '../support/inhabitants.ts';
import { refusal } from '../support/refusal.ts';

const bytes = (letter: string) => Buffer.alloc(32, letter);
const [oldKey, newKey, otherKey] = ['o', 'n', 'x'].map((letter) => bytes(letter).toString('base64')) as [
  string,
  string,
  string,
];
const WRONG = /ConfigError|Error: This database was written under another master key/;

const { run, killAll } = commandLine();
let database: Database;
beforeEach(async () => {
  database = await openDatabase();
});
afterEach(async () => {
  killAll();
  await database[Symbol.asyncDispose]();
});

const open = (masterKey?: string) => openHouse({ ...database.options, issuer: 'aws', masterKey });
const start = async (masterKey?: string) => (await open(masterKey))[Symbol.asyncDispose]();
const rotate = (POOLKEEPER_MASTER_KEY?: string) =>
  run(['master-key', 'rotate', ...flags(database.options)], { POOLKEEPER_MASTER_KEY });

describe('poolkeeper master-key rotate', () => {
  it('changes the key while a server runs, for which nothing changes', async () => {
    const house = await open(oldKey);
    const inhabitants = await moveIn(house);
    const { code, errors } = await rotate(`${newKey} ${oldKey}`);
    const { fingerprint } = masterKeyOf(bytes('n'));
    expect([code, errors]).toEqual([0, expect.stringContaining(fingerprint)]);
    expect(errors).not.toContain(newKey);
    await expectAtHome(house, inhabitants);
    await house[Symbol.asyncDispose]();

    expect(await refusal(open(oldKey))).toMatch(WRONG);
    await using again = await open(newKey);
    await expectAtHome(again, inhabitants);
    await expectCodeWorks(again, inhabitants);
  });

  it('lets servers start with both keys before and after it, whichever comes first', async () => {
    await start(oldKey);
    for (const keys of [`${newKey} ${oldKey}`, `${oldKey} ${newKey}`, `${otherKey}\n${oldKey}\n`]) {
      await start(keys);
    }
    expect(await refusal(open(newKey))).toMatch(WRONG);
    await rotate(`${newKey} ${oldKey}`);
    for (const keys of [`${newKey} ${oldKey}`, `${oldKey} ${newKey}`]) await start(keys);
  });

  it('needs both keys, and one of them must open the database', async () => {
    await start(oldKey);
    expect(await rotate(oldKey)).toMatchObject({ code: 1, errors: expect.stringMatching(/the new key and/) });
    expect(await rotate(`${newKey} ${otherKey}`)).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/another master key/),
    });
    await start(oldKey);
  });

  it('puts a new key into master.key where no other is configured', async () => {
    const file = join(String(database.options.data), 'master.key');
    const house = await open();
    const inhabitants = await moveIn(house);
    const before = readFileSync(file, 'utf8');
    expect(await rotate()).toMatchObject({ code: 0 });
    const after = readFileSync(file, 'utf8');
    expect(after).not.toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expectAtHome(house, inhabitants);
    await house[Symbol.asyncDispose]();
    expect(await refusal(open(before))).toMatch(WRONG);
    await using again = await open();
    await expectAtHome(again, inhabitants);
  });

  it('can be interrupted: until the file has the new key, the old one opens as well', async () => {
    await start();
    const current = Buffer.from(
      readFileSync(join(String(database.options.data), 'master.key'), 'utf8'),
      'base64',
    );
    const { storage, close } = await openExistingStorage(await databaseConfigOf(database.options), {
      beside: true,
    });
    await rewrapDataKey(storage, [current], [bytes('n'), current]);
    await close();
    await start();
    await start(newKey);
    expect(await rotate()).toMatchObject({ code: 0 });
    expect(await refusal(open(newKey))).toMatch(WRONG);
    await start();
  });
});

describe('poolkeeper master-key new', () => {
  it('prints a key that a server takes', async () => {
    const { output } = await run(['master-key', 'new']);
    expect(Buffer.from(output, 'base64')).toHaveLength(32);
    await start(output);
  });
});

describe('the data key', () => {
  it('is one, however many nodes start at first', async () => {
    const config = await databaseConfigOf({ ...database.options, masterKey: oldKey });
    await (await openStorage(config)).close();
    const nodes = await Promise.all(
      Array.from({ length: 6 }, () => openDatabaseOf(config, Date.now(), { beside: true })),
    );
    const sealed = nodes.map(({ keyring }) => keyring.seal('here', 'secret'));
    for (const { keyring } of nodes) {
      for (const value of sealed) expect(keyring.open('here', value).toString()).toBe('secret');
    }
    for (const { close } of nodes) await close();
  });

  it('is the master key itself in a database that was written before there was one', async () => {
    const { storage, close } = await openStorage(await databaseConfigOf(database.options));
    await createServerState(storage);
    const value = masterKeyOf(bytes('o')).fingerprint;
    await storage.write((unit) => insertServerState.run(unit, { name: 'master-key-fingerprint', value }));
    await close();
    expect(await refusal(open(newKey))).toMatch(WRONG);
    const house = await open(`${newKey} ${oldKey}`);
    const inhabitants = await moveIn(house);
    await house[Symbol.asyncDispose]();
    const [row] = await database.rows(`select * from signing_keys where use = 'access'`);
    const context = `signing_keys.private/${row?.['pool_id']}/access`;
    createKeyring(bytes('o')).open(context, row?.['sealed_private_key'] as Uint8Array);

    await rotate(`${newKey} ${oldKey}`);
    expect(await refusal(open(oldKey))).toMatch(WRONG);
    await using again = await open(newKey);
    await expectAtHome(again, inhabitants);
  });

  it('is not looked for under a new key when the right one is missing', async () => {
    await start(oldKey);
    const data = mkdtempSync(join(tmpdir(), 'poolkeeper-keyless-'));
    const { databaseUrl } = database.options;
    const options = databaseUrl === undefined ? database.options : { databaseUrl, data };
    expect(await refusal(openHouse(options))).toMatch(/a master key that is not here/);
    rmSync(data, { recursive: true, force: true });
  });
});
