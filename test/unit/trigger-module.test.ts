/** Functions in files: each event goes to a process that handles one at a time, as an environment of AWS Lambda does. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LARGEST_ANSWER } from '../../packages/server/src/domain/triggers/functions.ts';
import { ARN, openModules } from '../support/functions/module-functions.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

let modules: ReturnType<typeof openModules>;
beforeAll(() => {
  modules = openModules();
});
afterAll(() => modules[Symbol.asyncDispose]());

const run = (...given: Parameters<typeof modules.run>) => modules.run(...given);
const functionOf = (...given: Parameters<typeof modules.functionOf>) => modules.functionOf(...given);

describe.concurrent('a handler answers', () => {
  test.each([
    ['by a promise', 'export const handler = async (event) => ({ got: event.a })', { got: 1 }],
    ['by what it returns', 'export const handler = (event) => ({ got: event.a })', { got: 1 }],
    [
      'by its callback',
      'export const handler = (event, context, callback) => { setTimeout(callback, 1, null, { got: event.a }); }',
      { got: 1 },
    ],
    [
      'by its callback, whatever it returns besides',
      'export const handler = (event, context, callback) => { setTimeout(callback, 1, null, { got: event.a }); return 5; }',
      { got: 1 },
    ],
    [
      'by context.done, as the oldest do',
      'export const handler = (event, context) => { context.done(null, { got: event.a }); }',
      { got: 1 },
    ],
    [
      'by context.succeed',
      'export const handler = (event, context) => { context.succeed({ got: event.a }); }',
      { got: 1 },
    ],
    ['with null, when it returns nothing', 'export const handler = async () => {}', null],
    [
      'with null, when it returns nothing, calls nobody and has nothing left to do',
      'export const handler = (event, context, callback) => {}',
      null,
    ],
    [
      'with null, when its promise can never settle',
      'export const handler = () => new Promise(() => {})',
      null,
    ],
  ])('%s', async (_how, source, answer) => {
    expect(await run(source, { a: 1 })).toEqual(answer);
  });

  test('from TypeScript, from CommonJS and from another export', async () => {
    const event = { a: 2 };
    const typed = functionOf('export const handler = async (event: { a: number }) => ({ got: event.a });', {
      name: 'typed.ts',
    });
    expect(await modules.call(typed, event)).toEqual({ got: 2 });
    const common = functionOf(
      'exports.handler = async (event) => ({ got: event.a, here: __dirname.length > 0 });',
      {
        name: 'common.cjs',
      },
    );
    expect(await modules.call(common, event)).toEqual({ got: 2, here: true });
    const named = functionOf('export const other = async (event) => ({ got: event.a });', {
      exportName: 'other',
    });
    expect(await modules.call(named, event)).toEqual({ got: 2 });
  });

  test('and is told of its function and its time as Lambda tells it', async () => {
    const answer = await run(
      'export const handler = async (event, c) => ({ ...c, left: c.getRemainingTimeInMillis() })',
      {},
      10_000,
    );
    expect(answer).toMatchObject({
      functionName: 'my-function',
      invokedFunctionArn: ARN,
      functionVersion: '$LATEST',
      memoryLimitInMB: expect.any(String),
      awsRequestId: expect.stringMatching(new RegExp(`^${UUID}$`)),
      callbackWaitsForEmptyEventLoop: true,
    });
    expect((answer as { left: number }).left).toBeGreaterThan(1000);
    expect((answer as { left: number }).left).toBeLessThanOrEqual(10_000);
  });

  test('one event at a time in a process, and keeps what it remembers for the next', async () => {
    const target = functionOf(`
      let running = 0, handled = 0;
      export const handler = async () => {
        const others = running++;
        await new Promise((resolve) => setTimeout(resolve, 20));
        running--;
        return { others, handled: ++handled, pid: process.pid };
      };`);
    const call = async () => (await modules.call(target)) as { others: number; handled: number; pid: number };
    const answers = await Promise.all([call(), call(), call()]);
    expect(answers.map(({ others }) => others)).toEqual([0, 0, 0]);
    const again = await call();
    expect(answers.map(({ pid }) => pid)).toContain(again.pid);
    expect(again.handled).toBe(2);
  });

  test('as many events at a time as there may be processes; the others wait their turn', async () => {
    const target = functionOf(`export const handler = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return process.pid;
    };`);
    const call = () => modules.call(target);
    const processes = new Set(await Promise.all(Array.from({ length: 40 }, call)));
    expect(processes.size).toBeLessThanOrEqual(10);
    expect([...processes].every((pid) => typeof pid === 'number')).toBe(true);
  });
});

// The texts are those of the Lambda runtime for Node.js (aws-lambda-ric) and of the Lambda service.
describe.concurrent('a handler fails', () => {
  const exits = (how: string) => ({
    threw: expect.stringMatching(new RegExp(`^RequestId: ${UUID} Error: ${how}$`)),
    type: 'Runtime.ExitError',
  });
  test.each([
    [
      'by an error',
      `export const handler = async () => { throw Object.assign(new Error('No.'), { name: 'Mine' }); }`,
      { threw: 'No.', type: 'Mine' },
    ],
    [
      'by its callback',
      `export const handler = (e, c, cb) => cb(new TypeError('No.'))`,
      { threw: 'No.', type: 'TypeError' },
    ],
    ['by a text', `export const handler = (e, c, cb) => cb('No.')`, { threw: 'No.', type: 'string' }],
    [
      'by context.fail',
      `export const handler = (e, c) => c.fail(new Error('No.'))`,
      { threw: 'No.', type: 'Error' },
    ],
    [
      'by no error',
      'export const handler = async () => { throw undefined; }',
      { threw: 'undefined', type: 'undefined' },
    ],
    [
      'by any object',
      'export const handler = async () => { throw { a: 1 }; }',
      { threw: '[object Object]', type: 'object' },
    ],
    [
      'by an error that throws when it is looked at',
      `export const handler = async () => { throw new Proxy({}, { get() { throw 1; } }); }`,
      { threw: expect.stringMatching(/^callback called with Error argument/), type: 'handled' },
    ],
    [
      'by an error type that is none',
      `export const handler = async () => { throw Object.assign(new Error('No.'), { name: 'a b' + String.fromCharCode(10) }); }`,
      { threw: 'No.', type: 'Error' },
    ],
    [
      'outside of its promise',
      `export const handler = () => new Promise(() => setTimeout(() => { throw new Error('Later.'); }, 1))`,
      { threw: 'Later.', type: 'Error' },
    ],
    [
      'by a promise that nobody waits for',
      `export const handler = () => new Promise(() => setTimeout(() => { Promise.reject(new Error('Lost.')); }, 1))`,
      { threw: 'Lost.', type: 'Runtime.UnhandledPromiseRejection' },
    ],
    [
      'by what is no JSON',
      'export const handler = async () => { const a = {}; a.a = a; return a; }',
      { threw: 'Unable to stringify response body', type: 'Runtime.JSONStringifyError' },
    ],
    [
      'by an answer that is too large',
      `export const handler = async () => 'x'.repeat(${LARGEST_ANSWER})`,
      {
        threw: `Response payload size exceeded maximum allowed payload size (${LARGEST_ANSWER} bytes).`,
        type: 'Function.ResponseSizeTooLarge',
      },
    ],
    [
      'by exiting',
      'export const handler = () => process.exit(3)',
      exits('Runtime exited with error: exit status 3'),
    ],
    [
      'by exiting as if all were well',
      'export const handler = () => process.exit(0)',
      exits('Runtime exited without providing a reason'),
    ],
    [
      'by crashing',
      `export const handler = () => { process.kill(process.pid, 'SIGSEGV'); return new Promise((r) => setTimeout(r, 10_000)); }`,
      exits('Runtime exited with error: signal: segmentation fault'),
    ],
    [
      'by a module that is not there',
      `import './missing.mjs'; export const handler = () => 1`,
      { threw: expect.stringMatching(/^Error: Cannot find module/), type: 'Runtime.ImportModuleError' },
    ],
    [
      'by a module that is no JavaScript',
      'export const handler = ;',
      { threw: "SyntaxError: Unexpected token ';'", type: 'Runtime.UserCodeSyntaxError' },
    ],
    [
      'by a module that throws',
      `throw new RangeError('Not today.'); export const handler = () => 1`,
      { threw: 'RangeError: Not today.', type: 'Runtime.ImportModuleError' },
    ],
    [
      'by not being there',
      'export const handle = () => 1',
      { threw: expect.stringMatching(/exports no function handler$/), type: 'Runtime.HandlerNotFound' },
    ],
  ])('%s', async (_how, source, told) => {
    expect(await run(source)).toEqual(told);
  });

  test.each([
    ['by waiting', 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000))'],
    ['by spinning', 'export const handler = () => { for (;;); }'],
    ['by spinning while it is loaded', 'for (;;); export const handler = () => 1'],
  ])('to answer in time, %s', async (_how, source) => {
    const began = performance.now();
    expect(await run(source, {}, 400)).toEqual({
      notInvoked: 'Socket timeout while invoking Lambda function',
      passing: true,
    });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('and a later event finds it as if it had not', async () => {
    const target = functionOf(`export const handler = async (event) => {
      if (event.exit) process.exit(1);
      if (event.hang) for (;;);
      return 'fine';
    }`);
    const call = (event: object, patience?: number) => modules.call(target, event, patience);
    expect(await call({ exit: true })).toMatchObject({ type: 'Runtime.ExitError' });
    expect(await call({})).toBe('fine');
    expect(await call({ hang: true }, 400)).toMatchObject({ passing: true });
    expect(await call({})).toBe('fine');
  });

  test('to load, and is tried afresh with the next event', async () => {
    const target = functionOf('export const handler = ;');
    const call = () => modules.call(target);
    expect(await call()).toMatchObject({ type: 'Runtime.UserCodeSyntaxError' });
    writeFileSync(target.path, 'export const handler = () => 7');
    expect(await call()).toBe(7);
  });
});

test('who has no turn in time is told that there are too many', async () => {
  const target = functionOf(
    'export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000))',
  );
  const hanging = Array.from({ length: 10 }, () => modules.call(target, {}, 1500));
  expect(await modules.call(target, {}, 100)).toEqual({
    notInvoked: 'TooManyRequestsException',
    passing: false,
  });
  await Promise.all(hanging);
});
