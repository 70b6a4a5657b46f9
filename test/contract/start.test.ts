import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateUserPoolCommand, ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, startPoolkeeper } from '../../packages/server/src/index.ts';
import { openHouse } from '../support/house.ts';

let data: string;
const children = new Set<ChildProcess>();
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'poolkeeper-start-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(data, { recursive: true, force: true });
});

/** `poolkeeper …` as a process of its own. */
function command(args: string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(
    process.execPath,
    ['--conditions=poolkeeper-source', 'packages/server/src/main.ts', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
  );
  children.add(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return {
    child,
    async url(): Promise<string> {
      for await (const line of createInterface(child.stdout)) {
        const url = /answers at (\S+)/.exec(line)?.[1];
        if (url !== undefined) return url;
      }
      throw new Error(`The server ended: ${errors}`);
    },
    async end(): Promise<{ code: number | null; errors: string }> {
      const code = child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];
      return { code, errors };
    },
  };
}
const start = (args: string[] = [], environment?: NodeJS.ProcessEnv) =>
  command(['start', '--port', '0', '--data', data, ...args], environment);

describe('poolkeeper start', () => {
  it('prints its URL once it answers, is healthy, and ends with 0 on SIGTERM', async () => {
    const server = start();
    const health = await fetch(`${await server.url()}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    server.child.kill('SIGTERM');
    expect((await server.end()).code).toBe(0);
  });

  it('leaves a data folder to the server that has it, until that one is dead, however it died', async () => {
    const first = start();
    await first.url();
    const second = await start().end();
    expect(second).toEqual({
      code: 1,
      errors: expect.stringMatching(/Another Poolkeeper is using .*--data/),
    });
    first.child.kill('SIGKILL');
    await first.end();
    await expect(start().url()).resolves.toMatch(/^http/);
  });

  it('says which port is taken', async () => {
    const url = new URL(await start().url());
    const other = join(data, 'other');
    const { code, errors } = await command(['start', '--port', url.port, '--data', other]).end();
    expect(code).toBe(1);
    expect(errors).toMatch(/EADDRINUSE.*--port/s);
    expect(errors).not.toMatch(/at .*\.ts:\d+/);
  });

  it('keeps its key beside the database for nobody else to read, and refuses another key', async () => {
    const server = start();
    await server.url();
    server.child.kill('SIGTERM');
    await server.end();
    const key = join(data, 'master.key');
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(key, 'utf8'), 'base64')).toHaveLength(32);
    const POOLKEEPER_MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
    const { code, errors } = await start([], { POOLKEEPER_MASTER_KEY }).end();
    expect(code).toBe(1);
    expect(errors).toMatch(/another master key/);
    expect(errors).not.toContain(POOLKEEPER_MASTER_KEY);
  });

  it('takes options from flags before the environment before the file', async () => {
    const file = join(data, 'poolkeeper.json');
    writeFileSync(file, JSON.stringify({ region: 'eu-west-1', 'public-url': 'http://localhost:1/' }));
    const server = start(['--config', file, '--public-url', 'http://127.0.0.1:2'], {
      POOLKEEPER_PUBLIC_URL: 'http://127.0.0.1:3',
      POOLKEEPER_REGION: 'eu-central-1',
    });
    await expect(server.url()).resolves.toBe('http://127.0.0.1:2');
  });

  it.each([
    [['--prt', '1'], /Unknown option '--prt'.*Usage:/s],
    [['--port', 'http'], /--port must be a number/],
    [['--host', '0.0.0.0'], /loopback alone/],
    [['--region', 'Mars'], /--region must look like us-east-1/],
    [['--issuer', 'me'], /--issuer must be/],
    [['--mode', 'production'], /Production mode is not there yet/],
    [['--database-url', 'postgres://localhost/x'], /PostgreSQL is not supported yet/],
    [['--sms', 'sns://us-east-1'], /SMS is not supported yet/],
    [['--function', '*=file:./x.ts'], /triggers are not supported yet/],
    [['--email', 'ses://us-east-1'], /not supported yet/],
    [['--config', '/nowhere/at-all.json'], /could not be read/],
    [['--master-key', 'c2hvcnQ='], /32 bytes in base64/],
  ])('%s: tells what to do, without a stack', async (args, text) => {
    const { code, errors } = await start(args).end();
    expect(code).toBe(1);
    expect(errors).toMatch(text);
    expect(errors).not.toMatch(/\n\s+at /);
  });
});

describe('startPoolkeeper', () => {
  it('refuses options that cannot work', async () => {
    await expect(startPoolkeeper({ port: 70_000 })).rejects.toThrow(ConfigError);
    await expect(startPoolkeeper({ mode: 'production' })).rejects.toThrow(ConfigError);
  });

  it('keeps everything in its data folder from one start to the next', async () => {
    {
      await using house = await openHouse({ data });
      await house.sdk.send(new CreateUserPoolCommand({ PoolName: 'kept' }));
    }
    await using house = await openHouse({ data });
    const { UserPools } = await house.sdk.send(new ListUserPoolsCommand({ MaxResults: 10 }));
    expect(UserPools?.map((pool) => pool.Name)).toEqual(['kept']);
  });

  it('closes what it opened when a start fails half-way', async () => {
    await using house = await openHouse({ data: join(data, 'one') });
    const options = { data: join(data, 'two'), port: Number(new URL(house.url).port) };
    await expect(startPoolkeeper(options)).rejects.toThrow(/EADDRINUSE/);
    await using again = await openHouse({ data: join(data, 'two') });
    expect(again.url).not.toBe(house.url);
  });

  it('keeps nothing with :memory:', async () => {
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
