/**
 * Runs the client in the JavaScript runtimes that it says it runs in: an account recovered and signed in to by SRP, against a
 * server started here. Fetches the runtimes from npm into a temporary folder (about 500 MB).
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPoolkeeper } from 'poolkeeper';
import * as client from '../packages/client/src/index.ts';
import { bundle } from './bundle.ts';

const root = join(import.meta.dirname, '..');
const VERSIONS = ['node@18.20.8', 'deno@2.9.6', 'bun@1.4.5', 'workerd@1.20261117.1'];
const [OLD, NEW] = ['Passw0rd!first', 'Passw0rd!second'];

/** Answers the name of who is signed in at the end. Runs inside each runtime. */
const story = `
  import { finishRecovery, getUser, signIn, startRecovery } from '${join(root, 'packages/client/src/index.ts')}';
  export async function story({ app, username, password }) {
    const recovery = await startRecovery(app, username);
    const answer = await fetch(app.endpoint + '/_poolkeeper/messages?waitMs=5000&to=' + username + '@example.com');
    const { messages } = await answer.json();
    await finishRecovery(app, recovery, { code: messages[0].code, password });
    const step = await signIn(app, { username, password });
    const { Username } = await getUser(app, { AccessToken: step.tokens.accessToken });
    return Username;
  }`;

/** One file for a runtime: the client, the story, and what begins it. */
async function write(path: string, ending: string): Promise<void> {
  writeFileSync(path, await bundle(`${story}\n${ending}`, { platform: 'neutral', minify: false }));
}

const folder = mkdtempSync(join(tmpdir(), 'poolkeeper-runtimes-'));
const server = await startPoolkeeper({ data: ':memory:', port: 0 });
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const admin = { endpoint: server.url, sign: client.sigV4({ region: 'us-east-1', credentials }) };

/** What a story needs, with a user of its own. */
async function factsFor(username: string) {
  const { UserPool } = await client.createUserPool(admin, {
    PoolName: 'runtimes',
    AutoVerifiedAttributes: ['email'],
  });
  const UserPoolId = UserPool?.Id ?? '';
  const { UserPoolClient } = await client.createUserPoolClient(admin, { UserPoolId, ClientName: 'app' });
  const UserAttributes = [
    { Name: 'email', Value: `${username}@example.com` },
    { Name: 'email_verified', Value: 'true' },
  ];
  const whose = { UserPoolId, Username: username };
  await client.adminCreateUser(admin, { ...whose, UserAttributes, MessageAction: 'SUPPRESS' });
  await client.adminSetUserPassword(admin, { ...whose, Password: OLD, Permanent: true });
  const app = { endpoint: server.url, userPoolId: UserPoolId, clientId: UserPoolClient?.ClientId };
  return { app, username, password: NEW };
}

const runtime = (name: string) => join(folder, 'node_modules/.bin', name);

async function byCommand(name: string, args: readonly string[], before = ''): Promise<string> {
  const facts = JSON.stringify(await factsFor(name));
  const file = join(folder, `${name}.mjs`);
  await write(file, `${before}\nconsole.log(await story(${facts}));`);
  const child = spawn(runtime(name), [...args, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  await once(child, 'close');
  return printed.trim();
}

/** Cloudflare's runtime runs no program: it answers requests, and the story is told in one. */
async function byWorkerd(): Promise<string> {
  const facts = JSON.stringify(await factsFor('workerd'));
  await write(
    join(folder, 'worker.mjs'),
    `export default { fetch: async () => new Response(await story(${facts})) };`,
  );
  const config = join(folder, 'config.capnp');
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [(name = "worker", esModule = embed "worker.mjs")], compatibilityDate = "2024-01-01", globalOutbound = "net")),
    (name = "net", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);`,
  );
  const child = spawn(runtime('workerd'), ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  try {
    const [told] = await once(child.stdio[3] as NodeJS.ReadableStream, 'data');
    const { port } = JSON.parse(String(told).split('\n')[0] ?? '');
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    return await answer.text();
  } finally {
    child.kill();
  }
}

const runs: Readonly<Record<string, () => Promise<string>>> = {
  // Node 18 has Web Crypto, though not as a global.
  node: () =>
    byCommand('node', [], "import { webcrypto } from 'node:crypto'; globalThis.crypto ??= webcrypto;"),
  deno: () => byCommand('deno', ['run', '--allow-net']),
  bun: () => byCommand('bun', ['run']),
  workerd: byWorkerd,
};

try {
  console.log(`Fetching ${VERSIONS.join(', ')} …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...VERSIONS], {
    cwd: folder,
    stdio: 'inherit',
  });
  for (const [name, run] of Object.entries(runs)) {
    const version = VERSIONS.find((one) => one.startsWith(`${name}@`));
    const said = await run().catch((error: Error) => error.message);
    const ok = said === name;
    console.log(`${ok ? 'works ' : 'FAILS '} ${version}${ok ? '' : `: ${said}`}`);
    if (!ok) process.exitCode = 1;
  }
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
