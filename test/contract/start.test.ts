import { CreateUserPoolCommand, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPoolkeeper } from '../../packages/server/src/index.ts';
import { commandLine } from '../support/command.ts';
import { type Database, openDatabase } from '../support/database.ts';
import { openHouse } from '../support/house.ts';

const { start, killAll } = commandLine();
let database: Database;
beforeEach(async () => {
  database = await openDatabase();
});
afterEach(async () => {
  killAll();
  await database[Symbol.asyncDispose]();
});

describe('poolkeeper start', () => {
  it('prints its URL once it answers, is healthy, and ends with 0 on SIGTERM', async () => {
    const server = start(database.options);
    const health = await fetch(`${await server.url()}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    server.child.kill('SIGTERM');
    expect((await server.end()).code).toBe(0);
  });

  it('says which port is taken', async () => {
    const url = new URL(await start(database.options).url());
    await using other = await openDatabase();
    const { code, errors } = await start(other.options, ['--port', url.port]).end();
    expect(code).toBe(1);
    expect(errors).toMatch(/EADDRINUSE.*--port/s);
    expect(errors).not.toMatch(/at .*\.ts:\d+/);
  });

  it('refuses another key than the one that its database was sealed with', async () => {
    const server = start(database.options);
    await server.url();
    server.child.kill('SIGTERM');
    await server.end();
    const POOLKEEPER_MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
    const { code, errors } = await start(database.options, [], { POOLKEEPER_MASTER_KEY }).end();
    expect(code).toBe(1);
    expect(errors).toMatch(/another master key/);
    expect(errors).not.toContain(POOLKEEPER_MASTER_KEY);
  });
});

describe('startPoolkeeper', () => {
  it('keeps everything in its database from one start to the next', async () => {
    {
      await using house = await openHouse(database.options);
      await house.sdk.send(new CreateUserPoolCommand({ PoolName: 'kept' }));
    }
    await using house = await openHouse(database.options);
    const { UserPools } = await house.sdk.send(new ListUserPoolsCommand({ MaxResults: 10 }));
    expect(UserPools?.map((pool) => pool.Name)).toEqual(['kept']);
  });

  it('closes what it opened when a start fails half-way', async () => {
    await using house = await openHouse();
    const options = { ...database.options, port: Number(new URL(house.url).port) };
    await expect(startPoolkeeper(options)).rejects.toThrow(/EADDRINUSE/);
    await using again = await openHouse(database.options);
    expect(again.url).not.toBe(house.url);
  });
});
