import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, type StartOptions, startPoolkeeper } from '../../packages/server/src/index.ts';
import { commandLine } from '../support/command.ts';
import { environmentOf, furnishProduction, newSecret } from '../support/production-house.ts';

const { start, killAll } = commandLine();
let furnished: Awaited<ReturnType<typeof furnishProduction>>;
let folder: string;
beforeEach(async () => {
  furnished = await furnishProduction();
  folder = mkdtempSync(join(tmpdir(), 'poolkeeper-production-'));
});
afterEach(async () => {
  killAll();
  rmSync(folder, { recursive: true, force: true });
  await furnished[Symbol.asyncDispose]();
});

/** A file with a secret in it, as an orchestrator mounts it. */
function secretFile(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return `file:${file}`;
}

const refusalOf = (over: StartOptions) =>
  startPoolkeeper({ ...furnished.options, ...over }).then(
    async (server) => {
      await server.close();
      throw new Error('It started.');
    },
    (error: Error) => (error instanceof ConfigError ? error.message : Promise.reject(error)),
  );

describe('poolkeeper start --mode production', () => {
  it('tells in one message all that is missing, and how to give it', async () => {
    const { data } = furnished.options;
    const { code, errors } = await start({ data }, ['--mode', 'production', '--host', '0.0.0.0']).end();
    expect(code).toBe(1);
    expect(errors.match(/^ {2}- .*$/gm)).toEqual([
      expect.stringMatching(/A master key.*openssl rand -base64 32.*POOLKEEPER_MASTER_KEY/),
      expect.stringMatching(/An admin token.*POOLKEEPER_ADMIN_TOKEN/),
      expect.stringMatching(/The URL.*--public-url/),
      expect.stringMatching(/A way out for email.*--email/),
      expect.stringMatching(/A closed door.*--tls-cert.*--trusted-proxies.*--host 127\.0\.0\.1/),
    ]);
  });

  it('answers, is healthy, says 503 once it is told to stop, and ends with 0', async () => {
    const { port, ...others } = furnished.options;
    const server = start({ port, drainSeconds: 2 }, [], environmentOf(others));
    const url = await server.url();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    server.child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/health`)).status, { timeout: 1500 }).toBe(503);
    expect((await fetch(`${url}/us-east-1_000000000/.well-known/jwks.json`)).status).toBe(404);
    expect((await server.end()).code).toBe(0);
  });

  it('takes no secret on the command line, where every user of the machine sees it', async () => {
    const { adminToken, masterKey, ...others } = furnished.options;
    const email = 'smtp://user:hunter2hunter2@127.0.0.1:25';
    const { code, errors } = await start({ adminToken, masterKey, email }, [], environmentOf(others)).end();
    expect(code).toBe(1);
    for (const name of ['master-key', 'admin-token', 'email']) {
      expect(errors).toContain(`--${name} out of sight`);
    }
    for (const secret of [adminToken, masterKey, 'hunter2']) expect(errors).not.toContain(secret);
  });

  it('takes them from files', async () => {
    const { adminToken, masterKey, port, ...others } = furnished.options;
    const server = start(
      {
        port,
        adminToken: secretFile('token', `\n${adminToken}\n`),
        masterKey: secretFile('key', `${masterKey}\n`),
      },
      [],
      environmentOf(others),
    );
    const headers = { authorization: `Bearer ${adminToken}` };
    expect((await fetch(`${await server.url()}/_poolkeeper/messages`, { headers })).status).toBe(200);
  });
});

describe('startPoolkeeper in production', () => {
  it.each<[string, StartOptions, RegExp]>([
    ['no master key', { masterKey: undefined }, /A master key/],
    ['no admin token', { adminToken: undefined }, /An admin token, which opens/],
    ['an admin token that is short', { adminToken: newSecret().slice(0, 31) }, /that nobody can guess/],
    ['an admin token made up', { adminToken: 'change-me-'.repeat(4) }, /that nobody can guess/],
    ['an admin token no header can hold', { adminToken: `${newSecret()}ü` }, /printable ASCII/],
    ['no public URL', { publicUrl: undefined }, /The URL that clients/],
    ['a public URL of http', { publicUrl: 'http://login.example.com' }, /A public URL of https/],
    ['no way out for email', { email: [] }, /A way out for email/],
    ['an open door', { host: '0.0.0.0' }, /A closed door/],
    ['an open door, IPv6', { host: '::' }, /A closed door/],
    [
      'a database far away and no word on its encryption',
      { databaseUrl: 'postgres://user:pw@db.example.com/x' },
      /add \?sslmode=verify-full/,
    ],
    ['half of a TLS pair', { tlsCert: '/nowhere/cert.pem' }, /--tls-cert and --tls-key go together/],
    ['a network that is none', { trustedProxies: '10.0.0.0/33' }, /must be a network such as/],
    ['a network with a name', { trustedProxies: 'proxy.example.com' }, /must be a network such as/],
    ['a network of everybody', { trustedProxies: ['10.0.0.0/8', '::/0'] }, /is everybody/],
    ['a file that is not there', { adminToken: 'file:/nowhere/token' }, /\/nowhere\/token could not be read/],
  ])('refuses %s', async (_, over, text) => {
    expect(await refusalOf(over)).toMatch(text);
  });

  it('never repeats a secret in a refusal', async () => {
    const message = await refusalOf({
      adminToken: 'hunter2',
      databaseUrl: 'postgres://u:hunter3@db.example.com/x',
    });
    expect(message).not.toMatch(/hunter/);
  });
});

describe('dev mode', () => {
  it.each<[StartOptions, RegExp]>([
    [{ adminToken: 'of-an-operator' }, /--admin-token is for --mode production/],
    [{ trustedProxies: '10.0.0.0/8' }, /--trusted-proxies is for --mode production/],
    [{ host: '0.0.0.0' }, /loopback alone/],
  ])('refuses what it would not obey: %j', async (options, text) => {
    await expect(startPoolkeeper(options)).rejects.toThrow(text);
  });
});
