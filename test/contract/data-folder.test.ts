import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateUserPoolCommand, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from '../support/command.ts';
import { openHouse } from '../support/house.ts';

const { start, killAll } = commandLine();
let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'poolkeeper-data-'));
});
afterEach(() => {
  killAll();
  rmSync(data, { recursive: true, force: true });
});

describe('the data folder', () => {
  it('is left to the server that has it, until that one is dead, however it died', async () => {
    const first = start({ data });
    await first.url();
    const second = await start({ data }).end();
    expect(second).toEqual({
      code: 1,
      errors: expect.stringMatching(/Another Poolkeeper is using .*--data/),
    });
    first.child.kill('SIGKILL');
    await first.end();
    await expect(start({ data }).url()).resolves.toMatch(/^http/);
  });

  it('keeps the key beside the database for nobody else to read', async () => {
    await start({ data }).url();
    const key = join(data, 'master.key');
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(key, 'utf8'), 'base64')).toHaveLength(32);
  });

  it('keeps nothing as :memory:', async () => {
    const pools = async () => {
      await using house = await openHouse({ data: ':memory:' });
      const before = await house.sdk.send(new ListUserPoolsCommand({ MaxResults: 10 }));
      await house.sdk.send(new CreateUserPoolCommand({ PoolName: 'gone' }));
      return before.UserPools;
    };
    await pools();
    expect(await pools()).toEqual([]);
  });
});
