/** The processes of functions in files: what they can do to the server, what they see of it, and when they end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFunctions } from '../../packages/server/src/domain/triggers/create-functions.ts';
import { ARN, openModules, PATIENT } from '../support/functions/module-functions.ts';

let modules: ReturnType<typeof openModules>;
beforeAll(() => {
  modules = openModules();
});
afterAll(() => modules[Symbol.asyncDispose]());

// It runs code of others: whatever it writes to the server, the server stays as it is.
const text = (kind: string, content: string) =>
  `Buffer.concat([Buffer.from('${kind}\\0\\0\\0'), Buffer.from([${content.length}]), Buffer.from('${content}')])`;
test.each<[string, string, unknown]>([
  ['what is no frame', `'garbage'.repeat(100)`, { type: 'Runtime.ExitError' }],
  ['a frame that is endless', `Buffer.from([65, 255, 255, 255, 255])`, { type: 'Runtime.ExitError' }],
  ['an error that is no JSON', text('E', '{'), { threw: '', type: 'Error' }],
  ['an error that is null', text('E', 'null'), { threw: '', type: 'Error' }],
  ['an error of other types', text('E', '{"errorType":5,"errorMessage":[1]}'), { threw: '', type: 'Error' }],
  ['an event', text('T', '{}'), 1],
  [
    'an answer of its own, with a file before it',
    `Buffer.concat([${text('F', 'x')}, ${text('A', '{"own":1}')}])`,
    { own: 1 },
  ],
])('a process that writes %s harms nobody but its function', async (_what, bytes, told) => {
  const source = `import { writeSync } from 'node:fs';
    export const handler = async () => {
      writeSync(3, ${bytes});
      await new Promise((resolve) => setTimeout(resolve, 100));
      return 1;
    }`;
  const got = await modules.run(source);
  if (typeof told === 'object') expect(got).toMatchObject(told as object);
  else expect(got).toBe(told);
  expect(await modules.run('export const handler = () => 5')).toBe(5);
});

test("a function's environment is the server's, without the server's options", async () => {
  process.env['POOLKEEPER_MASTER_KEY_FOR_THIS_TEST'] = 'secret';
  const functions = createFunctions({
    functions: [{ arn: '*', target: modules.functionOf('export const handler = () => process.env') }],
    mode: 'production',
    region: 'eu-west-3',
    webhookSecrets: [],
    functionNetworks: [],
    environment: () => ({ MORE: 'yes' }),
    onCall: () => {},
  });
  const env = JSON.parse(await functions.invoke(ARN, '{}', PATIENT)) as Record<string, string>;
  delete process.env['POOLKEEPER_MASTER_KEY_FOR_THIS_TEST'];
  await functions.close();
  expect(Object.keys(env).filter((name) => /poolkeeper_/i.test(name))).toEqual([]);
  expect(env['PATH']).toBe(process.env['PATH']);
  expect(env['MORE']).toBe('yes');
  expect(env['AWS_REGION']).toBe(process.env['AWS_REGION'] ?? 'eu-west-3');
});

describe('in dev mode a function follows its files', () => {
  test('its own, and those that it imports, without being asked to start again', async () => {
    await using dev = openModules('dev');
    dev.functionOf('export const words = "one"', { name: 'words.mjs' });
    const target = dev.functionOf('import { words } from "./words.mjs"; export const handler = () => words');
    expect(await dev.call(target)).toBe('one');
    dev.functionOf('export const words = "two"', { name: 'words.mjs' });
    await expect.poll(() => dev.call(target), { timeout: 5000 }).toBe('two');
    writeFileSync(target.path, 'export const handler = () => "three"');
    await expect.poll(() => dev.call(target), { timeout: 5000 }).toBe('three');
  });

  test('one that handles an event finishes it first', async () => {
    await using dev = openModules('dev');
    const source = (words: string, waits: number) => `export const handler = async () => {
      await new Promise((resolve) => setTimeout(resolve, ${waits}));
      return '${words}';
    }`;
    const target = dev.functionOf(source('ready', 0));
    expect(await dev.call(target)).toBe('ready');
    writeFileSync(target.path, source('old', 700));
    await expect.poll(() => dev.call(target), { timeout: 5000 }).toBe('old');
    const slow = dev.call(target);
    await sleep(200);
    writeFileSync(target.path, source('new', 0));
    expect(await slow).toBe('old');
    await expect.poll(() => dev.call(target), { timeout: 5000 }).toBe('new');
  });

  test('in production it stays what it was', async () => {
    const target = modules.functionOf('export const handler = () => "one"');
    expect(await modules.call(target)).toBe('one');
    writeFileSync(target.path, 'export const handler = () => "two"');
    await sleep(300);
    expect(await modules.call(target)).toBe('one');
  });
});

describe('processes end', () => {
  const PID = 'export const handler = () => process.pid';

  test('with the server that closes, also those that spin; who waits in line is not kept waiting', async () => {
    await using own = openModules();
    const pid = Number(await own.run(PID));
    const spinning = own.functionOf('export const handler = () => { for (;;); }');
    const began = performance.now();
    const calls = Array.from({ length: 12 }, () => own.call(spinning));
    await sleep(200);
    await own.close();
    expect(await Promise.all(calls)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'Runtime.ExitError' }),
        expect.objectContaining({ notInvoked: 'ServiceException' }),
      ]),
    );
    expect(performance.now() - began).toBeLessThan(PATIENT / 2);
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
    expect(await own.run(PID)).toMatchObject({ notInvoked: 'ServiceException' });
  });

  test('with what they started themselves', async () => {
    await using own = openModules();
    const pid = Number(
      await own.run(`import { spawn } from 'node:child_process';
        export const handler = () => spawn('sleep', ['600']).pid`),
    );
    expect(isAlive(pid)).toBe(true);
    await own.close();
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  test.each([
    ['that rests', `setInterval(() => {}, 1000); ${PID}`],
    ['that spins', `${PID}; setTimeout(() => { for (;;); }, 50)`],
  ])('with the server that is killed: one %s', async (_how, source) => {
    const { path } = modules.functionOf(source);
    const module = fileURLToPath(
      new URL('../../packages/server/src/domain/triggers/invokers/module.ts', import.meta.url),
    );
    const program = `const { createModuleInvoker } = await import(${JSON.stringify(module)});
      const modules = createModuleInvoker({ mode: 'production', env: () => process.env });
      const target = { kind: 'file', path: ${JSON.stringify(path)}, exportName: 'handler' };
      console.log(await modules.invoke(target, 'arn', '{}', ${PATIENT}));`;
    const server: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    await sleep(100);
    server.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
