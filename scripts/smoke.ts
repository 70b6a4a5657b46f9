/**
 * Uses what was built as its users will: packs every package, puts the packed files into an empty folder, type-checks a
 * program against them, and starts and stops the server there.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = join(import.meta.dirname, '..');

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** What may be in a package besides dist. */
const BESIDES = ['LICENSE', 'README.md', 'package.json'];

function pack(place: string): Packed[] {
  const args = ['pack', '--workspaces', '--json', '--pack-destination', place];
  const answer = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })) as
    | Packed[]
    | Record<string, Packed>;
  const packed = Object.values(answer);
  for (const { name, files } of packed) {
    const paths = files.map((file) => file.path);
    const strangers = paths.filter(
      (path) => !/^dist\/.*(?:\.d\.ts|\.js)$/.test(path) && !BESIDES.includes(path),
    );
    if (strangers.length > 0) throw new Error(`${name} would be published with ${strangers.join(', ')}.`);
    for (const path of ['dist/index.js', 'dist/index.d.ts', 'LICENSE', 'package.json']) {
      if (!paths.includes(path)) throw new Error(`${name} would be published without ${path}.`);
    }
  }
  console.log(`Packed ${packed.map(({ name, files }) => `${name} (${files.length} files)`).join(', ')}.`);
  return packed;
}

/** An empty program with the named packages installed, and their dependencies as the repository has them. */
function install(place: string, packed: readonly Packed[], names: readonly string[]): string {
  const program = join(place, names.join('-').replaceAll(/\W+/g, '-'));
  const modules = join(program, 'node_modules');
  for (const { name, filename } of packed.filter(({ name }) => names.includes(name))) {
    const folder = join(modules, name);
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-xzf', join(place, filename), '-C', folder, '--strip-components=1']);
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(dependencies).filter((name) => !names.includes(name))) {
      link(dependency, join(modules, dependency));
    }
  }
  writeFileSync(join(program, 'package.json'), '{ "type": "module" }');
  return program;
}

function link(dependency: string, path: string): void {
  if (existsSync(path)) return;
  const own = join(root, 'packages/server/node_modules', dependency);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(existsSync(own) ? own : join(root, 'node_modules', dependency), path);
}

function typeCheck(program: string, text: string, options: readonly string[]): void {
  writeFileSync(join(program, 'program.ts'), text);
  const strict = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', ...options];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, ...strict, 'program.ts'], { cwd: program, stdio: 'inherit' });
}

/** By the judges of packages: what package.json says is there, and every import of its types resolves as ESM's do. */
async function judgeClient(place: string, packed: readonly Packed[]): Promise<void> {
  const tarball = readFileSync(
    join(place, packed.find(({ name }) => name === '@poolkeeper/client')?.filename ?? ''),
  );
  const bytes = new Uint8Array(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  const said = messages.map((message) => formatMessage(message, pkg, { color: false }));
  const analysis = await checkPackage(createPackageFromTarballData(bytes));
  const problems = analysis.types === false ? [{ kind: 'NoTypes' }] : analysis.problems;
  // It is ESM alone: what asks by `require`, or knows no `exports`, is not served.
  const wrong = problems.filter(
    (problem) => !/node10|node16-cjs/.test(JSON.stringify(problem)) || problem.kind === 'NoTypes',
  );
  const all = [...said, ...wrong.map((problem) => JSON.stringify(problem))];
  if (all.length > 0) throw new Error(`@poolkeeper/client is packed badly: ${all.join(' ')}`);
  console.log('publint and attw find nothing in the client.');
}

/** The client alone: no model, no types of Node. */
function useClient(program: string): void {
  typeCheck(
    program,
    `import { ForgotPasswordRequest, forgotPassword, isServiceError, newForgotPassword } from '@poolkeeper/client';
     const fetch = async () => new Response('{"CodeDeliveryDetails":{"Destination":"a***@e***"}}');
     const request = ForgotPasswordRequest.SecretHash.set('h')(newForgotPassword('c', 'alice'));
     const { CodeDeliveryDetails, httpStatus } = await forgotPassword({ endpoint: 'https://pool.example', fetch }, request);
     const to: string | undefined = CodeDeliveryDetails?.Destination;
     if (to !== 'a***@e***' || httpStatus !== 200 || isServiceError(1)) throw new Error('The client does not work.');
     // @ts-expect-error: the types are there, so a member that is missing is noticed
     void (() => forgotPassword({ endpoint: '', fetch }, { ClientId: 'c' }));`,
    ['--types', '', '--lib', 'es2024,dom'],
  );
  execFileSync(process.execPath, ['program.ts'], { cwd: program, stdio: 'inherit' });
  console.log('The client works by itself.');
}

function useServerInside(program: string): void {
  link('@types/node', join(program, 'node_modules/@types/node'));
  typeCheck(
    program,
    `import { startPoolkeeper } from 'poolkeeper';
     const server = await startPoolkeeper({ data: ':memory:', port: 0 });
     const answer = await fetch(server.url + '/health');
     await server.close();
     if (answer.status !== 200) throw new Error('The embedded server is not well.');`,
    ['--types', 'node', '--skipLibCheck'],
  );
  execFileSync(process.execPath, ['program.ts'], { cwd: program, stdio: 'inherit' });
  console.log('The server works inside a program.');
}

async function useServer(program: string): Promise<void> {
  const main = join(program, 'node_modules/poolkeeper/dist/main.js');
  const args = [main, 'start', '--port', '0', '--data', join(program, 'data')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stuck = setTimeout(() => child.kill('SIGKILL'), 60_000);
  try {
    const url = await urlOf(child);
    const response = await fetch(`${url}/health`);
    const health = await response.text();
    if (response.status !== 200 || JSON.parse(health).status !== 'ok')
      throw new Error(`Not healthy: ${health}`);
    child.kill('SIGTERM');
    const [code, signal] = await once(child, 'exit');
    if (code !== 0) throw new Error(`After SIGTERM the server ended with ${code ?? signal}.`);
  } finally {
    clearTimeout(stuck);
    child.kill('SIGKILL');
  }
  console.log('The server starts, answers and stops.');
}

async function urlOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const url = /https?:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('The server ended before it told where it answers.');
}

const place = mkdtempSync(join(tmpdir(), 'poolkeeper-smoke-'));
try {
  const packed = pack(place);
  await judgeClient(place, packed);
  useClient(install(place, packed, ['@poolkeeper/client']));
  const program = install(place, packed, ['poolkeeper', '@poolkeeper/model', '@poolkeeper/console']);
  useServerInside(program);
  await useServer(program);
} finally {
  rmSync(place, { recursive: true, force: true });
}
